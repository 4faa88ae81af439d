"""Judge: run the command of gates that was asked for, and tell the runner what came of it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import child
import held
import proving
import talk
import told
from inputs import Inputs
from refusal import Refused

PROBE = "import gates, gates.render.formats as formats; print(gates.__version__, *formats.names())"
SUMMED = ("json", "markdown", "github", "sarif", "html")
PARTS = ".gates/parts"


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a command ended, and the files that it wrote, by the name of the output."""

    code: int
    verdict: str
    files: Mapping[str, Path]


class Judging:
    """One run of gates in an environment that is held still."""

    def __init__(self, inputs: Inputs, environ: Mapping[str, str]) -> None:
        self.inputs = inputs
        self.channels = environ
        self.python = Path(environ.get("ACTION_PYTHON") or sys.executable)
        self.held = held.variables(inputs.root, environ)
        self.environ = {**_active(self.python, child.environment(environ)), **self.held}
        self.folder = Path(tempfile.mkdtemp(prefix="gates-", dir=inputs.temporary))
        self.since = datetime.now(UTC)
        self.commit = child.git(inputs.root, "rev-parse", "HEAD", environ=environ)

    def judge(self) -> Result:
        """Run it, and believe what it wrote.

        Raises:
            Refused: gates is not there, or what it wrote is not to be believed.
        """
        formats = self._formats()
        talk.say("held: " + " ".join(f"{name}={value}" for name, value in self.held.items()))
        if self.inputs.command in {"check", "merge"}:
            return self._checked(formats)
        if self.inputs.command == "prove":
            return self._proved()
        if self.inputs.command == "collect":
            return self._collected()
        return self._attested()

    def _formats(self) -> tuple[str, ...]:
        argv = [str(self.python), "-P", "-c", PROBE]
        try:
            done = subprocess.run(
                argv, env=self.environ, cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
        except OSError as error:
            raise Refused(f"the interpreter that judges cannot be started: {error.strerror or error}") from error
        words = done.stdout.decode("utf-8", "replace").split()
        if done.returncode != 0 or not words:
            last = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
            raise Refused(
                f"gates cannot be imported by {self.python.name}: {last}",
                "install pytest-vltair in an earlier step, or leave install at auto",
            )
        talk.say(f"gates {words[0]}")
        return tuple(words[1:])

    def _run(self, *words: str, signing: bool = False) -> int:
        """The exit code of a command; only one that signs is given the job's identity."""
        argv = [str(self.python), "-P", "-m", "gates", *words]
        identity = {name: self.channels[name] for name in child.IDENTITY if signing and name in self.channels}
        with talk.deaf():
            return child.run(argv, self.inputs.workspace, {**self.environ, **identity})

    def _expected(self, code: int) -> told.Expected:
        return told.Expected(exit_code=code, commit=self.commit, since=self.since)

    def _checked(self, formats: tuple[str, ...]) -> Result:
        files = {name: self.folder / f"report.{name}" for name in SUMMED if name in formats}
        wanted = [f"--output-file={name}={path}" for name, path in files.items()]
        base = [f"--base={self.inputs.base}"] if self.inputs.base and self.inputs.command == "check" else []
        code = self._run(
            self.inputs.command, f"--project={self.inputs.project}", "--output-format=full", *base, *wanted,
            *self.inputs.args,
        )  # fmt: skip
        report = told.report(files["json"], self._expected(code))
        for name, path in files.items():
            if not path.is_file() or path.stat().st_size == 0:
                raise Refused(f"gates ended with {code} and wrote no {name}", "see the log of this step")
        written = {"report": files["json"], "sarif": files["sarif"]}
        if "html" in files:
            written["html"] = files["html"]
        if self.inputs.command == "check" and any(map(_is_own_sbom, report["gates"])):
            written |= self._sbom(code)
        talk.relay(files["github"].read_text("utf-8", "replace"))
        if self.inputs.summary:
            talk.summary(self.channels, files["markdown"].read_text("utf-8", "replace"))
        return Result(code=code, verdict=_verdict(str(report["verdict"]), code), files=written)

    def _sbom(self, judged: int) -> dict[str, Path]:
        """The document of what the project depends on, which a run that was not green may lack."""
        path = self.folder / "sbom.cdx.json"
        code = self._run("sbom", f"--project={self.inputs.project}", f"--output-file=cyclonedx={path}")
        if code in {0, 1} and path.is_file() and path.stat().st_size:
            return {"sbom": path}
        if judged == 0:
            raise Refused(f"gates sbom ended with {code} and wrote no document", "see the log of this step")
        return {}

    def _proved(self) -> Result:
        path = self.folder / "proof.json"
        argv = [str(self.python), "-P", "-m", "gates", "prove", f"--project={self.inputs.project}"]
        argv += ["--output-format=json", *self.inputs.args]
        with talk.deaf(), path.open("wb") as file:
            code = subprocess.run(
                argv, cwd=self.inputs.workspace, env=self.environ, stdin=subprocess.DEVNULL, stdout=file, check=False
            ).returncode
        report = told.report(path, self._expected(code))
        proving.annotate(report)
        if self.inputs.summary:
            talk.summary(self.channels, proving.summary(report))
        return Result(code=code, verdict=_verdict(str(report["verdict"]), code), files={"report": path})

    def _collected(self) -> Result:
        folder = Path(_after(self.inputs.args, "--output") or self.inputs.root / PARTS)
        place = folder if folder.is_absolute() else self.inputs.workspace / folder
        before = _written(place)
        named = () if _after(self.inputs.args, "--output") else (f"--output={place}",)
        code = self._run("collect", f"--project={self.inputs.project}", *self.inputs.args, *named)
        if code == 0 and _written(place) <= before:
            raise Refused("gates collect ended with 0 and wrote no evidence", "see the log of this step")
        return Result(code=code, verdict="undecided", files={"report": place})

    def _attested(self) -> Result:
        """An SBOM beside the artifacts, then statements of who built them, signed."""
        words, dist = _split(self.inputs.args)
        place = self.inputs.workspace / self.inputs.project / dist
        sbom, statement = place / "sbom.cdx.json", place / "provenance.intoto.jsonl"
        if not place.is_dir():
            raise Refused(f"there is no folder {dist} with what was built", "python -m build")
        statement.unlink(missing_ok=True)
        project = f"--project={self.inputs.project}"
        code = self._run("sbom", project, f"--output-file=cyclonedx={sbom}")
        if code == 0:
            named = (str(place), project, f"--byproduct={sbom}", f"--output={statement}")
            code = self._run("provenance", "attest", *named, *words, signing=True)
        if code == 0 and "--dry-run" not in words and not (statement.is_file() and statement.stat().st_size):
            raise Refused("gates provenance ended with 0 and wrote no statement", "see the log of this step")
        files = {name: path for name, path in (("sbom", sbom), ("provenance", statement)) if path.is_file()}
        verdict = {0: "passed", 1: "failed"}.get(code, "undecided")
        if self.inputs.summary:
            talk.summary(self.channels, f"## gates provenance: {verdict}\n")
        if code != 0:
            talk.annotate("error", "gates provenance", f"{verdict}: exit code {code}; the log of this step says why")
        return Result(code=code, verdict=verdict, files=files)


def _is_own_sbom(gate: Mapping[str, Any]) -> bool:
    """Whether a gate is `sbom` of the project itself, and not of a member of its workspace."""
    return gate.get("name") == "sbom" and gate.get("project", ".") in {"", "."}


def _written(folder: Path) -> set[tuple[str, int]]:
    """The files of a folder that are not empty, with the moment of their last change."""
    found = (one for one in folder.rglob("*") if one.is_file())
    return {(str(one), status.st_mtime_ns) for one in found if (status := one.stat()).st_size}


def _active(python: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """The environment with that of `python` as the active one, so that it is the one which is judged."""
    if not (python.parent.parent / "pyvenv.cfg").is_file():
        return dict(environ)
    path = os.pathsep.join((str(python.parent), environ.get("PATH", "")))
    held_back = {name: value for name, value in environ.items() if name not in {"CONDA_PREFIX", "PYTHONHOME"}}
    return {**held_back, "VIRTUAL_ENV": str(python.parent.parent), "PATH": path}


def _verdict(said: str, code: int) -> str:
    return "undecided" if said == "passed" and code != 0 else said


def _after(words: tuple[str, ...], name: str) -> str | None:
    """The value of an option among words."""
    for index, word in enumerate(words):
        if word == name and index + 1 < len(words):
            return words[index + 1]
        if word.startswith(f"{name}="):
            return word.partition("=")[2]
    return None


def _split(words: tuple[str, ...]) -> tuple[tuple[str, ...], str]:
    """The words for `gates provenance`, and the folder of artifacts that may come first."""
    if words and not words[0].startswith("-"):
        return words[1:], words[0]
    return words, "dist"
