"""The live viewer: steps are taken by the model, and nobody else may ask."""

import json
import threading
import urllib.error
import urllib.request

import pytest

from knell.cli.live import Live, serve
from knell.cli.registry import load
from knell.cli.replaying import MismatchError
from knell.language.settings import Settings
from knell.spec.trace import Step

STRIKE = Step("strike", {"i": "n1", "c": "fault"})


@pytest.fixture(scope="module")
def live():
    return Live(load("node-shutdown", Settings("one-signal")), "node-shutdown")


@pytest.fixture
def address(live):
    server, address = serve(live, 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_run_is_taken_step_by_step(live):
    bundle = live.bundle([STRIKE, Step("detect_by_cc", {"i": "n1", "c": "fault"})])
    assert [step[0] for step in bundle["steps"]] == ["strike", "detect_by_cc"]
    assert len(bundle["extras"]["choices"]["states"]) == 3


@pytest.mark.parametrize(
    ("step", "why"),
    [
        (Step("quiesce", {"i": "n1"}), "is not enabled: failing, members_out"),
        (Step("dance", {}), "the model has no action dance"),
        (Step("strike", {"i": "n9", "c": "fault"}), "Inc has no value n9"),
        (Step("strike", {"i": "n1"}), "strike has other parameters"),
    ],
)
def test_what_the_model_does_not_do_is_refused(live, step, why):
    with pytest.raises(MismatchError, match=why):
        live.bundle([step])


def ask(url, body=None, **headers):
    request = urllib.request.Request(url, data=body, headers=headers)  # noqa: S310  # loopback
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310  # loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_the_server_answers_its_page_only(address):
    assert ask(address)[0] == 200
    assert "connect-src 'self'" in ask(address)[1]
    steps = json.dumps({"steps": [["strike", {"i": "n1", "c": "fault"}]]}).encode()
    assert ask(f"{address}run", steps)[0] == 200
    root = "/".join(address.split("/")[:3])
    assert ask(f"{root}/")[0] == 404
    assert ask(f"{root}/guess/run", steps)[0] == 404
    assert ask(address, Host="evil.test")[0] == 404
    assert ask(f"{address}run", steps, Host="evil.test:80")[0] == 404


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"steps": 3}', b'{"steps": [["x"]]}', b"\xff", b"[" * 99999]
)
def test_malformed_requests_get_an_answer(address, body):
    code, text = ask(f"{address}run", body)
    assert code == 400
    assert "error" in json.loads(text)


def test_stepping_in_the_browser(browser, address):
    page = browser.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address)
    page.wait_for_selector("html[data-ready]")
    takes = [button.bounding_box() for button in page.locator(".go").all()]
    rights = {round(box["x"] + box["width"]) for box in takes}
    assert len(takes) > 5
    assert len(rights) == 1  # one below the other, no staircase
    assert "0 steps from the initial state" in page.locator(".headline").inner_text()
    for action in ("strike", "detect_by_cc", "hear_distress(o=n3", "promote(o=n3, g=g1"):
        before = page.locator(".row").count()
        choice = page.locator(".enabled .choice", has_text=action).first
        choice.get_by_role("button", name="take").click()
        page.locator(".row").nth(before).wait_for()
        if before == 1:
            assert "1 step from the initial state" in page.locator(".headline").inner_text()
    assert page.locator(".row").count() == 5
    page.locator(".row").nth(2).click()
    page.locator(".enabled .choice", has_text="node_crashes").first.get_by_role(
        "button", name="take"
    ).click()
    page.locator(".row").nth(4).wait_for(state="detached")
    assert page.locator(".row").count() == 4
    assert complaints == []
    page.close()
