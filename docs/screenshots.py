"""Makes the pictures of the README: ``python docs/screenshots.py``. Needs Chromium and Playwright.

The pages are made by the command that a user would call; so the pictures show what it shows.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from knell.cli.main import main

HERE = Path(__file__).parent
SIZES = {"one-signal": (1280, 720), "comparison": (1600, 720)}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def make(browser: Browser, place: Path) -> None:
    """Check, view, and take a picture of each page."""
    sound = "node-shutdown-default-S2_failover.itf.json"
    weak = "node-shutdown-one-signal-S2.itf.json"
    check = ["check", "--fail-fast", "--trace-dir", str(place)]
    main([*check, "--set", "config=one-signal", "--property", "S2"])
    main([*check, "--property", "S2_failover"])
    pages = {
        "one-signal": [str(place / weak)],
        "comparison": [str(place / weak), str(place / sound)],
    }
    for name, traces in pages.items():
        page = place / f"{name}.html"
        main(["view", *traces, "--html", str(page)])
        picture(browser, page, HERE / f"{name}.png", SIZES[name])
        sys.stdout.write(f"wrote docs/{name}.png\n")


def picture(browser: Browser, page: Path, to: Path, size: tuple[int, int]) -> None:
    """The page as a reader first sees it."""
    tab = browser.new_page(viewport={"width": size[0], "height": size[1]}, color_scheme="light")
    tab.goto(page.as_uri())
    tab.wait_for_selector("html[data-ready]")
    tab.screenshot(path=to, animations="disabled")
    tab.close()


if __name__ == "__main__":
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        make(started, Path(folder))
        started.close()
