"""The contract: a good gate keeps it, and each way to be no gate breaks the clause that is about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gates.model.canary import Canary, Planted
from gates.model.decision import Decision
from gates.model.evidence import Facts
from gates.model.finding import finding
from gates.model.gate import Context, Inputs
from gates.model.measure import Denominator
from gates.model.reason import Reason
from gates.testing import commits, contract, project
from gates.testing.bench import Kind
from support import repositories
from support.sample_gates import TODO, Note, Notes, NotesFacts, made

FILES = {"pyproject.toml": "", "notes/a.txt": "first\n", "notes/b.txt": "second\n"}
CODE = TODO.code

OTHER = msgspec.structs.replace(TODO, code="XTD002", name="another-todo")


def plant(context: Context[Any]) -> Planted | Reason:
    """A TODO behind the last line of a file."""
    name = context.project.tree.matching(("**/*.txt",))[0]
    with (context.project.root / name).open("a", encoding="utf-8") as file:
        file.write("TODO later\n")
    return Planted(path=name, line=2)


def canaries(*_: Any) -> Iterable[Canary]:
    return (Canary(rule=CODE, title="a TODO", plant=plant),)


def sample(**changes: Any) -> Kind:
    return made("sample", **{"canaries": canaries, "rules": (TODO,), **changes})


def broken(folder: Path, kind: Kind, **more: Any) -> dict[str, str]:
    """The clauses that are broken, with the first sentence of each."""
    found: dict[str, str] = {}
    for one in contract.breaches(kind, FILES, folder / "bench", **more):
        name, _, said = one.partition(": ")
        found.setdefault(name, said)
    return found


def test_a_good_gate_keeps_it(tmp_path: Path) -> None:
    assert broken(tmp_path, sample()) == {}


def passing(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
    return Decision(denominator=Denominator(count=evidence.files.count, unit="files"))


def failing(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
    found = finding(self.rules[0], "always", path="notes/a.txt", line=2)
    return Decision(denominator=Denominator(count=2, unit="files"), findings=(found,))


def remembering(self: Any, context: Any) -> Any:
    """Puts the evidence where `decide` can find it without being given it."""
    type(self).kept = found = Notes.collect(self, context)
    return found


def forgetful(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
    return Notes.decide(self, type(self).kept, settings, now)


def placing(self: Any, context: Any) -> Any:
    type(self).root = context.project.root
    return Notes.collect(self, context)


def looking(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
    files = sorted(path.relative_to(self.root).as_posix() for path in self.root.rglob("*.txt"))
    lines = [(name, (self.root / name).read_text("utf-8").splitlines()) for name in files]
    found = [(name, number) for name, text in lines for number, line in enumerate(text, 1) if "TODO" in line]
    return Decision(
        denominator=Denominator(count=len(files), unit="files"),
        findings=tuple(finding(self.rules[0], "a TODO", path=name, line=number) for name, number in found),
    )


class Loose(Facts, frozen=True, kw_only=True):
    """Evidence that cannot tell when it lost something."""

    files: tuple[str, ...]
    notes: tuple[Note, ...] = ()


def loosely(self: Any, context: Any) -> Loose:
    whole = Notes.collect(self, context)
    assert isinstance(whole, NotesFacts)
    return Loose(files=whole.files.items, notes=whole.notes.items)


def over_loose(self: Any, evidence: Loose, settings: Any, now: Any) -> Decision:
    whole = msgspec.convert(
        {
            "files": {"count": len(evidence.files), "items": list(evidence.files)},
            "notes": {"count": len(evidence.notes), "items": msgspec.to_builtins(evidence.notes)},
        },
        NotesFacts,
    )
    return Notes.decide(self, whole, settings, now)


def over_one(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
    return msgspec.structs.replace(
        Notes.decide(self, evidence, settings, now), denominator=Denominator(count=1, unit="files")
    )


def none(*_: Any) -> Iterable[Canary]:
    return ()


def others(*_: Any) -> Iterable[Canary]:
    return (Canary(rule=OTHER.code, title="a TODO", plant=plant),)


def foreign(*_: Any) -> Iterable[Canary]:
    return (*canaries(), Canary(rule="OTHER", title="of another gate", plant=plant))


def with_plant(act: Callable[[Context[Any]], Planted | Reason]) -> Callable[..., Iterable[Canary]]:
    return lambda *_: (Canary(rule=CODE, title="a TODO", plant=act),)


def elsewhere(context: Context[Any]) -> Planted | Reason:
    plant(context)
    return Planted(path="notes/b.txt", line=2)


def idle(context: Context[Any]) -> Planted | Reason:
    return Planted(path="notes/a.txt", line=2)


def unfit(context: Context[Any]) -> Planted | Reason:
    return Reason(code="does_not_apply", message="it has no notes", fix="write one")


def nothing_read(*_: Any) -> Inputs:
    return Inputs(globs=("*.md",))


FIRES = f"{CODE} fires"
WARNING = msgspec.structs.replace(TODO, severity="warning")
DOUBT = msgspec.structs.replace(WARNING, undecides=True)


def warning(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
    """What `Notes` finds, as what it warns of."""
    whole = Notes.decide(self, evidence, settings, now)
    found = tuple(msgspec.structs.replace(one, severity="warning") for one in whole.findings)
    return msgspec.structs.replace(whole, findings=found)


def doubting(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
    """A warning with which nobody knows."""
    whole = warning(self, evidence, settings, now)
    why = Reason(code="too_noisy", message="who knows", fix="look again")
    return msgspec.structs.replace(whole, reason=why if whole.findings else None)


def raised(*_: Any) -> Iterable[Canary]:
    severity = {"severity": [{"rule": CODE, "level": "error"}]}
    return (Canary(rule=CODE, title="a TODO", plant=plant, settings=severity),)


@pytest.mark.parametrize(
    ("changes", "clause", "said"),
    [
        ({"decide": passing}, FIRES, "planted at notes/a.txt:2, and the gate is passed"),
        ({"decide": failing}, "clean is green", "the project without a fault is failed: XTD001 always"),
        ({"collect": remembering, "decide": forgetful}, "decide is a function of its evidence", "something else"),
        ({"collect": placing, "decide": looking}, "decide is a function of its evidence", "two things"),
        ({"collect": loosely, "decide": over_loose, "Evidence": Loose}, "losing evidence", "$.files cut"),
        ({"collect": loosely, "decide": over_loose, "Evidence": Loose}, "declaration", "field notes of its Evidence"),
        ({"rules": (OTHER,), "canaries": others}, "decide", "a finding of XTD001, which is no rule of this gate"),
        ({"decide": over_one}, "over nothing it does not pass", "it passes"),
        ({"canaries": none}, "declaration", "the rule XTD001 has no canary"),
        ({"canaries": foreign}, "declaration", "a canary of OTHER"),
        ({"canaries": with_plant(idle)}, FIRES, "the gate is passed"),
        ({"canaries": with_plant(elsewhere)}, FIRES, "planted at notes/b.txt:2, and the gate is failed"),
        ({"canaries": with_plant(unfit)}, FIRES, "the canary does not fit the project: it has no notes"),
        ({"inputs": nothing_read}, FIRES, "the gate is passed"),
        ({"rules": (WARNING,)}, FIRES, "the rule fired and the gate is failed"),
        ({"rules": (WARNING,), "decide": doubting}, FIRES, "the rule fired and the gate is undecided: who knows"),
        ({"rules": (DOUBT,), "decide": warning}, FIRES, "the rule fired and the gate is passed"),
        ({"rules": (DOUBT,)}, FIRES, "the rule fired and the gate is failed"),
        ({"tools": ("ruff",)}, "without its tools it is undecided", "without ruff it is passed"),
    ],
)
def test_what_is_no_gate_breaks_it(tmp_path: Path, changes: dict[str, Any], clause: str, said: str) -> None:
    found = broken(tmp_path, sample(**changes))
    sentences = [one for name, one in found.items() if name.startswith(clause)]
    assert any(said in one for one in sentences), found


@pytest.mark.parametrize(
    "changes",
    [
        {"rules": (WARNING,), "decide": warning},
        {"rules": (WARNING,), "canaries": raised},
        {"rules": (DOUBT,), "decide": doubting},
    ],
    ids=["it warns", "it warns and is raised to an error", "it undecides"],
)
def test_a_rule_that_does_not_block_keeps_it(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert broken(tmp_path, sample(**changes)) == {}


def test_base_has_what_a_plant_says_that_was_there_before(tmp_path: Path) -> None:
    root = project.write(tmp_path / "a project", {"a.txt": "a\n"})
    with pytest.raises(AssertionError, match="git rev-parse"):
        commits.below(root, {"b.txt": "b\n"})
    repositories.git(root, "init", "--quiet")
    first = repositories.commit_all(root)
    base = commits.below(root, {"b.txt": "b\n"})
    shown = [repositories.git(root, "ls-tree", "--name-only", one).split() for one in (first, base, "HEAD")]
    assert shown == [["a.txt"], ["a.txt", "b.txt"], ["a.txt"]]
    assert repositories.git(root, "rev-parse", "HEAD~1", "HEAD~2").split() == [base, first]
    assert repositories.git(root, "status", "--porcelain") == ""


def test_a_gate_whose_decide_raises_breaks_it_and_nothing_else_does(tmp_path: Path) -> None:
    def raising(self: Any, evidence: Any, settings: Any, now: Any) -> Decision:
        if evidence.notes.count:
            raise RuntimeError("no such note")
        return Notes.decide(self, evidence, settings, now)

    found = broken(tmp_path, sample(decide=raising))
    assert "undecided: the gate sample raised RuntimeError" in found[FIRES]


def test_a_canary_that_does_not_fit_is_excused_by_name_and_only_where_it_does_not(tmp_path: Path) -> None:
    excuse = {CODE: "there is nothing to note"}
    assert broken(tmp_path / "a", sample(canaries=with_plant(unfit)), unfit=excuse) == {}
    assert "and it does" in broken(tmp_path / "b", sample(), unfit=excuse)[FIRES]


def test_a_project_can_be_prepared_beyond_its_files(tmp_path: Path) -> None:
    def with_a_todo(root: Path) -> None:
        (root / "c.txt").write_text("TODO now\n", "utf-8")

    assert broken(tmp_path, sample(), prepare=with_a_todo)["clean is green"].endswith("failed: XTD001 a TODO")


test_the_suite_runs_each_clause = contract.suite(sample(), FILES)


def test_the_suite_fails_with_the_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    case = contract.suite(sample(decide=passing), FILES)
    case("clean is green", tmp_path_factory)
    with pytest.raises(pytest.fail.Exception, match=r"planted at notes/a\.txt:2, and the gate is passed"):
        case(FIRES, tmp_path_factory)
