"""A project on disk from a dict of files: the public builder under the name that tests here use."""

from gates.testing.project import SAMPLE
from gates.testing.project import write as write_project

__all__ = ["SAMPLE", "write_project"]
