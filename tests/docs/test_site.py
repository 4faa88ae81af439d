"""The pages as a site: they build without a warning, each can be reached, and every link inside leads to its place."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

REPOSITORY = Path(__file__).parents[2]
DOCS = REPOSITORY / "docs"
PAGES = sorted(page.relative_to(DOCS).with_suffix("").as_posix() for page in DOCS.rglob("*.md"))
HOST = "https://github.com/pytest-vltair/pytest-vltair"


class Page(HTMLParser):
    """The anchors of a page, where it leads, and where its navigation leads."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.navigation: list[str] = []
        self.feed(file.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.update(filter(None, [given.get("id")]))
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
            if given.get("class") == "reference internal":
                self.navigation.append(str(given["href"]))


def build(docs: Path, out: Path, theme: str) -> subprocess.CompletedProcess[str]:
    if not all(find_spec(name) for name in ("sphinx", "myst_parser", "furo")):
        pytest.skip("Sphinx is not installed: the extra `docs` has it")
    words = [
        "-P",
        "-m",
        "sphinx",
        "-W",
        "-n",
        "--keep-going",
        "-q",
        "-D",
        f"html_theme={theme}",
        "-d",
        str(out / "read"),
    ]
    return subprocess.run(
        [sys.executable, *words, str(docs), str(out / "site")], capture_output=True, text=True, check=False
    )


def test_the_site_builds_and_everything_in_it_can_be_reached(tmp_path: Path) -> None:
    """One test, since building takes seconds and workers share nothing."""
    done = build(DOCS, tmp_path, "furo")
    assert (done.returncode, done.stderr) == (0, "")
    site = tmp_path / "site"
    built = {file.relative_to(site).with_suffix("").as_posix(): Page(file) for file in site.rglob("*.html")}
    assert set(PAGES) <= set(built)
    reached = {link.partition("#")[0].removesuffix(".html") for link in built["index"].navigation}
    assert set(PAGES) - reached - {"index"} == set()
    assert [told for name in PAGES for told in lost(name, built, site)] == []
    outward = {link for name in PAGES for link in built[name].links if link.startswith(f"{HOST}/")}
    assert f"{HOST}/blob/main/examples/full/README.md" in outward
    assert [link for link in outward if not published(link)] == []
    names = {file.name for file in site.rglob("*") if file.is_file()}
    assert names.isdisjoint({"generate.py", "conf.py", "texts.toml", "example-report.json"})


def lost(name: str, built: dict[str, Page], site: Path) -> Iterator[str]:
    """The links inside the site that lead nowhere."""
    for link in built[name].links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (site / name).parent.joinpath(unquote(parts.path)).resolve() if parts.path else site / f"{name}.html"
        if not target.is_file():
            yield f"{name}: {link}: no such page"
            continue
        ids = built[target.relative_to(site).with_suffix("").as_posix()].ids if target.suffix == ".html" else ()
        if parts.fragment and unquote(parts.fragment) not in ids:
            yield f"{name}: {link}: no such place"


def published(link: str) -> bool:
    """Whether a link to the repository's host names a file or folder that is in it, as what it is."""
    kind, branch, path = urlsplit(link).path.removeprefix(urlsplit(HOST).path).lstrip("/").split("/", 2)
    target = REPOSITORY / path
    return branch == "main" and target.exists() and target.is_dir() == (kind == "tree")


def test_a_wrong_page_is_told(tmp_path: Path) -> None:
    wrong = {
        "anchor": ("[a](other.md#nowhere)", "local id not found in doc 'other'"),
        "file": ("[a](../nothing.md)", "there is no ../nothing.md in the repository"),
        "language": ("```nolanguage\nx\n```", "Pygments lexer name 'nolanguage' is not known"),
        "orphan": ("", "orphan.md: WARNING: document isn't included in any toctree"),
    }
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "conf.py").write_bytes((DOCS / "conf.py").read_bytes())
    for name, (text, _) in wrong.items():
        (docs / f"{name}.md").write_text(f"# Page\n\n{text}\n", "utf-8")
    listed = "".join(f"- [{name}]({name}.md)\n" for name in ("anchor", "file", "language", "other"))
    (docs / "index.md").write_text(f"# Index\n\n## Learn\n\n{listed}", "utf-8")
    (docs / "other.md").write_text("# Other\n", "utf-8")
    done = build(docs, tmp_path / "out", "basic")
    assert done.returncode != 0
    assert [name for name, (_, told) in wrong.items() if told not in done.stderr] == [], done.stderr


# The reference


def test_every_variable_that_gates_knows_is_in_the_reference() -> None:
    said = (DOCS / "reference" / "settings.md").read_text("utf-8")
    sources = (file.read_text("utf-8") for file in (REPOSITORY / "src").rglob("*.py"))
    known = {name for text in sources for name in re.findall(r'"((?:GATES|VLTAIR)_[A-Z_]*[A-Z])"', text)}
    assert known >= {"GATES_HIDE", "VLTAIR_TRIAL", "GATES_SELECT"}
    assert {name for name in known if f"`{name}`" not in said} == set()


def test_every_flag_of_every_command_is_in_the_reference() -> None:
    """What the commands themselves print as help, down to those of groups, is on the page."""
    import click

    from gates.cli import app

    said = (DOCS / "reference" / "commands.md").read_text("utf-8")
    context = click.Context(app.gates)
    todo = [(name, app.gates.get_command(context, name)) for name in app.gates.list_commands(context)]
    seen = 0
    while todo:
        name, command = todo.pop()
        assert command is not None
        section = re.search(rf"(?ms)^#+ `gates {re.escape(name)}(?: [^\n]*)?`$(.*?)(?=^## |^### |\Z)", said)
        assert section is not None, name
        for one in command.params:
            if isinstance(one, click.Option):
                assert any(option in section[1] for option in one.opts), f"gates {name} {one.opts}"
                seen += 1
        if isinstance(command, click.Group):
            todo += [
                (f"{name} {inner}", command.get_command(context, inner)) for inner in command.list_commands(context)
            ]
    assert seen > 100


def test_every_fixture_marker_key_and_hook_of_the_plugin_is_in_the_reference() -> None:
    from pytest_vltair import fixtures, hookspecs, options

    said = (DOCS / "reference" / "commands.md").read_text("utf-8")
    own = set(re.findall(r"(?m)^@pytest\.fixture.*\ndef (\w+)", Path(fixtures.__file__).read_text("utf-8")))
    assert "vltair_clock" in own
    keys = {key.ini for key in options.KEYS} | {"vltair", options.REQUIREMENT_LIST}
    assert {name for name in own | keys | set(dir(hookspecs)) if f"`{name}`" not in said} == set()
    assert [one for one in options.MARKERS if f"`{one.partition(': ')[0]}`" not in said] == []


def test_every_schema_is_in_the_reference() -> None:
    from gates.cli import schema

    said = "".join((DOCS / "reference" / page).read_text("utf-8") for page in ("schemas.md", "report.md"))
    assert [kind for kind in schema.KINDS if kind != "config" and f"gates schema {kind}" not in said] == []
