"""A live campaign as JUnit XML and as Markdown.

Ids are stable: `knell.conform.live.runs` and the kind of run, `knell.conform.live.actions` and the
name of the action. An action that was not seen is an error; one that cannot be seen is skipped,
with the reason that the checked-in list gives, and fails once it was seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from knell.conformance.live.campaign import LiveResult, listed, of_model
from knell.conformance.reports.junit import legible


def junit(result: LiveResult) -> str:
    """The document."""
    root = Element("testsuites", name="knell conform --mode live")
    suite = SubElement(root, "testsuite", name="knell.conform.live")
    suite.set("time", f"{result.seconds:.3f}")
    for kind in sorted(result.runs):
        case = SubElement(suite, "testcase", classname="knell.conform.live.runs", name=kind)
        _found(case, "failure", kind, result.divergences)
        _found(case, "error", kind, result.undecided)
    for action in sorted(of_model()):
        case = SubElement(suite, "testcase", classname="knell.conform.live.actions", name=action)
        if action in result.coverable:
            SubElement(case, "failure", message="is listed as uncovered, and was covered")
        elif action in result.uncovered:
            SubElement(case, "error", message="was not covered")
        elif action in listed():
            SubElement(case, "skipped", message=legible(listed()[action]))
    if not result.runs:
        case = SubElement(suite, "testcase", classname="knell.conform.live", name="run")
        SubElement(case, "error", message="no run was made")
    counts = {"tests": len(suite.findall("testcase"))}
    for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        counts[key] = len(suite.findall(f"testcase/{tag}"))
    for element in (root, suite):
        for key, count in counts.items():
            element.set(key, str(count))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _found(case: Element, tag: str, kind: str, found: list[dict[str, str]]) -> None:
    """What became of the runs of one kind; an id is a number and the kind."""
    own = [each for each in found if each["id"].partition("/")[2] == kind]
    if own:
        told = SubElement(case, tag, message=legible(", ".join(each["id"] for each in own)))
        told.text = legible("\n".join(f"{each['id']}: {each['why']}" for each in own))


def markdown(result: LiveResult) -> str:
    """A summary for the page of a job."""
    return "\n".join(_summary(result)) + "\n"


def _summary(result: LiveResult) -> Iterator[str]:
    total = result.runs.total()
    yield f"### knell conform --mode live: {result.verdict}"
    yield ""
    yield f"{total} runs in {result.seconds:.0f} s, {len(result.actions)} kinds of actions seen."
    yield ""
    yield "| run | times | diverged | undecided |"
    yield "| --- | ---: | ---: | ---: |"
    for kind, times in sorted(result.runs.items()):
        counts = [
            sum(each["id"].partition("/")[2] == kind for each in found)
            for found in (result.divergences, result.undecided)
        ]
        yield f"| {kind} | {times} | {counts[0]} | {counts[1]} |"
    if result.uncovered:
        yield ""
        yield f"Not covered: {', '.join(result.uncovered)}."
    if result.coverable:
        yield ""
        yield f"Listed as uncovered, and covered: {', '.join(result.coverable)}."
