"""Shell: a script as a tree of lists, pipelines and commands; what is not understood is passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from gates.project.wiring.tokens import Token, substitutions, tokens, unquoted

DEPTH = 40
"""Commands inside commands; no script that a person wrote has more."""

Script = tuple["Chain", ...]


class TooDeep(Exception):  # noqa: N818 - a verdict about the text
    """The script nests its commands deeper than any that a person wrote."""


@dataclass(frozen=True)
class Command:
    """`words` without quotes and redirections of a simple command; else the parts of a compound one by its `kind`."""

    line: int
    words: tuple[str, ...] = ()
    kind: str = ""
    conditions: Script = ()
    body: Script = ()


@dataclass(frozen=True)
class Pipeline:
    """Commands joined by pipes; `negated` where `!` stands before it."""

    parts: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True)
class Chain:
    """Pipelines with the `&&` or `||` after each but the last; `background` where it ends with `&`."""

    pipelines: tuple[Pipeline, ...]
    joints: tuple[str, ...] = ()
    background: bool = False


def parse(text: str, first: int = 1, depth: int = 0) -> Script:
    """The chains of a script whose first line is line `first` of its file.

    Raises:
        TooDeep: nobody wrote this by hand.
    """
    if depth > DEPTH:
        raise TooDeep
    return _Parser(list(tokens(text, first)), depth).script(frozenset())


def commands(script: Script) -> Iterator[Command]:
    """Every simple command, those inside of compound ones too."""
    for chain in script:
        for pipeline in chain.pipelines:
            for part in pipeline.parts:
                if part.kind:
                    yield from commands(part.conditions)
                    yield from commands(part.body)
                if part.words:
                    yield part


@dataclass
class _Parser:
    tokens: list[Token]
    depth: int
    at: int = field(default=0)

    def script(self, ends: frozenset[str]) -> Script:
        """Chains up to a word or operator in `ends`, which is left."""
        self.depth += 1
        if self.depth > DEPTH:
            raise TooDeep
        found: list[Chain] = []
        while (token := self._peek()) is not None and token.text not in ends:
            before = self.at
            chain = self._chain(ends)
            if chain.pipelines:
                found.append(chain)
            if self.at == before:
                self.at += 1
        self.depth -= 1
        return tuple(found)

    def _peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _is(self, *texts: str) -> bool:
        token = self._peek()
        return token is not None and token.text in texts

    def _taken(self, *texts: str) -> bool:
        if self._is(*texts):
            self.at += 1
            return True
        return False

    def _chain(self, ends: frozenset[str]) -> Chain:
        pipelines: list[Pipeline] = []
        joints: list[str] = []
        while True:
            pipeline = self._pipeline(ends)
            if pipeline is not None:
                pipelines.append(pipeline)
            if pipeline is None or not self._is("&&", "||"):
                break
            joints.append(self.tokens[self.at].text)
            self.at += 1
            while self._taken("\n"):
                continue
        background = self._is("&")
        self._taken("\n", ";", "&", ";;", ";&", ";;&")
        return Chain(tuple(pipelines), tuple(joints[: max(0, len(pipelines) - 1)]), background)

    def _pipeline(self, ends: frozenset[str]) -> Pipeline | None:
        negated = self._taken("!")
        parts: list[Command] = []
        while True:
            part = self._command(ends)
            if part is not None:
                parts.append(part)
            if not self._taken("|", "|&"):
                break
            while self._taken("\n"):
                continue
        return Pipeline(tuple(parts), negated) if parts else None

    def _command(self, ends: frozenset[str]) -> Command | None:
        token = self._peek()
        if token is None or token.text in ends:
            return None
        compound = self._compounds().get(token.text)
        if compound is None:
            return self._simple(token.line, ends)
        self.at += 1
        found = compound(token.line)
        while (follow := self._peek()) is not None and follow.kind == "redirect":
            self.at += 2
        return found

    def _compounds(self) -> Mapping[str, Callable[[int], Command]]:
        """Who reads on behind a word or operator that begins a compound command."""
        return {
            "(": lambda line: self._group(line, ")"),
            "{": lambda line: self._group(line, "}"),
            "if": self._if,
            "while": self._while,
            "until": self._while,
            "for": self._for,
            "select": self._for,
            "case": self._case,
        }

    def _simple(self, line: int, ends: frozenset[str]) -> Command | None:
        words: list[str] = []
        inner: list[Chain] = []
        first = self.at
        while (token := self._peek()) is not None and token.kind in {"word", "redirect"}:
            self.at += 1
            if token.kind == "redirect":
                self._skip_word()
                continue
            words.append(unquoted(token.text))
            for found in substitutions(token.text):
                inner += parse(found, token.line, self.depth + 1)
        if self._is("(") and len(words) == 1:
            return self._function(line)
        if self._is(")") and "esac" in ends:
            # A pattern of `case`.
            self.at += 1
            return None
        if self.at == first:
            return None
        return Command(line, tuple(words), "substitution" if inner else "", body=tuple(inner))

    def _skip_word(self) -> None:
        token = self._peek()
        if token is not None and token.kind == "word":
            self.at += 1

    def _function(self, line: int) -> Command:
        self._taken("(")
        self._taken(")")
        while self._taken("\n"):
            continue
        body = self._command(frozenset())
        return Command(line, kind="function", body=() if body is None else (Chain((Pipeline((body,)),)),))

    def _group(self, line: int, end: str) -> Command:
        body = self.script(frozenset({end}))
        self._taken(end)
        return Command(line, kind="group", body=body)

    def _if(self, line: int) -> Command:
        conditions: list[Chain] = []
        body: list[Chain] = []
        while True:
            conditions += self.script(frozenset({"then", "fi"}))
            self._taken("then")
            body += self.script(frozenset({"elif", "else", "fi"}))
            if not self._taken("elif"):
                break
        if self._taken("else"):
            body += self.script(frozenset({"fi"}))
        self._taken("fi")
        return Command(line, kind="if", conditions=tuple(conditions), body=tuple(body))

    def _while(self, line: int) -> Command:
        conditions = self.script(frozenset({"do", "done"}))
        return Command(line, kind="loop", conditions=conditions, body=self._rounds())

    def _for(self, line: int) -> Command:
        while (token := self._peek()) is not None and token.text not in {"do", "\n", ";"}:
            self.at += 1
        while self._taken("\n", ";"):
            continue
        return Command(line, kind="loop", body=self._rounds())

    def _rounds(self) -> Script:
        self._taken("do")
        body = self.script(frozenset({"done"}))
        self._taken("done")
        return body

    def _case(self, line: int) -> Command:
        while (token := self._peek()) is not None and token.text not in {"in", "\n"}:
            self.at += 1
        self._taken("in")
        body = self.script(frozenset({"esac"}))
        self._taken("esac")
        return Command(line, kind="case", body=body)
