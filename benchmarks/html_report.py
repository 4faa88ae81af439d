"""The HTML report of a large project: its size, what it costs to render, and how long a browser takes to load it.

    python benchmarks/html_report.py

2,000 tests, 500 requirements, 400 files. Rendering is compared with the JSON of the same report and sections, and
loading with an empty page in the same browser; the least of several rounds counts. Times of a browser need Chromium and
its driver.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from gates.render import formats
from gates.render.formats import Options
from support import browser, html_reports, reports

ROUNDS = 9
EMPTY = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>empty</title><p>empty</p></html>\n'


def least(work: Callable[[], object]) -> float:
    """The least CPU seconds of several rounds."""
    found = []
    for _ in range(ROUNDS):
        start = time.process_time()
        work()
        found.append(time.process_time() - start)
    return min(found)


def loaded(page: Path, held: browser.Browser) -> tuple[float, float]:
    """Seconds until the page was parsed, and until it was loaded, the least of several rounds."""
    found = []
    for _ in range(ROUNDS):
        held.open(page)
        entry = "performance.getEntriesByType('navigation')[0]"
        found.append((held.ask(f"{entry}.domContentLoadedEventEnd"), held.ask(f"{entry}.loadEventEnd")))
    return min(one[0] for one in found) / 1000, min(one[1] for one in found) / 1000


def main() -> None:
    """Print a line for each figure."""
    report, details = html_reports.large()
    options = Options(rules=reports.RULES, details=lambda: details)
    text = formats.render("html", report, options)
    page = least(lambda: formats.render("html", report, options))
    plain = least(lambda: msgspec.json.encode([report, list(details.values())]))
    print(f"size        {len(text.encode()):>9,} bytes, {text.count('<'):,} tags")
    print(f"render      {page * 1000:>9.0f} CPU-ms; JSON of the same takes {plain * 1000:.1f}")
    if browser.missing():
        print(f"load        not measured: {browser.missing()}")
        return
    with tempfile.TemporaryDirectory() as folder, browser.opened() as held:
        large, empty = Path(folder) / "large.html", Path(folder) / "empty.html"
        large.write_text(text, "utf-8")
        empty.write_text(EMPTY, "utf-8")
        parsed, whole = loaded(large, held)
        _, nothing = loaded(empty, held)
        print(
            f"load        {whole * 1000:>9.0f} ms, parsed after {parsed * 1000:.0f}; an empty page {nothing * 1000:.0f}"
        )


if __name__ == "__main__":
    main()
