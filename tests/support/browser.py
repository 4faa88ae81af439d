"""Browser: a headless Chromium with its driver, as the system has them, and the accessibility rules of axe-core."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

AXE = "axe-core@4.11.0"
NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # in a container of CI, as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--hide-scrollbars",
)


def missing() -> str:
    """Why there is no browser to look with; nothing where there is one."""
    if not any(map(shutil.which, NAMES)):
        return "Chromium is not installed (Debian: chromium)"
    if shutil.which("chromedriver") is None:
        return "Chromium's driver is not installed (Debian: chromium-driver)"
    return ""


class Browser:
    """One browser; each page is opened anew."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver

    def open(self, page: Path, *, width: int = 1440, height: int = 900, fragment: str = "", **media: str) -> None:
        """Show a page in a window of this width; `media` are features that the reader prefers."""
        self.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}])
        if media:
            features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
            self.command("Emulation.setEmulatedMedia", features=features)
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.command("Emulation.setDeviceMetricsOverride", **size)
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.get(page.as_uri() + fragment)

    def command(self, name: str, **given: Any) -> Any:
        """What the browser itself answers to a command of its protocol."""
        return self.driver.execute_cdp_cmd(name, given)

    def ask(self, script: str, *given: Any) -> Any:
        """The value of an expression in the page."""
        return self.driver.execute_script(f"return {script}", *given)

    def soon(self, script: str, value: Any) -> Any:
        """The value of an expression as soon as it is this one; after half a minute whatever it is.

        A browser follows a key, a fragment and a change of medium with a frame of its own, which an answer may precede.
        """
        until = time.monotonic() + 30
        while (found := self.ask(script)) != value and time.monotonic() < until:
            time.sleep(0.05)
        return found

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, wherever the focus is."""
        from selenium.webdriver import ActionChains

        for key in keys:
            ActionChains(self.driver).send_keys(key).perform()

    @property
    def complaints(self) -> list[str]:
        """What the browser wrote on its console since the page was opened."""
        return [one["message"] for one in self.driver.get_log("browser")]

    @property
    def requests(self) -> list[str]:
        """Every address that was asked for since the page was opened."""
        messages = [json.loads(one["message"])["message"] for one in self.driver.get_log("performance")]
        return [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]

    def axe(self, script: str) -> list[str]:
        """What axe-core objects to, a line for each rule with the first place."""
        self.driver.execute_script(script)
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, {resultTypes: ['violations']}).then(found => done(found.violations));"
        )
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]} {one['nodes'][0]['failureSummary']}" for one in found]


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser, gone when the block ends."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = next(filter(None, map(shutil.which, NAMES)))
    for one in OPTIONS:
        options.add_argument(one)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        driver.set_script_timeout(60)
        yield Browser(driver)
    finally:
        driver.quit()


def axe(folder: Path) -> str | None:
    """The script of axe-core out of npm's registry, or None where it is not to be had."""
    npm = shutil.which("npm")
    if npm is None:
        return None
    try:
        done = subprocess.run(
            [npm, "pack", "--silent", AXE], cwd=folder, capture_output=True, text=True, timeout=60, check=True
        )
        with tarfile.open(folder / done.stdout.strip().splitlines()[-1]) as package:
            held = package.extractfile("package/axe.min.js")
            return None if held is None else held.read().decode()
    except (OSError, subprocess.SubprocessError, tarfile.TarError, KeyError, IndexError):
        return None
