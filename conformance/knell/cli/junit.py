"""Verdicts as JUnit XML: a suite for each configuration, a case for each property.

A case is named by the property's id and by what it says, for those who read only its name.

What is violated is a failure. What is unknown is an error, so that it is never green.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from knell.cli.console import plain
from knell.cli.report import PropertyJson, Report, RunJson

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(reports: Sequence[Report], failures: Sequence[tuple[str, str]] = ()) -> str:
    """The document; ``failures`` are configurations that could not be checked, and why."""
    root = Element("testsuites", name="knell")
    totals = {"tests": 0, "failures": 0, "errors": 0}
    for report in reports:
        for key, number in _suite(root, report).items():
            totals[key] += number
    for name, why in failures:
        suite = SubElement(root, "testsuite", name=_text(name), tests="1", failures="0", errors="1")
        case = SubElement(suite, "testcase", classname=_text(name), name="check")
        SubElement(case, "error", message=_text(why))
        totals["tests"] += 1
        totals["errors"] += 1
    for key, number in totals.items():
        root.set(key, str(number))
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, report: Report) -> dict[str, int]:
    run = report.run
    verdicts = [row["verdict"] for row in run["properties"]]
    counts = {
        "tests": len(verdicts),
        "failures": verdicts.count("violated"),
        "errors": verdicts.count("unknown"),
    }
    name = f"{run['model']}.{run['config_name'] or 'default'}"
    suite = SubElement(root, "testsuite", name=_text(name), time=f"{run['seconds']['total']:.3f}")
    for key, number in counts.items():
        suite.set(key, str(number))
    for row in run["properties"]:
        about = f"{row['id']}: {row['about']}" if row["about"] else row["id"]
        case = SubElement(suite, "testcase", classname=_text(name), name=_text(about))
        if row["verdict"] == "violated":
            failure = SubElement(case, "failure", message=_text(_message(row)))
            failure.text = _text("\n".join(report.stories.get(row["id"], [])))
        elif row["verdict"] == "unknown":
            SubElement(case, "error", message=_text(_reason(run)))
    return counts


def _message(row: PropertyJson) -> str:
    where = f"; trace: {row['trace']}" if row["trace"] else ""
    steps = f" after {row['steps']} steps" if row["steps"] is not None else ""
    return f"{row['id']} is violated{steps}: {row['about']}{where}"


def _reason(run: RunJson) -> str:
    return "unknown: " + ("; ".join(run["reasons"]) or "the search was not complete")


def _text(text: str) -> str:
    """The text without colours and without characters that XML can't hold."""
    return _FORBIDDEN.sub("", plain(text))
