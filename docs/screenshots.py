"""Makes the pictures of the README: ``python docs/screenshots.py``. Needs Chromium and Playwright.

The pages are made by the command that a user would call; so the pictures show what it shows.
``screenshots.json`` keeps the text of each page, and a test fails where the page says another
today: then make the pictures anew.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from knell.cli.main import main

HERE = Path(__file__).parent
TEXTS = HERE / "screenshots.json"
SIZES = {"one-signal": (1280, 720), "comparison": (1600, 720)}
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


def pages(place: Path) -> dict[str, Path]:
    """Check and view: the page of each picture, by the picture's name."""
    sound = place / "node-shutdown-default-S2_failover.itf.json"
    weak = place / "node-shutdown-one-signal-S2.itf.json"
    check = ["check", "--fail-fast", "--trace-dir", str(place)]
    main([*check, "--set", "config=one-signal", "--property", "S2"])
    main([*check, "--property", "S2_failover"])
    made = {}
    for name, traces in {"one-signal": [weak], "comparison": [weak, sound]}.items():
        made[name] = place / f"{name}.html"
        main(["view", *map(str, traces), "--html", str(made[name])])
    return made


@contextmanager
def opened(browser: Browser, page: Path, size: tuple[int, int]) -> Iterator[Page]:
    """The page as a reader first sees it."""
    tab = browser.new_page(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="light",
        reduced_motion="reduce",
    )
    tab.goto(page.as_uri())
    tab.wait_for_selector("html[data-ready]")
    yield tab
    tab.close()


def text_of(tab: Page) -> list[str]:
    """What the page says, line by line."""
    return tab.locator("#app").inner_text().splitlines()


def make(browser: Browser, place: Path) -> None:
    """Take a picture of each page, and keep what it says."""
    texts = {}
    for name, page in pages(place).items():
        with opened(browser, page, SIZES[name]) as tab:
            tab.screenshot(path=HERE / f"{name}.png", animations="disabled")
            texts[name] = text_of(tab)
        sys.stdout.write(f"wrote docs/{name}.png\n")
    TEXTS.write_text(json.dumps(texts, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is missing: apt-get install chromium")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        make(started, Path(folder))
        started.close()
