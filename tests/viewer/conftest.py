"""A browser for the tests of the page: Debian's Chromium, driven by Playwright.

Where one of both is missing, the tests are skipped and say why; where `CI` is set, that is a
failure, so that a machine that should run them never passes for want of a browser.
"""

import os
import shutil
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from knell.cli.main import main
from knell.viewer import render_page
from tests.viewer import makers

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def lacking(what) -> NoReturn:
    if os.environ.get("CI"):
        pytest.fail(f"{what}; where CI is set, the browser tests must run")
    pytest.skip(f"{what}: the page was not tested in a browser")


@pytest.fixture(scope="session")
def browser():
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  # it may be missing
    except ImportError:
        lacking("Playwright is missing (make test installs it)")
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        lacking("Chromium is missing (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield started
        started.close()


@dataclass
class Tab:
    """A page with what went wrong in it, and what it asked for."""

    page: Any
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def text(self, selector):
        return self.page.locator(selector).first.inner_text()

    def count(self, selector):
        return self.page.locator(selector).count()

    def press(self, *keys):
        for key in keys:
            self.page.keyboard.press(key)

    @property
    def step(self):
        return int(self.text(".counter").split("/")[0])


@pytest.fixture
def visit(browser, tmp_path):
    """Open a page of some content; at the end it must not have complained, nor asked for more."""
    tabs: list[Tab] = []
    contexts: list[Any] = []

    def go(content, anchor="", *, complains=False, **options):
        options.setdefault("viewport", {"width": 1440, "height": 900})
        path = tmp_path / f"page{len(tabs)}.html"
        path.write_text(
            content if isinstance(content, str) else render_page(content, "test"), encoding="utf-8"
        )
        context = browser.new_context(**options)
        context.set_default_timeout(5_000)
        contexts.append(context)
        tab = Tab(context.new_page())
        if not complains:
            tabs.append(tab)
        page = tab.page
        page.on("console", lambda message: tab.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        page.on("request", lambda request: tab.requests.append(request.url))
        page.goto(path.as_uri() + anchor)
        page.wait_for_selector("html[data-ready]", timeout=10_000)
        return tab

    yield go
    for tab in tabs:
        assert tab.complaints == []
        assert [url for url in tab.requests if not url.startswith(("file:", "blob:"))] == []
    for context in contexts:
        context.close()


@pytest.fixture
def invoke(capfd):
    """Run a command of ours in this process."""

    def run(*argv):
        code = main([str(each) for each in argv])
        captured = capfd.readouterr()
        return SimpleNamespace(code=code, out=captured.out, err=captured.err)

    return run


@pytest.fixture(scope="session")
def one_signal():
    return makers.one_signal()[1]


@pytest.fixture(scope="session")
def repaired():
    return makers.repaired()[1]


@pytest.fixture(scope="session")
def two_epochs():
    return makers.two_epochs()[1]


@pytest.fixture(scope="session")
def stuttering():
    return makers.stuttering()[1]


@pytest.fixture(scope="session")
def looping():
    return makers.looping()[1]


@pytest.fixture(scope="session")
def long():
    return makers.walk("simple-allocator", 10_000)[1]
