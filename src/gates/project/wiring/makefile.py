"""Makefile: the recipes of make and of just."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gates.project.wiring import script
from gates.project.wiring.script import Mode
from gates.project.wiring.wire import Wire, Wiring, joined

IGNORED = "the leading `-` makes {runner} ignore its failure"
EXPANSIONS = 6
"""Variables inside variables; and no recipe is longer than this many characters once they are in."""
LONGEST = 20_000

_ASSIGNMENT = re.compile(r"(?:export\s+|override\s+)*([\w.-]+)\s*(?:::?:?|\?|\+|!)?=\s*(.*)", re.DOTALL)
_TARGET = re.compile(r"([^\s#:=][^:=#]*?)\s*::?(?![:=])([^=]*)")
_JUST_RECIPE = re.compile(r"@?([A-Za-z_][\w-]*)[^:]*:(?!=)(.*)")
_VARIABLE = re.compile(r"\$[({]([\w.-]+)[)}]")


@dataclass
class _Recipes:
    """What is known of the file after the lines that were read."""

    path: str
    runner: str
    variables: dict[str, str] = field(default_factory=dict)
    within: str = ""
    found: list[Wiring] = field(default_factory=list)
    ignores: bool = False
    targets: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)

    @property
    def mode(self) -> Mode:
        """How the shell of a recipe treats failures."""
        return Mode().after(tuple(self.variables.get(".SHELLFLAGS", "").split()))

    def add(self, text: str, line: int) -> None:
        """Read one logical line of a recipe."""
        marks = re.match(r"[\s@+-]*", text)
        prefix = marks.group() if marks else ""
        clause = IGNORED.format(runner=self.runner) if "-" in prefix else ""
        if not clause and self.ignores:
            clause = "`.IGNORE` makes make ignore every failure"
        command = self.expanded(text[len(prefix) :])
        self.found.append(
            script.wires(
                self.path,
                command,
                first=line,
                mode=self.mode,
                clause=clause,
                within=self.within,
                runner=self.runner,
            )
        )

    def demands(self) -> Wiring:
        """A wire for each target that needs others of the file: what they call, it calls."""
        known = {name for target in self.targets for name in target.split()}
        return Wiring(
            wires=tuple(
                Wire(
                    path=self.path,
                    line=line,
                    tool=self.runner,
                    text=f"{target}: {' '.join(needed)}",
                    within=target,
                    runner=self.runner,
                )
                for target, (line, words) in self.targets.items()
                if (needed := [word for word in words if word in known])
            )
        )

    def expanded(self, text: str) -> str:
        """The text with the variables that the file sets, without changing its lines."""
        for _ in range(EXPANSIONS):
            longer = _VARIABLE.sub(lambda match: self.variables.get(match[1], match.group()), text)
            if longer == text or len(longer) > LONGEST:
                break
            text = longer
        return text.replace("$$", "$")


def of(path: str, text: str) -> Wiring:
    """The wires of a Makefile or justfile."""
    is_just = path.rpartition("/")[2].lower().strip(".").endswith(("justfile", "just"))
    recipes = _Recipes(path, "just" if is_just else "make")
    lines = text.split("\n")
    if is_just:
        _just(recipes, lines)
    else:
        _make(recipes, lines)
    return joined([recipes.demands(), *recipes.found])


def _make(recipes: _Recipes, lines: list[str]) -> None:
    one_shell = any(line.startswith(".ONESHELL") for line in lines)
    recipes.ignores = any(re.match(r"\.IGNORE\s*:\s*$", line) for line in lines)
    held: list[tuple[int, str]] = []
    for line, logical in _logical(lines):
        if logical.startswith("\t"):
            held.append((line, logical[1:]))
            if not one_shell:
                recipes.add(*held.pop()[::-1])
            continue
        _flush(recipes, held)
        stripped = logical.strip()
        if not stripped or stripped.startswith("#"):
            continue
        assigned = _ASSIGNMENT.fullmatch(stripped)
        target = _TARGET.match(stripped)
        if assigned is not None:
            recipes.variables[assigned[1]] = re.sub(r"\\?\r?\n\s*", " ", assigned[2])
        elif target is not None:
            recipes.within = " ".join(target[1].split())
            needed = recipes.expanded(target[2].partition(";")[0].partition("#")[0]).split()
            held_words = recipes.targets.get(recipes.within, (line, ()))[1]
            if not recipes.within.startswith("."):
                recipes.targets[recipes.within] = (line, (*held_words, *needed))
            _, semicolon, inline = stripped.partition(";")
            if semicolon:
                recipes.add(inline, line)
    _flush(recipes, held)


def _flush(recipes: _Recipes, held: list[tuple[int, str]]) -> None:
    """Read a recipe whose lines go to one shell."""
    if held:
        recipes.add("\n".join(text for _, text in held), held[0][0])
        held.clear()


def _just(recipes: _Recipes, lines: list[str]) -> None:
    held: list[tuple[int, str]] = []
    for line, logical in [*_logical(lines), (len(lines) + 1, "#")]:
        if logical[:1] in {" ", "\t"} or not logical.strip():
            held.append((line, logical))
            continue
        body = [(number, text) for number, text in held if text.strip()]
        held.clear()
        if body and body[0][1].strip().startswith("#!"):
            text = "\n".join(one.strip() for _, one in body)
            recipes.found.append(
                Wiring()
                if not script.is_script("", text)
                else script.of_recipe(recipes.path, text, body[0][0], recipes.within, recipes.runner)
            )
        else:
            for number, text in body:
                recipes.add(text.strip(), number)
        recipe = _JUST_RECIPE.fullmatch(logical)
        if recipe is not None:
            recipes.within = recipe[1]
            needed = re.findall(r"[A-Za-z_][\w-]*", recipe[2].partition("#")[0])
            recipes.targets[recipes.within] = (line, tuple(needed))


def _logical(lines: list[str]) -> list[tuple[int, str]]:
    """Number and text of each line with those that continue it, the line ends in between kept."""
    found: list[tuple[int, str]] = []
    index = 0
    while index < len(lines):
        first = index
        while index + 1 < len(lines) and lines[index].rstrip("\r").endswith("\\"):
            index += 1
        found.append((first + 1, "\n".join(line.rstrip("\r") for line in lines[first : index + 1])))
        index += 1
    return found
