"""Reports of builds: golden files, text that cannot act, and small enough for a comment."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.builtin.repro.settings import ReproSettings
from gates.builtin.repro.tables import tables
from gates.model.reason import Reason
from gates.render.repro import markdown, terminal, words
from support import repro_evidence as made

GOLDEN = Path(__file__).parent.parent / "golden" / "repro"
UNDECIDED = Reason(code="evidence_incomplete", message="owner could not be *varied*", fix="unshare -U true")
NOTHING: Mapping[str, Any] = {
    "artifacts": [],
    "factors": {"varied": [], "not_varied": []},
    "against": [],
    "record": None,
}
CURE = "# _build/reproducible.py\nimport gzip\n\n\ndef build_wheel(): ...\n"


def told(evidence: Any, *findings: tuple[str, bool], **keys: Any) -> dict[str, Any]:
    """What the command hands to the renderers, with causes that do not change with the backends."""
    value = {
        "findings": [{"rule": "REP001", "message": message, "blocks": blocks} for message, blocks in findings],
        **tables(evidence, ReproSettings(**keys)),
    }
    for row in (row for one in (*value["artifacts"], *value["against"]) for row in one["differences"]):
        row["cause"] = f"the backend writes {row['attribute']} of {row['member']}"
        row["cure"] = CURE if row["attribute"] == "mode" else "sort it" if row["attribute"] == "content" else ""
    return value


def scenario(name: str) -> tuple[dict[str, Any], str, Reason | None]:
    made_of: dict[str, Any] = {
        "same": lambda: (told(made.evidence()), "passed", None),
        "recorded": lambda: (told(made.evidence(record=[made.recorded()])), "passed", None),
        "differing": lambda: (told(made.differing(), excuse=("owner",)), "failed", None),
        "hostile": lambda: (told(made.hostile()), "failed", None),
        "published": lambda: (
            told(
                made.evidence(
                    record=[made.recorded(sources=made.digest("other"))],
                    published=[made.published("different", made.difference("demo/a.py", "content", "unexplained"))],
                ),
                ("demo-1.0-py3-none-any.whl is not what this source gives", True),
            ),
            "failed",
            None,
        ),
        "unvaried": lambda: (
            told(
                made.evidence(factors=[made.factor("path"), made.factor("owner", "sudo is missing")], drifted=["a b"])
            ),
            "undecided",
            UNDECIDED,
        ),
        "nothing": lambda: (dict(NOTHING), "undecided", UNDECIDED),
    }
    found: tuple[dict[str, Any], str, Reason | None] = made_of[name]()
    return found


SCENARIOS = ("same", "recorded", "differing", "hostile", "published", "unvaried", "nothing")


def agrees(path: Path, text: str) -> None:
    if os.environ.get("GATES_UPDATE_GOLDEN"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    assert text == path.read_bytes().decode()


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_terminal_form_is_what_the_golden_file_holds(name: str) -> None:
    agrees(GOLDEN / f"{name}.txt", terminal.render(*scenario(name)))


@pytest.mark.parametrize("name", SCENARIOS)
def test_markdown_is_what_the_golden_file_holds(name: str) -> None:
    agrees(GOLDEN / f"{name}.md", markdown.render(*scenario(name)))


@pytest.mark.skipif("GATES_UPDATE_GOLDEN" in os.environ, reason="the files are being written")
def test_every_golden_file_is_still_rendered() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {
        f"{name}.{form}" for name in SCENARIOS for form in ("md", "txt")
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_verdict_is_in_the_first_line(name: str) -> None:
    value, verdict, reason = scenario(name)
    assert terminal.render(value, verdict, reason).startswith(f"repro {verdict}: ")
    assert markdown.render(value, verdict, reason).startswith(f"## repro: {verdict}: ")


def test_a_cure_of_several_lines_is_shown_once() -> None:
    value, verdict, reason = scenario("differing")
    text = terminal.render(value, verdict, reason)
    assert text.count("def build_wheel") == 1
    assert text.count("cure   [1] below") == 1
    assert text.count("cure   sort it") == 2
    assert markdown.render(value, verdict, reason).count("def build_wheel") == 1


def test_most_members_come_first_and_the_others_are_counted() -> None:
    value, _, _ = scenario("differing")
    (wheel,) = [one for one in value["artifacts"] if one["kind"] == "wheel"]
    first, *others = words.groups(wheel["differences"])
    assert (first.title, first.more) == ("mode of 5 members, by umask", 2)
    assert [len(one.rows) for one in others] == [1, 1, 1]


def test_a_long_text_is_cut_and_says_so() -> None:
    row = {"member": "a", "attribute": "content", "factor": "path", "cause": "", "cure": "", "before": "", "after": ""}
    (group,) = words.groups([{**row, "excerpt": "\n".join(map(str, range(50)))}])
    assert len(group.excerpt) == words.EXCERPT + 1
    assert group.excerpt[-1] == f"... {50 - words.EXCERPT} more lines"


@pytest.mark.parametrize(
    ("verdict", "findings", "said"),
    [
        ("failed", [("the record differs", True)], "failed: the record differs"),
        ("failed", [], "failed"),
        ("passed", [], "passed: the sdist and the wheel have the same bytes under 13 factors"),
        ("undecided", [], "undecided: nothing was built"),
    ],
)
def test_the_headline_says_what_decided(verdict: str, findings: list[tuple[str, bool]], said: str) -> None:
    assert words.headline(told(made.evidence(), *findings), verdict, None).startswith(said)


def test_a_waived_difference_is_still_told() -> None:
    value, _, _ = scenario("differing")
    assert words.headline(value, "passed", None) == "passed: what makes the wheel differ is waived, or no error here"


ACTING = re.compile(r"(?m)^\s*::|##\[|[\x00-\x09\x0b-\x1f\u202e]")
TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("<>&\"'`|*\n\x00\x1b\u202e:#["), max_size=40)


@settings(deadline=None, max_examples=60)
@given(member=TEXT, before=TEXT, excerpt=TEXT, cause=TEXT, cure=TEXT, message=TEXT)
def test_no_text_is_anything_but_text(
    member: str, before: str, excerpt: str, cause: str, cure: str, message: str
) -> None:
    value = told(made.hostile())
    (artifact,) = value["artifacts"]
    (row,) = artifact["differences"]
    row |= {"member": member, "before": before, "excerpt": excerpt, "cause": cause, "cure": cure}
    artifact["broken"][0] |= {"message": message}
    for render in (terminal.render, markdown.render):
        assert not ACTING.search(render(value, "failed", None))


def test_a_comment_holds_it_and_says_what_was_cut() -> None:
    rows = [made.difference(f"m{at}", "content", f"path+{at}", before="x" * 300) for at in range(400)]
    value = told(made.evidence(differences=rows, builds=[made.build("wheel"), made.build("wheel", "varied")]))
    text = markdown.render(value, "failed", None)
    assert len(text.encode()) <= markdown.LIMIT
    (count,) = re.findall(r"\*\*Cut:\*\* (\d+) more kinds of differences", text)
    assert text.count("### wheel: content of") == 400 - int(count)
    assert "### Factors" in text
