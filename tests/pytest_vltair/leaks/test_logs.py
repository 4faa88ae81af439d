"""Logs: which loggers are looked at."""

from __future__ import annotations

import logging

from pytest_vltair.leaks.logs import Logs


def test_a_logger_that_was_a_placeholder_is_looked_at() -> None:
    logging.getLogger("vltair_test.above.below")
    probe = Logs()
    known = probe.look()
    assert not probe.changed(known)
    logger = logging.getLogger("vltair_test.above")
    logger.setLevel(logging.DEBUG)
    try:
        assert probe.changed(known)
        assert {str(key) for key in probe.look().keys() - known.keys()} == {"vltair_test.above"}
    finally:
        logger.setLevel(logging.NOTSET)
