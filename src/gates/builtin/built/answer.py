"""Answer: what a hook returned and left behind, or one sentence for why that is no artifact."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gates.builtin.built.artifact import Artifact, Kind
from gates.model.reason import Reason, ReasonCode

if TYPE_CHECKING:
    from gates.builtin.built.system import System
    from gates.model.gate import Context
    from gates.process.child import Completed

BY_HAND = "python -m build"
SUFFIXES: dict[Kind, str] = {"wheel": ".whl", "sdist": ".tar.gz"}
ARTIFACTS = (".whl", ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".zip", ".egg")
PLURAL: dict[Kind, str] = {"wheel": "wheels", "sdist": "source distributions"}

LENGTH = 400
"""Characters of what a backend says that a message repeats."""

TRACEBACK = "Traceback (most recent call last):"
_ERROR = re.compile(r"[^\W\d][\w.]*(:( .*)?)?")
_MARKED = re.compile(r"(?i)\s*(fatal )?error: \S")


def artifact(returned: Any, out: Path, kind: Kind, hook: str, context: Context[Any]) -> Artifact | Reason:
    """The one artifact in `out`, which must be what the hook returned."""
    wrong = _wrong(returned, out, kind, context)
    if wrong:
        return _bad(f"{hook} {wrong}")
    name = told(context, _shown(returned))
    path = out / returned
    if path.is_symlink() or not path.is_file():
        return _bad(f"{hook} returned {name}, and left no file of this name", "evidence_missing")
    size = path.stat().st_size
    if size == 0:
        return _bad(f"{hook} left {name} empty", "evidence_missing")
    return Artifact(kind=kind, path=path, sha256=_digest(path), size=size)


def _wrong(returned: Any, out: Path, kind: Kind, context: Context[Any]) -> str:
    """What is wrong with the name that a hook returned, or with the number of artifacts that it left, or ""."""
    name = told(context, _shown(returned))
    if not isinstance(returned, str) or not returned:
        return f"returned {name}, and not the name of a file"
    if Path(returned).name != returned or "\\" in returned:
        return f"returned {name}, and a name without folders was due"
    if not returned.endswith(SUFFIXES[kind]):
        return f"returned {name}, and a name that ends with {SUFFIXES[kind]} was due"
    left = sorted(one.name for one in out.iterdir() if one.name.endswith(ARTIFACTS))
    if len(left) < 2:
        return ""
    number = {2: "two", 3: "three"}.get(len(left), str(len(left)))
    same = all(one.endswith(SUFFIXES[kind]) for one in left)
    return f"left {number} {PLURAL[kind] if same else 'artifacts'}: {told(context, _shortened(', '.join(left)))}"


def ended(run: Completed, system: System, hook: str, seconds: float, context: Context[Any]) -> Reason:
    """Why a hook's process came to another end than its own, or to that with an error."""
    from gates.process.failure import CODES

    if run.status == "TIMEOUT":
        message = f"{hook} did not come to an end within {seconds:g} seconds"
        return Reason(code="timeout", message=message, fix="look for what hangs, or raise `build-timeout`")
    if run.status in CODES:
        return Reason(
            code=CODES[run.status],
            message=f"{hook} did not come to its end: {run.reason or run.status}",
            fix=f"{BY_HAND}, and look at what ends it",
        )
    said = told(context, last_error(run.errors) or last_error(run.text) or f"exit code {run.code} and no word")
    if re.fullmatch(rf"AttributeError: .* has no attribute '{hook}'(\..*)?", said):
        return Reason(
            code="tool_config_invalid",
            message=f"the build backend {system.backend} has no hook {hook}",
            fix="name another backend as build-backend in [build-system] of pyproject.toml",
        )
    return Reason(code="tool_crashed", message=f"{hook} failed: {said}", fix=BY_HAND)


def failed(system: System, hook: str, error: Exception, context: Context[Any]) -> Reason:
    """Why a hook's process that ended well has no answer: `error` is what the caller of hooks made of it."""
    import pyproject_hooks

    said = told(context, last_error(getattr(error, "traceback", None) or "") or "it gave no reason")
    if isinstance(error, pyproject_hooks.BackendUnavailable):
        return Reason(
            code="tool_config_invalid",
            message=f"the build backend {system.backend} cannot be imported: {said}",
            fix="name what it is in by `requires` of [build-system] in pyproject.toml, or mend build-backend",
        )
    if isinstance(error, pyproject_hooks.UnsupportedOperation):
        message = f"the build backend {system.backend} does not support {hook} here: {said}"
        return Reason(code="tool_crashed", message=message, fix=BY_HAND)
    what = "gave no answer" if isinstance(error, FileNotFoundError) else "gave an answer that cannot be read"
    return _bad(f"the process of {hook} ended and {what}")


def no_requirements(hook: str, returned: Any, context: Context[Any]) -> Reason:
    """Why what a hook returned is no list of requirements."""
    return _bad(f"{hook} returned {told(context, _shown(returned))}, and not a list of requirements")


def last_error(text: str) -> str:
    """The line that says what went wrong: the error of the last traceback, else the last line; "" for none."""
    lines = [line.rstrip() for line in text.splitlines() if line.strip()]
    if not lines:
        return ""
    starts = [number for number, line in enumerate(lines) if line.strip() == TRACEBACK]
    after = lines[starts[-1] + 1 :] if starts else []
    found = next((number for number, line in enumerate(after) if _ERROR.fullmatch(line)), None)
    if found is None:
        # What distutils and their like print without a traceback; advice may follow on more lines.
        marked = (line.strip() for line in reversed(lines) if _MARKED.match(line))
        return _shortened(next(marked, lines[-1].strip()))
    said = after[found]
    # An error whose text begins on the next line says nothing on its own.
    more = after[found + 1].strip() if said.endswith(":") and found + 1 < len(after) else ""
    return _shortened(f"{said} {more}".strip())


def told(context: Context[Any], text: str) -> str:
    """`text` as evidence may hold it: without secrets, and without the folders that are new in each run."""
    scratch = re.escape(str(context.scratch)) + r"(?:[/\\\\]vltair-\d+-\d+)*"
    plain = re.sub(scratch, "$SCRATCH", text)
    return context.redact(plain.replace(str(context.project.root), "."))


def _bad(message: str, code: ReasonCode = "unparsable_output") -> Reason:
    return Reason(code=code, message=message, fix=BY_HAND)


def _shown(value: Any) -> str:
    return _shortened(value if isinstance(value, str) and value.isprintable() and value else repr(value))


def _shortened(text: str) -> str:
    return text if len(text) <= LENGTH else f"{text[:LENGTH]}..."


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
