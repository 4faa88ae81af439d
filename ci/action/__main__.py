"""The action's own logic: `plan`, `install` and `gates`, each a step of action.yml; the standard library alone."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whatever Python a runner has on its path
    found = ".".join(map(str, sys.version_info[:2]))
    needed = "Python 3.11 or newer is needed, and the path has " + found
    sys.stdout.write("::error title=gates: undecided::" + needed + "; set the input python-version\n")
    sys.exit(3)

from step import main

sys.exit(main(sys.argv[1:], dict(os.environ)))
