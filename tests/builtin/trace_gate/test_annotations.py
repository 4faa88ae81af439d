"""Annotations: comments name items in every language, and strings never do."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gates.builtin.trace.annotations import Reader, comments, is_code


def found(path: str, text: str, *words: str) -> list[tuple[int, str]]:
    return [(one.line, one.target) for one in (Reader(words) if words else Reader()).read(path, text)]


@pytest.mark.parametrize(
    ("path", "text", "targets"),
    [
        ("a.py", 'x = "# implements: CE-1"\n"""# req: CE-2"""\ny = 1  # implements: CE-7\n', [(3, "CE-7")]),
        ("a.py", "# req: CE-1, CE-2 and CE-3\n", [(1, "CE-1"), (1, "CE-2"), (1, "CE-3")]),
        ("a.py", "# @requirement CE-7\n# satisfies REQ_12.3\n", [(1, "CE-7"), (2, "REQ_12.3")]),
        ("a.py", "# the request CE-7 is required by prerequisites: AB-1\n", []),
        ("a.py", "def f(:\n  # req: CE-7\n", [(2, "CE-7")]),
        ("a.c", 'char *s = "// req: CE-1"; // req: CE-2\n/* one\n * implements: CE-3\n */', [(1, "CE-2"), (3, "CE-3")]),
        ("a.rs", 'let s = r#"// req: CE-1"#; let c = \'"\'; // [impl->CE-2]\n', [(1, "CE-2")]),
        ("a.rs", "// [impl -> req~login~1]\n", [(1, "req~login~1")]),
        ("a.ts", "const s = `// req: CE-1\n// req: CE-2`; // req: CE-3", [(2, "CE-3")]),
        ("a.go", "/* req: CE-1 */ s := '\"' // req: CE-2", [(1, "CE-1"), (1, "CE-2")]),
        ("a.java", '"""\n// req: CE-1\n""" // req: CE-2', [(3, "CE-2")]),
        ("a.sh", "echo \"# req: CE-1\" '# req: CE-2' a#req: $# # req: CE-3\n", [(1, "CE-3")]),
        ("a.yml", "key: 'it # req: CE-1' # req: CE-2\n", [(1, "CE-2")]),
        ("a.toml", 'a = """\n# req: CE-1"""\n# req: CE-2\n', [(3, "CE-2")]),
        ("a.sql", "select '-- req: CE-1', \"-- req: CE-2\" -- req: CE-3\n", [(1, "CE-3")]),
        ("a.lua", "--[[ req: CE-1\nreq: CE-2 ]] -- req: CE-3", [(1, "CE-1"), (2, "CE-2"), (2, "CE-3")]),
        ("a.html", "<p>req: CE-1</p>\n<!-- req: CE-2 -->", [(2, "CE-2")]),
        ("a.php", "<?php # req: CE-1\n// req: CE-2\n", [(1, "CE-1"), (2, "CE-2")]),
        ("Dockerfile", "# req: CE-1\nRUN x\n", [(1, "CE-1")]),
        ("a.tex", "100\\% req: CE-1 % req: CE-2", [(1, "CE-2")]),
        ("a.txt", "# req: CE-1", []),
        ("a.md", "<!-- req: CE-1 -->", []),
    ],
)  # fmt: skip
def test_comments_name_and_strings_do_not(path: str, text: str, targets: list[tuple[int, str]]) -> None:
    assert found(path, text) == targets


def test_words_are_those_of_the_configuration() -> None:
    assert found("a.py", "# covers: CE-1\n# req: CE-2\n", "covers") == [(1, "CE-1")]


def test_an_id_with_an_odd_hyphen_is_the_same() -> None:
    assert found("a.py", "# req: ORCH\u20113004\n") == [(1, "ORCH-3004")]


def test_documents_are_no_code() -> None:
    assert is_code("a/b.PY")
    assert is_code("Makefile")
    assert not is_code("a.md")
    assert not is_code("LICENSE")


@given(
    st.sampled_from(["a.py", "a.c", "a.rs", "a.ts", "a.sh", "a.toml", "a.sql", "a.html"]),
    st.text(alphabet="ab\"'`/*#-<>!\\\n{}[]$ \x00é", max_size=80),
)
def test_any_text_has_comments_in_order(path: str, text: str) -> None:
    held = list(comments(path, text))
    assert [line for line, _ in held] == sorted(line for line, _ in held)
    assert all(comment.split("\n")[0] in text for _, comment in held)
    Reader().read(path, text + "\n# req: CE-1")
