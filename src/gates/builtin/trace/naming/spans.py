"""Spans: the commands in a Validation text, told from the prose around them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gates.project.wiring import shell, tools
from gates.project.wiring.shell import Chain

PROGRAMS = frozenset({
    "ansible", "bash", "bazel", "black", "buf", "bundle", "cargo", "cat", "cd", "cmake", "cmp", "conda", "ctest",
    "curl", "deno", "diff", "docker", "docker-compose", "dotnet", "echo", "env", "export", "flutter", "gh", "git",
    "go", "gradle", "gradlew", "grep", "helm", "java", "jest", "jq", "kubectl", "ls", "make", "mkdir", "mvn", "node",
    "npm", "npx", "pip", "pip3", "playwright", "pnpm", "psql", "pytest-vltair", "python", "rake", "rg", "rspec",
    "rustup", "sed", "semgrep", "set", "sh", "shellcheck", "source", "swift", "terraform", "test", "trivy", "twine",
    "uv", "uvx", "vitest", "yarn", "zig",
})  # fmt: skip
"""Programs by whose name a line is taken for a command, beside the tools that gates knows anyway."""

NODE = re.compile(r"(?<![\w/.*])[\w.*?{},/\\-]+\.py::[\w*:]+(?:\[[^\]\s]*\])?")
"""A node id as people write it, globs included."""

_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_JOINT = re.compile(r"\b(?:and|or|then|plus|also|via|run|runs|with)\b|[;,&+.:/]|\([^()]*\)", re.IGNORECASE)
_AND = re.compile(r"\s+(?:and|then)\s+(?=\S)|;\s+(?=\S)")
_ASSIGNED = re.compile(r"[A-Za-z_]\w*=\S*")
_WINDOWS = re.compile(r"(?<![\w\\/])[\w.-]+(?:\\[\w.*?-]+)+(?=\.py(?!\w))")
_PROMPT = re.compile(r"^\s*[$>%]\s+", re.MULTILINE)
_PYTHON = re.compile(r"(?:python|pypy|py)[0-9.]*(?:\.exe)?")


def spans(text: str) -> list[tuple[str, bool]]:
    """The pieces of a Validation text that are commands, or all of it as one that is prose; each with which it is."""
    text = text.strip()
    code = [match[2].strip() for match in _CODE.finditer(text)]
    around = _JOINT.sub(" ", _CODE.sub(" ", text)).strip()
    if code and not around:
        return [(one, True) for one in code if one]
    if code:
        named = [one for one in code if _is_surely(one)]
        return [(one, True) for one in named] or [(text, False)]
    if is_command(text):
        return [(one, True) for one in _split(text)]
    nodes = [match.group() for match in NODE.finditer(text)]
    return [(one, True) for one in nodes] or ([(text, False)] if text else [])


def pipelines(text: str) -> Iterator[tuple[tuple[str, ...], ...]]:
    """The words of each pipeline of a command line, part by part; what a shell that it calls does is among them.

    Raises:
        TooDeep: nobody wrote this by hand.
    """
    text = _WINDOWS.sub(lambda match: match[0].replace("\\", "/"), _PROMPT.sub("", text))
    if "<<" in text and "\n" not in text:
        # A here-document on one line of a table or list.
        text = text.replace("\\n", "\n")
    for chain in shell.parse(text):
        yield from _of_chain(chain)


def is_command(text: str) -> bool:
    """Whether a text without marks begins as a command line does."""
    words = _PROMPT.sub("", text).split()
    while words and _ASSIGNED.fullmatch(words[0]):
        words = words[1:]
    if not words:
        return False
    name = words[0].rpartition("/")[2]
    if name in tools.WRAPPERS and len(words) > 1 and name in {"command", "env", "nohup", "sudo", "timeout"}:
        return True
    python = _PYTHON.fullmatch(name) is not None
    known = name in PROGRAMS or name in tools.TOOLS or name in tools.NAMES or python
    # `Python 3.12 passes` and `make sure that it works` are sentences.
    ordinary = python or name in {
        "make",
        "test",
        "set",
        "go",
        "source",
        "just",
        "task",
        "cat",
        "echo",
        "diff",
        "git",
        "env",
    }
    if known and ordinary and len(words) > 2 and not any(_like_argument(word) for word in words[1:]):
        return False
    return known or NODE.match(words[0]) is not None or words[0].startswith("./")


def _like_argument(word: str) -> bool:
    return word.startswith("-") or any(mark in word for mark in "/=._:&|<>*$\"'")


def _is_surely(code: str) -> bool:
    """Whether code among other words is a command: a single word is a name that the sentence is about."""
    return NODE.search(code) is not None or (" " in code and is_command(code))


def _split(text: str) -> list[str]:
    """Command lines that stand in one sentence: `A and B`, where B is a command too."""
    found, first = [], 0
    for match in _AND.finditer(text):
        if is_command(text[match.end() :]):
            found.append(text[first : match.start()].strip())
            first = match.end()
    # The full stop of a sentence, and not the folder `.`.
    found.append(re.sub(r"(?<=\w)\.$", "", text[first:].strip()))
    return [one for one in found if one]


def _of_chain(chain: Chain) -> Iterator[tuple[tuple[str, ...], ...]]:
    for pipeline in chain.pipelines:
        simple = [part.words for part in pipeline.parts if part.words]
        if simple and not pipeline.negated:
            yield tuple(simple)
        for part in pipeline.parts:
            inner = [*part.conditions, *part.body]
            text = _of_shell(part.words)
            if text is not None:
                inner += shell.parse(text, part.line, shell.DEPTH - 5)
            for one in inner:
                yield from _of_chain(one)


def _of_shell(words: tuple[str, ...]) -> str | None:
    """The script in `bash -c "..."`."""
    if not words or words[0].rpartition("/")[2] not in tools.SHELLS:
        return None
    flag = next((at for at, word in enumerate(words[1:], 1) if re.fullmatch(r"-[a-z]*c", word)), None)
    return words[flag + 1] if flag is not None and flag + 1 < len(words) else None
