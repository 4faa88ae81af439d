"""Statuses: words and signs as teams write them, brought to the six of the product."""

# ruff: noqa: RUF001 - the dashes and signs are those that documents hold

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from gates.builtin.trace.facts import Status

WORDS: Mapping[Status, str] = {
    "open": (
        "open, todo, to do, tbd, pending, planned, new, not started, unstarted, not yet started, not yet, backlog, "
        "queued, scheduled, ready, missing, none, no, untested, unverified, not implemented, not done, not tested, "
        "not complete, not completed, not verified, not ready, next, upcoming, proposed, draft, idea, future, later, "
        "deferred, postponed, to be done, to be implemented, to be verified, unresolved, outstanding, todo later, "
        "failed, failing, fail, not met, not covered, uncovered, not passing, not fixed, unfixed, reopened, "
        "acknowledged, confirmed, triaged, not created, not available, unassigned, assigned, identified, requested, "
        "approved, specified, awaiting, false, not compliant, non compliant, noncompliant, reserved"
    ),
    "partial": (
        "partial, partially, partially done, partially complete, partially completed, partially implemented, "
        "partially met, partially compliant, partially covered, partially verified, partial implementation, partly, "
        "partly done, "
        "mostly done, mostly complete, mostly, almost done, almost complete, nearly done, nearly complete, "
        "incomplete, half done, limited, in part, some"
    ),
    "in-progress": (
        "in progress, inprogress, wip, work in progress, doing, started, ongoing, on going, active, working, "
        "in work, in development, developing, implementing, under development, in review, under review, review, "
        "reviewing, needs review, ready for review, awaiting review, in testing, testing, in qa, qa, in test, "
        "validating, in validation, awaiting validation, awaiting verification, verifying, in verification, "
        "current, in flight, underway, under way, investigating, in design, designing, drafting, drafted, "
        "in implementation, building"
    ),
    "done": (
        "done, complete, completed, finished, closed, fixed, resolved, shipped, released, merged, landed, delivered, "
        "deployed, verified, validated, implemented, tested, passed, passing, pass, ok, yes, met, satisfied, covered, "
        "accepted, implemented and verified, fully implemented, fully covered, implementation complete, live, true, "
        "all done, achieved, available, supported, stable, green, success, working as intended, ga, compliant, "
        "fully compliant, conformant"
    ),
    "blocked": "blocked, on hold, hold, paused, stalled, waiting, stuck, parked, suspended, frozen, impeded, blocking",
    "cancelled": (
        "cancelled, canceled, wontfix, won't fix, won't do, wont do, wont fix, will not do, will not fix, rejected, "
        "dropped, obsolete, superseded, deprecated, removed, abandoned, withdrawn, descoped, out of scope, skipped, "
        "duplicate, n/a, na, not applicable, not planned, retired, invalid, discarded, void, declined, not needed, "
        "no longer needed, not required"
    ),
}
SIGNS: Mapping[Status, str] = {
    "open": "❌ ✗ ✘ ✖ ☐ ⬜ 🔴 ⭕ ◻ 🔲 📋 📝 🔜 🗓 📅 ⚪ 🆕 💡 ❎ ⏳ ⌛ ○ ◯ □ ☓ ❗ 🟥 ⏰ 📌 🤔 ❓ 🔮 🕐 🕒",
    "partial": "🟡 🟠 ⚠ 🔶 ◐ 🌓 ◑ 🟨 🟧 🔸",
    "in-progress": "🔄 🚧 🏗 🔨 👷 🛠 🔵 🏃 ▶ ⚙ 🔃 🚀 🧪 👀 🔧 🟦 ♻",
    "done": "✅ ✔ ☑ 🟢 ✓ 💚 🏁 👍 🎉 🟩 ● ■ 💯 🆗 ☒",
    "blocked": "⛔ 🛑 ⏸ 🔒 🚨",
    "cancelled": "🚫 🗑 ➖ ⊘",
}
BOXES: Mapping[str, Status] = {
    " ": "open", "x": "done", "X": "done", "✓": "done", "✔": "done", "✅": "done", "-": "in-progress", "~": "in-progress",  # noqa: E501
    "/": "in-progress", ">": "open", "<": "open", "!": "open", "?": "open", ".": "in-progress", "o": "in-progress",
    "*": "open", "@": "in-progress", "b": "blocked", "❌": "open", "_": "open",
}  # fmt: skip
ORDER: tuple[Status, ...] = ("cancelled", "done", "in-progress", "partial", "open", "blocked")
"""From the one that asks for the least to the one that asks for the most."""

