"""Network: denied where the kernel lets us, with the loopback left; refused, and never ignored, elsewhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gates.process import loopback, network
from gates.process.child import Completed, Limits, environment, run
from support.children import python

DENIED = Limits(wall=30.0, network=False)


@pytest.fixture(autouse=True)
def _forget_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep one test's answer from being another's."""
    monkeypatch.setattr(network, "_answers", {})


def possible(tmp_path: Path) -> None:
    done = python("pass", cwd=tmp_path, limits=DENIED)
    if done.status == "SANDBOX_DENIED":
        pytest.skip(done.reason)


@pytest.mark.requirement("PRC-7")
def test_nothing_but_the_loopback_answers(tmp_path: Path) -> None:
    possible(tmp_path)
    code = """
        import os, socket
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), 5).close()
        print([name for _, name in socket.if_nameindex()], os.getuid())
        socket.create_connection(("192.0.2.1", 80), 5)
    """
    done = python(code, cwd=tmp_path, limits=DENIED)
    assert done.text == f"['lo'] {os.getuid()}\n"
    assert (done.status, done.code) == ("FAILED", 1)
    assert "unreachable" in done.errors
    assert next(one for one in done.enforced if one.limit == "network").applied


def test_the_network_is_there_without_the_denial(tmp_path: Path) -> None:
    names = "import socket; print([name for _, name in socket.if_nameindex()])"
    here = subprocess.run([sys.executable, "-c", names], capture_output=True, text=True, check=True)
    assert python(names, cwd=tmp_path).text == here.stdout


def test_command_and_environment_are_the_callers_own(tmp_path: Path) -> None:
    possible(tmp_path)
    code = "import os, sys; print(sys.argv[1:], os.environ['MARK'], os.getcwd())"
    done = run(
        [sys.executable, "-c", code, "--", "-x", "a b"],
        cwd=tmp_path,
        env=environment(os.environ, {"MARK": "here"}),
        limits=DENIED,
    )
    assert done.text == f"['--', '-x', 'a b'] here {tmp_path}\n"
    assert done.argv[0] == sys.executable


def test_code_125_of_the_command_itself_is_no_refusal(tmp_path: Path) -> None:
    possible(tmp_path)
    assert python("import sys; sys.exit(125)", cwd=tmp_path, limits=DENIED).status == "FAILED"


def test_missing_program_is_still_missing(tmp_path: Path) -> None:
    done = run(["no-such-program-7f3a"], cwd=tmp_path, env=environment(os.environ), limits=DENIED)
    assert done.status == "NOT_INSTALLED"


@pytest.mark.requirement("PRC-7")
@pytest.mark.parametrize(("required", "status"), [(False, "SANDBOX_DENIED"), (True, "INTERNAL_ERROR")])
def test_where_it_cannot_be_denied_nothing_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, required: bool, status: str
) -> None:
    monkeypatch.setattr(network, "_answers", {sys.platform: "the kernel refuses"})
    limits = Limits(network=False, required=frozenset({"network"} if required else set()))
    done = python("open('ran', 'w')", cwd=tmp_path, limits=limits)
    assert (done.status, done.code) == (status, None)
    assert done.reason.startswith("limit_not_applied: ")
    assert not (tmp_path / "ran").exists()


def test_another_platform_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")

    def never(argv: object) -> Completed:
        raise AssertionError

    assert network.obstacle(never) == "no way to deny the network to a child is known on darwin"


def test_the_answer_is_found_once() -> None:
    asked: list[object] = []

    def attempt(argv: object) -> Completed:
        asked.append(argv)
        return Completed(argv=(), status="OK", code=0, reason="", stdout=b"a route leads out\n")

    expected = "a child in a network namespace of its own did not work: a route leads out"
    assert [network.obstacle(attempt), network.obstacle(attempt)] == [expected, expected]
    assert len(asked) == 1


def test_refusal_after_the_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The kernel allowed it once and refuses now (a limit on namespaces): the launcher's word decides.
    monkeypatch.setattr(network, "_answers", {sys.platform: ""})
    refusing = tmp_path / "refusing.py"
    refusing.write_text(f"import os, sys\nsys.stderr.write({loopback.MARK!r} + 'No space left\\n')\nos._exit(125)\n")
    monkeypatch.setattr(network, "launcher", lambda: (sys.executable, "-I", "-S", str(refusing)))
    done = python("open('ran', 'w')", cwd=tmp_path, limits=DENIED)
    assert (done.status, done.code) == ("SANDBOX_DENIED", 125)
    assert "No space left" in done.reason


def in_child(code: str, tmp_path: Path) -> Completed:
    return python(
        f"import sys; sys.path[:0] = sys.argv[1].split('|')\nfrom gates.process import loopback\n{code}",
        "|".join(sys.path),
        cwd=tmp_path,
    )


def test_launcher_says_what_was_refused(tmp_path: Path) -> None:
    code = "def no(): raise PermissionError(1, 'not here')\nloopback.enter = no\nloopback.main(['true'])"
    done = in_child(code, tmp_path)
    assert (done.code, done.errors) == (125, f"{loopback.MARK}[Errno 1] not here\n")
    assert network.refusal(done.stderr) == "the kernel refuses a network namespace: [Errno 1] not here"


def test_launcher_says_what_the_library_was_refused(tmp_path: Path) -> None:
    done = in_child("loopback._unshare(1)\n", tmp_path)
    assert done.status == "FAILED"
    assert "Invalid argument" in done.errors


@pytest.mark.unprivileged
def test_an_ordinary_user_is_denied_the_network_too(tmp_path: Path) -> None:
    possible(tmp_path)
    if os.geteuid() != 0:
        pytest.skip("the other tests ran without root's rights already")
    setpriv = shutil.which("setpriv")
    python3 = shutil.which("python3", path="/usr/bin")
    if setpriv is None or python3 is None:
        pytest.skip("no setpriv, or no Python that another user may read")
    script = tmp_path / "loopback.py"
    script.write_bytes(Path(loopback.__file__).read_bytes())
    for folder in (tmp_path, *tmp_path.parents):
        if folder.stat().st_uid == os.geteuid() and folder != Path("/"):
            folder.chmod(folder.stat().st_mode | 0o055)
    dropped = [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups"]
    isolated = [python3, "-I", "-S"]
    done = subprocess.run(
        [*dropped, *isolated, str(script), *isolated, "-c", network.PROBE],
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )
    if network.refusal(done.stderr.encode()):
        pytest.skip(done.stderr)
    assert (done.returncode, done.stdout) == (0, "denied\n")
