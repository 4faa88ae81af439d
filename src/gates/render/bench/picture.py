"""Picture: the intervals of all benchmarks as SVG, a row each, with the limit of each as a line.

Colour, shape and a word each tell the verdict, so that none of them alone is needed. The colours are readable on the
light and on the dark ground that the reader's program asks for; where it knows no media queries, the ground is light.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gates.render import escape
from gates.render.bench import words

WIDTH = 960
NAME = 320
PLOT = 420
ROW = 22
TOP = 64
FARTHEST = 20.0
"""The logarithm of the greatest ratio that is drawn."""
LETTERS = 46
"""Letters of a name that fit into its column; of a longer one the beginning goes."""

SHAPES = {"regressed": "up", "improved": "down", "inconclusive": "open", "no change": "dot"}
STYLE = """
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:#1f2328}
.h{font-weight:600;font-size:14px}.d{fill:#59636e}.e{text-anchor:end}.m{text-anchor:middle}
.bg{fill:#fff}.s{fill:#f3f5f7}.g{stroke:#d1d9e0}.z{stroke:#59636e}.l{stroke:#b35900;stroke-width:2}
.regressed{fill:#c0131f;stroke:#c0131f}.improved{fill:#116329;stroke:#116329}
.inconclusive{fill:#7d4e00;stroke:#7d4e00}.same{fill:#0550ae;stroke:#0550ae}
text.regressed,text.improved,text.inconclusive,text.same{stroke:none}.o{fill:none;stroke-width:1.5}.i{stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.d{fill:#9198a1}.bg{fill:#0d1117}.s{fill:#151b23}
.g{stroke:#3d444d}.z{stroke:#9198a1}.l{stroke:#f0883e}.regressed{fill:#ff7b72;stroke:#ff7b72}
.improved{fill:#56d364;stroke:#56d364}.inconclusive{fill:#e3b341;stroke:#e3b341}.same{fill:#79c0ff;stroke:#79c0ff}
.o{fill:none}}
"""


def render(tables: Mapping[str, Any]) -> str:
    """The picture; the same bytes for the same rows."""
    rows = words.ranked(tables["benchmarks"]) if tables else []
    lines = [words.machine(tables), words.noise(tables)] if tables else []
    if tables and tables["mode"] == "paired":
        lines.insert(0, words.control(tables))
    title = f"bench against {words.against(tables)}" if tables else "bench: nothing was measured"
    height = TOP + ROW * max(len(rows), 1) + 20 + 18 * len(lines) + 10
    scale = Scale(rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" role="img"',
        f' viewBox="0 0 {WIDTH} {height}" aria-label="{escape.xml_attribute(title)}">',
        f"<title>{escape.xml(title)}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="bg" width="{WIDTH}" height="{height}"/>',
        _text(12, 24, title, "h"),
        f'<line class="l" x1="{WIDTH - 70}" y1="13" x2="{WIDTH - 70}" y2="29"/>',
        _text(WIDTH - 60, 25, "limit", "d"),
        *_axis(scale, len(rows)),
        *(part for at, row in enumerate(rows) for part in _row(row, TOP + ROW * at, scale, shaded=at % 2 == 1)),
    ]
    if not rows:
        parts.append(_text(12, TOP + 15, "not one benchmark was compared", "d"))
    bottom = TOP + ROW * max(len(rows), 1) + 26
    parts += [_text(12, bottom + 18 * at, _cut(line, 125), "d") for at, line in enumerate(lines)]
    return "\n".join([*parts, "</svg>", ""])


class Scale:
    """Where changes lie: logarithms of ratios, as far as most rows reach; what is beyond has an arrow."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Fit the rows: all of them, or nine of ten where single ones are far beyond the usual limit."""
        ends = sorted(abs(math.log(end)) for row in rows for end in row["interval"])
        usual = ends[(len(ends) - 1) * 9 // 10] if ends else 0.0
        limits = [math.log1p(row["limit"] / 100) for row in rows]
        typical = sorted(limits)[len(limits) // 2] if limits else math.log(1.05)
        farthest = ends[-1] if ends else 0.0
        wanted = farthest if farthest <= 6 * typical else max(usual, 2 * typical)
        self.reach = min(max(wanted, 1.5 * typical) * 1.08, FARTHEST)

    def __call__(self, ratio: float) -> float:
        """The place of a ratio, within the plot."""
        return self.at(math.log(ratio))

    def at(self, change: float) -> float:
        """The place of a logarithm, within the plot."""
        inside = min(max(change / self.reach, -1.0), 1.0)
        return NAME + 20 + (inside + 1) / 2 * PLOT

    def beyond(self, ratio: float) -> int:
        """-1 or 1 where a ratio lies outside on that side, else 0."""
        change = math.log(ratio)
        return 0 if abs(change) <= self.reach else int(math.copysign(1, change))

    @property
    def ticks(self) -> list[float]:
        """Round percentages that are inside, at most about eight of them."""
        most = math.expm1(self.reach) * 100
        power = 10.0 ** math.floor(math.log10(most / 4))
        step = next(power * one for one in (1, 2, 5, 10) if power * one >= most / 4)
        found = [step * one for one in range(-4, 5)]
        return [one for one in found if one > -100 and abs(math.log1p(one / 100)) <= self.reach]


def _axis(scale: Scale, rows: int) -> Iterator[str]:
    bottom = TOP + ROW * max(rows, 1)
    for tick in scale.ticks:
        x = _n(scale.at(math.log1p(tick / 100)))
        yield f'<line class="{"z" if tick == 0 else "g"}" x1="{x}" y1="{TOP - 8}" x2="{x}" y2="{bottom}"/>'
        yield _text(x, TOP - 14, f"{'+' if tick > 0 else ''}{words.number(tick) if tick else '0'} %", "d m")


def _row(row: Mapping[str, Any], y: int, scale: Scale, *, shaded: bool) -> Iterator[str]:
    middle = y + ROW // 2
    kind = "same" if row["verdict"] == "no change" else row["verdict"]
    if row["unproved"]:
        kind = "regressed"
    low, high = row["interval"]
    span = f"{words.change(low)} to {words.change(high)}"
    about = (
        f"{row['name']}: {row['verdict']}, {words.change(row['ratio'])} ({span}), limit {words.number(row['limit'])} %"
    )
    yield f"<g><title>{escape.xml(about)}</title>"
    if shaded:
        yield f'<rect class="s" x="0" y="{y}" width="{WIDTH}" height="{ROW}" fill-opacity="0.6"/>'
    yield _text(NAME, middle + 4, _short(row["name"]), "e")
    if not scale.beyond(1 + row["limit"] / 100):
        limit = _n(scale(1 + row["limit"] / 100))
        yield f'<line class="l" x1="{limit}" y1="{y + 3}" x2="{limit}" y2="{y + ROW - 3}"/>'
    yield f'<line class="i {kind}" x1="{_n(scale(low))}" y1="{middle}" x2="{_n(scale(high))}" y2="{middle}"/>'
    for end in (low, high):
        yield _end(scale(end), middle, scale.beyond(end), kind)
    if not scale.beyond(row["ratio"]):
        yield _mark(SHAPES[row["verdict"]], scale(row["ratio"]), middle, kind)
    word = "not proved" if row["unproved"] else row["verdict"]
    yield _text(NAME + PLOT + 110, middle + 4, words.change(row["ratio"]), f"e {kind}")
    yield _text(NAME + PLOT + 122, middle + 4, word, kind) + "</g>"


def _end(x: float, y: int, beyond: int, kind: str) -> str:
    """A bar across the end of an interval, or an arrow where it goes on."""
    if beyond:
        return f'<path class="{kind}" d="M{_n(x)} {y}l{-7 * beyond} -4v8z"/>'
    return f'<line class="{kind}" x1="{_n(x)}" y1="{y - 4}" x2="{_n(x)}" y2="{y + 4}"/>'


def _mark(shape: str, x: float, y: int, kind: str) -> str:
    if shape == "dot":
        return f'<circle class="{kind}" cx="{_n(x)}" cy="{y}" r="3.5"/>'
    if shape == "open":
        return f'<rect class="{kind} o" x="{_n(x - 4)}" y="{y - 4}" width="8" height="8"/>'
    sign = -1 if shape == "up" else 1
    return f'<path class="{kind}" d="M{_n(x)} {y + 6 * sign}l-5.5 {-10 * sign}h11z"/>'


def _text(x: float | str, y: int, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x}" y="{y}">{escape.xml(text)}</text>'


def _short(name: str) -> str:
    shown = escape.line(name)
    return shown if len(shown) <= LETTERS - 4 else f"…{shown[5 - LETTERS :]}"


def _cut(text: str, most: int) -> str:
    shown = escape.line(text)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def _n(value: float) -> str:
    """A coordinate with one decimal, the same on every machine."""
    return f"{value:.1f}"