KNOWN: Mapping[str, Status] = {word.strip(): status for status, words in WORDS.items() for word in words.split(",")}
BY_SIGN: Mapping[str, Status] = {sign: status for status, signs in SIGNS.items() for sign in signs.split()}
LONGEST = max(word.count(" ") for word in KNOWN) + 1
SIGN = re.compile("|".join(map(re.escape, BY_SIGN)))
DRESS = re.compile(r"[*_`~\[\]{}<>\"“”‘]+|\ufe0f|\ufe0e|\u200d|:(?=[a-z_]+:)")
CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
PERCENT = re.compile(r"(\d{1,3})(?:\.\d+)?\s?%")
RATIO = re.compile(r"(\d{1,4})\s?/\s?(\d{1,4})")
SHORTCODE = re.compile(r":([a-z0-9_+]+):")
SHORTCODES: Mapping[str, str] = {
    "white_check_mark": "✅", "heavy_check_mark": "✔", "ballot_box_with_check": "☑", "x": "❌", "construction": "🚧",
    "warning": "⚠", "hourglass": "⌛", "hourglass_flowing_sand": "⏳", "no_entry": "⛔", "no_entry_sign": "🚫",
    "yellow_circle": "🟡", "green_circle": "🟢", "red_circle": "🔴", "large_blue_circle": "🔵", "heavy_multiplication_x": "✖",  # noqa: E501
}  # fmt: skip
SHORT = re.compile(
    r"\b(?:but|except|excluding|not|partial|partially|pending|remaining|todo|wip|blocked|untested|missing|"
    r"awaiting|incomplete|needs?|with (?:\w+ )?(?:warnings?|issues|exceptions|caveats|limitations|remarks|findings))\b"
)
TOPICS = frozenset(
    ["testing", "review", "reviewing", "building", "designing", "drafting", "developing", "implementing", "validating",
     "verifying", "investigating", "in production", "release", "released"]
)  # fmt: skip
"""Words that a phase is called by as often as they say how far one is."""
SHARED = frozenset(
    ["complete", "completed", "completion", "done", "finished", "implemented", "progress", "ready", "of", "passing",
     "covered", "met", "in", "so", "and", "but", "verified", "tested", "open", "left", "remaining"]
)  # fmt: skip
"""What may stand behind a percentage that is a status."""
VAGUE = frozenset(["working", "active", "current", "running", "in use"])
"""Words of what goes on, which beside a tick say that it goes."""
BEHIND = re.compile(
    r"[(,;:.%/|–—-]|\d|(?:on|in|at|by|since|until|as of)\s+(?:\d|[vq]\d|(?:early|mid|late)\b|"
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|spring|summer|autumn|winter)\w*\s\d)|(?:by|on|for)\s"
)
LIMIT = 400
"""Characters of a cell that are looked at; a status stands at its beginning."""


class Legend(msgspec.Struct, frozen=True):
    """The words and signs that a document explains itself, with what it says they mean, and the line of the first.

    `boxes` are the lines of checkboxes that are there to be explained.
    """

    meanings: dict[str, Status | None]
    line: int = 0
    boxes: frozenset[int] = frozenset()

    @property
    def words(self) -> frozenset[str]:
        """Those that are words."""
        return frozenset(word for word in self.meanings if word.isascii())


NONE = Legend({})


def of(raw: str, legend: Legend = NONE) -> Status | None:
    """The status that these words mean, the legend of the document first; None where nothing is known of them."""
    if len(raw) == 3 and raw[0] == "[" and raw[2] == "]":
        return legend.meanings.get(raw) or BOXES.get(raw[1])
    if legend.meanings:
        own = _by_legend(raw, legend)
        if own is not None:
            return own
    return known(raw)


