"""The page in a browser: keys, widths, schemes, what it loads and what it complains of, and rules of accessibility."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support import browser, html_reports, reports
from support.browser import Browser

pytestmark = pytest.mark.skipif(bool(browser.missing()), reason=browser.missing() or "there is a browser")

PAGES: dict[str, Callable[[], tuple[Any, ...]]] = {
    "passed": lambda: (reports.passed(), {}),
    "undecided": lambda: (reports.undecided(), {}),
    "nothing": lambda: (reports.nothing(), {}),
    "error": lambda: (reports.config_error(), {}),
    "excused": lambda: (reports.excused(), {}),
    "rich": html_reports.whole,
    "hostile": lambda: html_reports.whole(" ".join(html_reports.ATTACKS)),
    "long": lambda: html_reports.whole("w" * 10_000),
}
WIDTHS = (360, 1440)
LOOKED_AT_IN_BOTH = (("rich", "light"), ("rich", "dark"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    pytest.importorskip("selenium", reason="selenium is not installed: pip install -e '.[browser]'")
    with browser.opened() as held:
        yield held


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    for name, made in PAGES.items():
        (folder / f"{name}.html").write_text(html_reports.page(*made()), "utf-8")
    return {name: folder / f"{name}.html" for name in PAGES}


@pytest.fixture(scope="module")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    script = browser.axe(tmp_path_factory.mktemp("axe"))
    if script is None:
        pytest.skip("axe-core is not to be had: npm or its registry is missing")
    return script


@pytest.mark.parametrize("name", PAGES)
def test_page_fits_its_window_loads_nothing_and_breaks_no_rule(
    chromium: Browser, pages: dict[str, Path], name: str
) -> None:
    for width in WIDTHS:
        chromium.open(pages[name], width=width)
        chromium.driver.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert chromium.soon("document.documentElement.scrollWidth", width) == width
        assert chromium.complaints == []
        assert chromium.requests == [pages[name].as_uri()]
        assert chromium.ask("document.compatMode") == "CSS1Compat"
        # The style is applied: its digest is the one that the policy names.
        assert chromium.ask("getComputedStyle(document.body).marginTop") == "0px"


@pytest.mark.parametrize(
    ("name", "scheme"),
    [("passed", "dark"), ("undecided", "light"), ("nothing", "light"), ("excused", "dark"), *LOOKED_AT_IN_BOTH],
)
def test_axe_finds_nothing(chromium: Browser, pages: dict[str, Path], axe: str, name: str, scheme: str) -> None:
    chromium.open(pages[name], prefers_color_scheme=scheme)
    chromium.driver.execute_script("document.querySelectorAll('details').forEach(one => one.open = true)")
    assert chromium.axe(axe) == []


def test_axe_sees_what_is_wrong(chromium: Browser, pages: dict[str, Path], axe: str) -> None:
    chromium.open(pages["rich"])
    chromium.driver.execute_script("document.documentElement.removeAttribute('lang')")
    assert [one.partition(":")[0] for one in chromium.axe(axe)] == ["html-has-lang"]


def test_dark_is_dark_and_light_is_light(chromium: Browser, pages: dict[str, Path]) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        chromium.open(pages["rich"], prefers_color_scheme=scheme)
        color = chromium.ask("getComputedStyle(document.body).backgroundColor")
        grounds.append(sum(int(part) for part in color[4:-1].split(",")))
    light, dark = grounds
    assert light > 3 * 240
    assert dark < 3 * 32


def test_forced_colours_keep_the_shapes(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.open(pages["rich"], forced_colors="active")
    fill = chromium.ask("getComputedStyle(document.querySelector('h1 .icon')).fill")
    assert fill == chromium.ask("getComputedStyle(document.querySelector('h1')).color")


def test_the_first_key_leads_past_the_head_and_the_next_ones_to_each_step(
    chromium: Browser, pages: dict[str, Path]
) -> None:
    from selenium.webdriver import Keys

    chromium.open(pages["rich"])
    chromium.press(Keys.TAB)
    skip = "Skip to the gates"
    assert chromium.soon("document.activeElement.textContent", skip) == skip
    assert chromium.soon("document.activeElement.getBoundingClientRect().top >= 0", True) is True
    order = []
    stops = ["#gate-lint", "#gate-types", "#gate-lint", "#gate-types", "#gate-word"]
    for stop in stops:
        chromium.press(Keys.TAB)
        order.append(chromium.soon("document.activeElement.getAttribute('href')", stop))
    assert order == stops
    assert chromium.soon("getComputedStyle(document.activeElement).outlineStyle", "solid") == "solid"


def test_the_skip_link_leads_to_the_gates(chromium: Browser, pages: dict[str, Path]) -> None:
    from selenium.webdriver import Keys

    chromium.open(pages["rich"])
    chromium.press(Keys.TAB, Keys.ENTER)
    assert chromium.soon("document.activeElement.id", "gates") == "gates"


def test_what_is_folded_opens_by_a_key(chromium: Browser, pages: dict[str, Path]) -> None:
    from selenium.webdriver import Keys

    chromium.open(pages["rich"])
    chromium.driver.execute_script("document.querySelector('details.gate > summary').focus()")
    for is_open in (True, False):
        chromium.press(Keys.ENTER)
        assert chromium.soon("document.querySelector('details.gate').open", is_open) is is_open


def test_a_link_to_a_gate_that_passed_opens_it(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.open(pages["rich"], fragment="#gate-word")
    assert chromium.soon("document.querySelector('details.gate').open", True) is True


def test_every_key_stop_has_a_name(chromium: Browser, pages: dict[str, Path]) -> None:
    """Tables that scroll are stops too, each called by its heading."""
    chromium.open(pages["rich"])
    unnamed = chromium.ask(
        "[...document.querySelectorAll('[role=group]')].filter(one => !(one.getAttribute('aria-label')"
        " || document.getElementById(one.getAttribute('aria-labelledby')))).length"
    )
    assert unnamed == 0


def test_text_of_others_makes_no_element_in_a_browser_either(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.open(pages["hostile"])
    tags = set(chromium.ask("[...document.querySelectorAll('*')].map(one => one.localName)"))
    assert not tags & {"script", "img", "iframe", "base", "form", "input", "link", "object", "embed", "b"}
    assert chromium.ask(
        "[...document.querySelectorAll('*')].every(one => [...one.attributes].every(it => !/^on/.test(it.name)))"
    )
    assert "<script>alert(1)</script>" in chromium.ask("document.body.textContent")


def test_the_policy_stops_what_would_be_smuggled_in(chromium: Browser, tmp_path: Path) -> None:
    text = html_reports.page(reports.design())
    smuggled = "<script>document.title = 'taken'</script><style>body{display:none}</style><img src='x.png'>"
    (tmp_path / "page.html").write_text(text.replace("</main>", f"{smuggled}</main>"), "utf-8")
    chromium.open(tmp_path / "page.html")
    assert chromium.ask("document.title") == "Failed: myproj"
    assert chromium.ask("getComputedStyle(document.body).display") == "block"
    complaints = chromium.complaints
    assert len(complaints) == 3
    assert all("Content Security Policy" in one for one in complaints)


def test_printed_it_shows_what_is_folded(chromium: Browser, pages: dict[str, Path]) -> None:
    chromium.open(pages["rich"])
    shows = "document.querySelector('details.gate .target').checkVisibility({contentVisibilityAuto: true})"
    assert chromium.soon(shows, False) is False
    chromium.command("Emulation.setEmulatedMedia", media="print")
    shown = chromium.soon(shows, True)
    chromium.command("Emulation.setEmulatedMedia", media="")
    assert shown is True
