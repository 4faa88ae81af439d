"""The encoding of text files: reported and demanded, since it cannot be changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_vltair.fixed.encoding import Encoding
from support.factors import make
from support.recordings import PLAIN

OPENED = "def test_it(tmp_path): assert (tmp_path / 'a').open('w').encoding.lower().replace('_', '-') == {!r}"


@pytest.mark.parametrize(
    ("environment", "options", "error"),
    [
        ({"PYTHONUTF8": "1", "LC_ALL": "tr_TR.ISO-8859-9"}, ["-ovltair_encoding=UTF8"], None),
        ({"LC_ALL": "C.UTF-8"}, ["-ovltair_encoding=utf-8"], None),
        ({"LC_ALL": "tr_TR.ISO-8859-9"}, ["-ovltair_encoding=utf-8", "--vltair-locale=C.UTF-8"], None),
        (
            {"LC_ALL": "C.UTF-8"},
            ["-ovltair_encoding=utf-8", "--vltair-locale=tr_TR.ISO-8859-9"],
            "'utf-8' is not what text files are opened with here, which is iso8859-9: set PYTHONUTF8=1, or",
        ),
        (
            {"PYTHONUTF8": "1"},
            ["-ovltair_encoding=latin-1"],
            "'latin-1' is not what text files are opened with here, which is utf-8: start Python with PYTHONUTF8=0, or",
        ),
    ],
)
@pytest.mark.usefixtures("turkish")
def test_what_files_are_opened_with(
    environment: dict[str, str],
    options: list[str],
    error: str | None,
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PYTHONUTF8", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    Path("test_it.py").write_text(OPENED.format("utf-8"), "utf-8")
    result = pytester.runpytest_subprocess(*PLAIN, "-p", "no:cacheprovider", *options)
    if error is None:
        result.assert_outcomes(passed=1)
        result.stdout.fnmatch_lines(["vltair: off: *encoding utf-8; repeat with: *"])
    else:
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        assert f"ERROR: -o: vltair_encoding = {error} choose a locale that has it" in result.stderr.lines


def test_what_is_no_encoding() -> None:
    with pytest.raises(pytest.UsageError, match="'utf-88' is no encoding that Python knows: write one such as utf-8"):
        make(Encoding, "utf-88")
