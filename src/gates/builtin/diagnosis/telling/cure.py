"""Cure: what mends a test, by its kind, its factor and the value that it flips under; in one or two sentences."""

from __future__ import annotations

from collections.abc import Mapping

from gates.builtin.diagnosis.causes import Cause
from gates.builtin.diagnosis.telling import words

CURES: Mapping[str, str] = {
    "timezone": (
        "Pass the zone where time is read or shown (`datetime.now(tz)`, `fromtimestamp(stamp, tz)`) and compare "
        'aware values; or name the zone that the test is about: `@pytest.mark.vltair_timezone("UTC")`.'
    ),
    "locale": (
        "Do not let the test read the locale of its machine; or name the one that it is about: "
        '`@pytest.mark.vltair_locale("C.UTF-8")`.'
    ),
    "clock": (
        "Hand the time to the code as an argument, or compare with a date made from today's; or fix it for this test: "
        '`@pytest.mark.vltair_clock("2026-01-15T12:00:00Z")`, or the fixture `vltair_clock`.'
    ),
    "hashseed": (
        "Sort what comes out of a set (`sorted(...)`) before it is shown or compared, or use a dict; "
        "do not use `hash()` of text for anything that is kept. PYTHONHASHSEED=0 only hides it."
    ),
    "rngseed": (
        "Draw from a generator with a seed of its own: the fixture `vltair_rng` (numpy: `vltair_np_rng`), or fix the "
        "global ones: `@pytest.mark.vltair_seed(1)`; do not expect more of random numbers than always holds."
    ),
    "network": (
        "Answer in place of the other machine: a server on 127.0.0.1, or a recorded answer. A test that is to reach it "
        'says so, and is not selected elsewhere: `@pytest.mark.vltair_network("example.org")`.'
    ),
    "directory": (
        "Start from where the file is (`Path(__file__).parent`) or from `tmp_path`, and not from the current directory "
        "or the name of the checkout; `monkeypatch.chdir(tmp_path)` pins it."
    ),
    "umask": (
        "Set the permissions that the test is about (`path.chmod(0o644)`), or compare them with the umask taken off; "
        "`vltair_umask = 022` in pytest's configuration pins it."
    ),
    "environment": (
        "Set or remove in the test what it reads: `monkeypatch.setenv(...)`, `monkeypatch.delenv(..., raising=False)`; "
        "`vltair_environment` in pytest's configuration names the variables that tests may see."
    ),
    "user": (
        "Skip the test where the user may do what it expects to be refused (`os.geteuid() == 0`); take HOME and the "
        "user's name from fixtures."
    ),
    "listing": (
        "Sort what `os.listdir`, `os.scandir`, `glob` or `iterdir` return (`sorted(...)`): a folder's order is that "
        "of its file system."
    ),
    "cpus": (
        "Give the number of workers as an argument and name it in the test: "
        '`monkeypatch.setattr(os, "cpu_count", lambda: 2)`.'
    ),
    "optimize": "Raise an exception in place of `assert` in code that is not a test: `python -O` drops assertions.",
    "load": (
        "Wait for what the test is about (an event, `join()`, polling with a generous limit), not for a time; compare "
        "no durations of a machine that others use too."
    ),
    "parallel": (
        "Give each test its own files, ports and names: `tmp_path`, port 0, `uuid4()`; tests that may not meet belong "
        'together: `@pytest.mark.xdist_group("name")`.'
    ),
    "repeat": (
        "Have the test put back what it changed (`monkeypatch`, a fixture with `yield`), or begin with its own state."
    ),
}
"""By factor."""
VALUES: Mapping[tuple[str, str], str] = {
    ("locale", "ASCII"): (
        'Name the encoding: `open(path, encoding="utf-8")`, `read_text("utf-8")`, `subprocess.run(..., '
        'encoding="utf-8")`; `vltair_encoding = utf-8` in pytest\'s configuration pins it for the whole run.'
    ),
    ("locale", "en_US.ISO-8859-1"): (
        'Name the encoding: `open(path, encoding="utf-8")`, `read_text("utf-8")`, `subprocess.run(..., '
        'encoding="utf-8")`; `vltair_encoding = utf-8` in pytest\'s configuration pins it for the whole run.'
    ),
    ("directory", "outside"): (
        "Start from where the file is (`Path(__file__).parent`), as the run may be started from another folder; "
        "`monkeypatch.chdir(...)`, or `vltair_directory = rootdir` in pytest's configuration, pins it."
    ),
    ("load", "busy"): (
        "Raise the limit of what is timed, or take the time out of the test: on a machine at work everything is slower."
    ),
}
"""By factor and value, where more is known."""
UNATTRIBUTED = (
    "Nothing that was varied explains it: look for threads, timings, addresses (`id()`), state outside of the project; "
    'until it is mended, `@pytest.mark.vltair_flaky("unattributed", until="...")` keeps the run green.'
)
POLLUTED = (
    "Have {who} put it back (`monkeypatch`, a fixture with `yield`), or let a fixture of this test set what it needs"
)
GUARD = "`pytest --vltair=guard` puts most of it back, and fails the test that left it with `--vltair-leaks=error`."


def of(cause: Cause) -> str:
    """The advice for one cause; of a pair that on each of both."""
    if cause.kind == "victim" and not _circumstances(cause):
        who = words.several(cause.culprits) if cause.culprits else "whichever test changes the state that they share"
        what = POLLUTED.format(who=who).replace(
            "put it back", f"put back {cause.shared}" if cause.shared else "put it back"
        )
        return f"{what}. {GUARD}"
    if cause.kind == "brittle":
        setters = words.several(cause.culprits or cause.before) or "other tests"
        return f"It builds on what {setters} left behind: make that state in a fixture that this test asks for."
    if cause.kind == "unattributed":
        return UNATTRIBUTED
    return " ".join(_of(name, cause.settings.get(name, "")) for name in cause.factors)


def _circumstances(cause: Cause) -> list[str]:
    return [name for name in cause.factors if name != "order"]


def _of(name: str, value: str) -> str:
    if name == "order":
        return f"Have the tests that run before put back what they change. {GUARD}"
    return VALUES.get((name, value)) or CURES[name]