def _by_legend(raw: str, legend: Legend) -> Status | None:
    word = plain(raw)
    if word in legend.meanings:
        return legend.meanings[word]
    found = signs(raw)
    if found and found[0] in legend.meanings:
        return legend.meanings[found[0]]
    return None


@lru_cache(maxsize=4096)
def known(raw: str) -> Status | None:
    """The status that these words mean anywhere."""
    text = raw[:LIMIT]
    word = plain(text)
    by_word = _by_word(word) if word else None
    found = signs(text)
    by_sign = BY_SIGN[found[0]] if found else None
    if by_sign == "done" and word in VAGUE:
        return by_sign
    if by_word and by_sign and by_word != by_sign and (by_word == "done" or by_sign == "done"):
        return by_sign if by_word == "done" else by_word
    return by_word or by_sign


@lru_cache(maxsize=8192)
def plain(raw: str) -> str:
    """The words of a status in one spelling: no markup, no signs, small letters, one blank between words."""
    text = SHORTCODE.sub(" ", raw[:LIMIT])
    text = DRESS.sub(" ", SIGN.sub(" ", text))
    text = CAMEL.sub(" ", text) if "_" not in text else text.replace("_", " ")
    return " ".join(text.replace("’", "'").casefold().split()).strip(" .,:;!-–—|()=→>")


def signs(raw: str) -> list[str]:
    """The signs of a status in their order, names between colons among them."""
    if raw.isascii():
        if ":" not in raw:
            return []
        return [SHORTCODES[name] for name in SHORTCODE.findall(raw) if name in SHORTCODES]
    return SIGN.findall(raw)


def _by_word(word: str) -> Status | None:
    whole = KNOWN.get(word) or KNOWN.get(word.replace("-", " ").replace("_", " "))
    if whole:
        return whole
    share = _share(word)
    if share:
        return share
    parts = re.split(r"([\s,;:.(/|–—]+|\s-+\s)", word)
    words = parts[::2]
    for size in range(min(LONGEST, len(words)), 0, -1):
        lead = " ".join(words[:size]).replace("-", " ") if size > 1 or "-" not in words[0] else words[0]
        status = KNOWN.get(lead) or (KNOWN.get(lead.replace("-", " ")) if lead in {"in-progress", "to-do"} else None)
        if status:
            rest = " ".join(words[size:])
            return "partial" if status == "done" and SHORT.search(rest) else status
    return None


def is_said(raw: str) -> bool:
    """Whether a text is a status and what belongs to one, and does not only begin with a word that is one too."""
    word = plain(raw)
    if known(raw) is None:
        return False
    if word in KNOWN or not word or _share(word):
        return True
    words = word.replace("-", " ").split()
    for size in range(min(LONGEST, len(words)), 0, -1):
        lead = " ".join(words[:size])
        status = KNOWN.get(lead.rstrip(",;:.)"))
        if status is None:
            continue
        rest = " ".join(words[size:])
        if lead[-1] in ",;:.)" or not rest or SHORT.match(rest) or rest.startswith(("and ", "with ")):
            return True
        return BEHIND.match(rest) is not None
    return False


def _share(word: str) -> Status | None:
    match = PERCENT.match(word)
    if match:
        behind = re.match(r"[\s(,;:-]*([a-z]+)", word[match.end() :])
        if behind and behind.group(1) not in SHARED:
            return None
        part, whole = int(match.group(1)), 100
    else:
        match = RATIO.match(word)
        if match is None or not int(match.group(2)):
            return None
        part, whole = int(match.group(1)), int(match.group(2))
    if part >= whole:
        return "done"
    return "partial" if part else "open"


def least(statuses: list[Status]) -> Status:
    """The one status of several cells: all alike it is that, else partial as soon as one is done or begun."""
    judged = [one for one in statuses if one != "cancelled"] or statuses
    if len(set(judged)) == 1:
        return judged[0]
    return "partial"
