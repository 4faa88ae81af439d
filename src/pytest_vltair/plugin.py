"""What pytest loads of this plugin: its hooks and fixtures, which are found as attributes of this module.

pytest reads the byte code of a plugin's own module in small bites, at fifteen times what Python takes for any other. So
there is nothing here, and what is imported is found by Python's own finder, as it would be without pytest.
"""

# ruff: noqa: F401 - pytest uses them
import sys
from importlib.machinery import PathFinder

sys.meta_path.insert(0, PathFinder)
try:
    from pytest_vltair.fixtures import (
        vltair_clock,
        vltair_coverage,
        vltair_locale,
        vltair_np_rng,
        vltair_rng,
        vltair_seed,
        vltair_timezone,
    )
    from pytest_vltair.hooks import (
        pytest_addhooks,
        pytest_addoption,
        pytest_cmdline_main,
        pytest_collection_modifyitems,
        pytest_configure,
        pytest_generate_tests,
        pytest_load_initial_conftests,
        pytest_make_collect_report,
        pytest_report_header,
        pytest_sessionstart,
        pytest_terminal_summary,
    )
    from pytest_vltair.unused import pytest_sessionfinish
finally:
    sys.meta_path.remove(PathFinder)
