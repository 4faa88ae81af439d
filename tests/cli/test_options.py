from __future__ import annotations

from pathlib import Path

import pytest

from gates.cli import options
from gates.engine.observer import Silent
from support.projects import write_project


def test_base_and_offline_reach_the_request_from_flag_environment_and_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_project(tmp_path, {"gates.toml": "base = 'file'\noffline = true\noutput-format = 'json'\n"})
    not_given = options.configurable({"base": None, "offline": False, "select": None})
    prepared = options.prepare(str(tmp_path), not_given)
    request = options.request(prepared, Silent())
    assert (request.base, request.offline, prepared.config.output_format) == ("file", True, "json")
    monkeypatch.setenv("GATES_BASE", "environment")
    monkeypatch.setenv("GATES_OFFLINE", "0")
    prepared = options.prepare(str(tmp_path), not_given)
    request = options.request(prepared, Silent())
    assert (request.base, request.offline) == ("environment", False)
    prepared = options.prepare(str(tmp_path), options.configurable({"base": "flag", "offline": True}))
    request = options.request(prepared, Silent())
    assert (request.base, request.offline) == ("flag", True)
