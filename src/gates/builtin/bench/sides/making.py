"""Sides: folders in which benchmarks of head run, one with the product of base, one of head, one of base again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from gates.builtin.bench.sides import siblings, submodules, trees
from gates.builtin.bench.sides.maker import BASE, Maker
from gates.builtin.bench.sides.side import Side, Sides, strays
from gates.builtin.bench.sides.trees import Trees
from gates.errors import GatesError
from gates.model.evidence import Refusal, refuse
from gates.model.reason import Reason
from gates.project import workspace

if TYPE_CHECKING:
    from gates.model.gate import Context

__all__ = ["Side", "Sides", "made", "strays"]


@contextmanager
def made(context: Context[Any], base: str | None, *, itself: bool = False) -> Iterator[Sides | Refusal]:
    """The sides for a comparison with the commit `base`, or head alone with None; gone when the block ends.

    With `itself` base is the work tree as well, to see what is found where there is nothing to find.
    A refusal says why a side cannot be made, or would not import its own product.
    """
    with ExitStack() as stack:
        try:
            answer = _made(context, base, stack, itself=itself)
        except GatesError as error:
            answer = refuse("unreadable", f"the sides cannot be made: {error}", "git status")
        except OSError as error:
            shown = error.filename or "a folder"
            message = f"the sides cannot be made: {shown}: {error.strerror or error}"
            answer = refuse("unreadable", message, f"ls -ld {shown}")
        yield answer


def _made(context: Context[Any], base: str | None, stack: ExitStack, *, itself: bool) -> Sides | Refusal:
    python, repository = context.python, context.project.git
    if isinstance(python, Refusal):
        return python
    original, notes = context.project, tuple[str, ...]()
    if itself:
        original = trees.project_at(stack.enter_context(workspace.copy(context.project, context.scratch)), original)
    elif base is not None and repository is not None:
        root = stack.enter_context(workspace.worktree(repository, base, context.scratch))
        if not root.is_dir():
            where = repository.prefix.rstrip("/")
            return refuse("no_base", f"base {base[:10]} has no folder {where}", BASE)
        notes = submodules.fill(repository, base, root) + siblings.notes(repository, base, python.site)
        original = trees.project_at(root, context.project)
    both = Trees(head=context.project, original=original, paths=tuple(context.settings.paths))
    place = stack.enter_context(workspace.folder(context.scratch))
    answer = Maker(context=context, python=python, both=both, place=place, notes=notes).sides()
    return Refusal(answer) if isinstance(answer, Reason) else answer
