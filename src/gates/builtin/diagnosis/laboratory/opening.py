"""Opening: the laboratory of this machine for one project, with all that its trials need, and gone without a trace."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

import gates
from gates.builtin.diagnosis.laboratory import command, imports, surroundings, template
from gates.builtin.diagnosis.laboratory.checkout import Checkout
from gates.builtin.diagnosis.laboratory.equipment import Equipment
from gates.builtin.diagnosis.laboratory.journal import Journal
from gates.builtin.diagnosis.laboratory.local import Local, Observer
from gates.builtin.diagnosis.laboratory.means import Means
from gates.builtin.diagnosis.laboratory.running import Bench
from gates.process import child
from gates.process.installation import install_command
from gates.process.interpreter import Interpreter
from gates.project import workspace
from gates.project.facts import Project

PACKAGE = "vltair_trial"
CHILD = Path(__file__).parent.parent / "child"
MACHINE = "time-machine"


@contextmanager
def opened(
    project: Project,
    interpreter: Interpreter,
    *,
    environ: Mapping[str, str],
    state: Path,
    scratch: Path | None = None,
    jobs: int = 1,
    deadline: float | None = None,
    args: Sequence[str] = (),
    observer: Observer | None = None,
) -> Iterator[Local]:
    """The laboratory of this machine for a project; all that it made is gone when the block ends.

    `deadline` is a moment of the monotonic clock, `args` are arguments of pytest that choose the suite, `state` is the
    folder in which results are kept for a diagnosis that is stopped, by an exception or for want of time.

    Raises:
        ProjectError: the project cannot be copied.
    """
    with workspace.folder(scratch) as place:
        pristine = template.made(project, place / "template")
        (place / "means").mkdir()
        package = _packaged(place / "child", interpreter, environ)
        neutral = surroundings.neutral(environ)
        path = neutral.pop("PYTHONPATH", "")
        asking = {**neutral, "PYTHONDONTWRITEBYTECODE": "1"}
        found = imports.found(project, interpreter, {**asking, "PYTHONPATH": path}, place / "means")
        equipment = Equipment(
            python=interpreter.path,
            root=project.root,
            suite=command.suite(project, args),
            environ=neutral,
            home=environ.get("HOME"),
            pythonpath=path,
            package=package,
            imports=found,
            means=Means(interpreter.path, asking, place / "means", install_command(project.root, interpreter, MACHINE)),
        )
        led = {**asking, "PYTHONPATH": found.path(pristine.root, (), project.root, path)}
        note = imports.astray(found, interpreter, led, pristine.root, place / "means")
        equipment.compiled.mkdir()
        benches = []
        for number in range(max(1, jobs)):
            bench = place / str(number)
            bench.mkdir(mode=0o755)
            benches.append(Bench(equipment, Checkout(pristine, bench), bench))
        key = _key(pristine.digest, interpreter, args)
        local = Local(
            equipment,
            benches,
            Journal(state, key),
            notes=(note,) if note else (),
            deadline=deadline,
            observer=observer,
        )
        yield local
        # Whoever is interrupted does not come here: what was run is there for the next time.
        local.finished()


def _packaged(place: Path, interpreter: Interpreter, environ: Mapping[str, str]) -> Path:
    """A folder with the child's package, compiled for every level of optimisation: no run compiles it again."""
    shutil.copytree(CHILD, place / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    argv = [str(interpreter.path), "-I", "-S", "-m", "compileall", "-q", "-o", "0", "-o", "1", "-o", "2", str(place)]
    child.run(argv, cwd=place, env=child.environment(environ), limits=child.Limits(wall=60))
    return place


def _key(tree: str, interpreter: Interpreter, args: Sequence[str]) -> str:
    said = [tree, interpreter.digest, str(interpreter.path), gates.__version__, *args]
    said += [hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(CHILD.rglob("*.py"))]
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()
