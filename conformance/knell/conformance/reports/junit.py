"""A campaign as JUnit XML: a suite for each implementation, a case for each action.

Ids are stable: `knell.conform.CONFIGURATION.sim` and the name of the action. What was not covered
is an error, what was skipped is skipped: neither is green.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from knell.conformance.campaign import Result
from knell.conformance.reports.text import story

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Sequence[Result]) -> str:
    """The document."""
    root = Element("testsuites", name="knell conform")
    for result in results:
        _suite(root, result)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(sum(int(each.get(key, "0")) for each in root)))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, result: Result) -> None:
    name = f"knell.conform.{result.config}.sim"
    suite = SubElement(root, "testsuite", name=legible(f"{name} {result.adapter}"))
    suite.set("time", f"{result.seconds:.3f}")
    coverage = result.coverage
    for action in coverage.by_action:
        case = SubElement(suite, "testcase", classname=name, name=action)
        own = [each for each in result.divergences if each.id.partition("/")[0] == action]
        missing = coverage.by_action[action] - coverage.covered_by_action[action]
        if own:
            failure = SubElement(case, "failure", message=legible(", ".join(e.id for e in own)))
            failure.text = legible("\n".join(line for each in own for line in story(each)))
        elif action in coverage.skipped:
            SubElement(case, "skipped", message=legible(coverage.skipped[action]))
        elif missing:
            SubElement(case, "error", message=f"{missing} transitions were not replayed")
    others = [each for each in result.divergences if each.id.startswith("reset/")]
    if others or coverage.failures or result.unexpected or not coverage.replays:
        case = SubElement(suite, "testcase", classname=name, name="run")
        why = [
            *(each.id for each in others),
            *coverage.failures,
            *(f"known to fail, but does not: {id}" for id in result.unexpected),
        ]
        SubElement(case, "error", message=legible("; ".join(why) or "nothing was replayed"))
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(key, str(len(suite.findall(f"testcase/{tag}"))))
    suite.set("tests", str(len(suite.findall("testcase"))))


def legible(text: str) -> str:
    """The text without what no XML may hold."""
    return _FORBIDDEN.sub("?", text)
