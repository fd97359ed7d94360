"""How fast the page is, in the browser of the tests. The bounds are those that users were told.

Each figure is the best of a few: other work on the machine makes a page slower, never faster.
"""

import pytest

from tests.viewer import makers

STEPPING = """async (keys) => {
  const times = [];
  for (const key of keys) {
    const start = performance.now();
    document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
    document.body.getBoundingClientRect();
    times.push(performance.now() - start);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }
  return times.sort((a, b) => a - b);
}"""


LOADS = 3


def first_paint(visit, bundle):
    """Milliseconds until the page had drawn its run, and the last of the pages loaded."""
    tabs = [visit({"traces": [bundle]}) for _ in range(LOADS)]
    return min(painted(tab) for tab in tabs), tabs[-1]


def painted(tab):
    """Milliseconds until this page had drawn its run."""
    return tab.page.evaluate(
        """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() =>
          done(Math.max(...performance.getEntriesByType('paint').map((e) => e.startTime),
            performance.getEntriesByName('knell-shown')[0].startTime)))))"""
    )


@pytest.fixture(scope="module")
def hundred():
    return makers.walk("simple-allocator", 100, extras=True)[1]


def test_a_hundred_steps_are_there_at_once(visit, hundred, record_property):
    paint, _ = first_paint(visit, hundred)
    record_property("first_paint_ms", round(paint))
    assert paint < 500


def test_ten_thousand_steps_stay_smooth(visit, long, record_property):
    paint, tab = first_paint(visit, long)
    record_property("first_paint_ms", round(paint))
    assert paint < 2000
    assert tab.step == 10_000
    assert tab.page.locator(".row.chosen").is_visible()
    assert tab.count(".row") < 120
    tab.press("Home")
    keys = ["Home", *["j"] * 20, *["PageDown"] * 10, *["End", "Home"] * 3]
    runs = [tab.page.evaluate(STEPPING, keys) for _ in range(LOADS)]
    median = min(times[len(times) // 2] for times in runs)
    record_property("median_step_ms", round(median, 1))
    record_property("slowest_step_ms", round(min(times[-1] for times in runs), 1))
    assert median < 50
    tab.page.locator(".scroller").evaluate("e => e.scrollTop = e.scrollHeight / 2")
    tab.page.wait_for_timeout(100)
    assert tab.count(".row") < 120
    middle = [int(text) for text in tab.page.locator(".row .number").all_inner_texts()]
    assert min(middle) > 4000
    tab.press("/")
    tab.page.keyboard.type("grant c=client1")
    tab.press("Enter")
    assert tab.count(".row.hit") > 0
