"""The gate `packaging` keeps the contract of every gate."""

from gates.builtin.packaging.gate import PackagingGate
from gates.testing import contract
from support.packaging_projects import GREETING

test_packaging = contract.suite(PackagingGate, GREETING)
