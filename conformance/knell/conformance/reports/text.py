"""What a person reads of a campaign, and what a job's page and its annotations show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from knell.conformance.campaign import Result
from knell.conformance.mapping.variables import VARIABLES, Source, source_of
from knell.conformance.replay.divergence import Divergence


def lines_of(result: Result) -> Iterator[str]:
    """The report as text."""
    coverage = result.coverage
    rate = coverage.replays / result.seconds if result.seconds else 0.0
    yield f"{result.adapter}, configuration {result.config}, sim"
    yield (
        f"  {coverage.covered:,} of {coverage.model:,} transitions covered, "
        f"{coverage.replays:,} replays"
    )
    yield (
        f"  {coverage.tried:,} disabled actions and {coverage.stutters:,} stutters tried, "
        "which must change nothing"
    )
    yield f"  {result.seconds:.1f} s, {rate:,.0f} transitions/s"
    if result.pairs is not None:
        yield f"  {result.pairs[1]:,} of {result.pairs[0]:,} pairs of transitions covered"
    yield from _spread(result)
    for what, why in coverage.skipped.items():
        yield f"  skipped {what}: {why}"
    for name, number in sorted(coverage.ignored.items()):
        yield f"  not observable: {name}, {number:,} times"
    if coverage.doubtful:
        yield f"  {coverage.doubtful:,} outcomes are not definite"
    for failure in coverage.failures[:5]:
        yield f"  the adapter failed: {failure}"
    for found in coverage.divergences:
        yield from story(found, known=found.id in result.known)
        if found.id in result.traces:
            yield f"    knell view {result.traces[found.id]}"
    for id in result.unexpected:
        yield f"  listed as known to fail, but it does not: {id}"
    yield f"{result.verdict}{_why(result)}"


def _spread(result: Result) -> Iterator[str]:
    """How many states of a core stand for one of the model, and in what they differ."""
    if result.met:
        worst = max(result.met)
        ones = result.met.get(1, 0)
        yield (
            f"  core states per model state: 1 for {ones:,} of {sum(result.met.values()):,}, "
            f"at most {worst}; they differ in {', '.join(result.spread) or 'nothing'}"
        )
    for name in result.unexplained:
        yield f"  nobody has said why core states may differ in {name}"


def _why(result: Result) -> str:
    coverage = result.coverage
    if result.verdict == "diverged" and not result.divergences:
        return ": known failures that do not fail; take them off the list"
    if result.verdict != "inconclusive":
        return ""
    if not coverage.replays:
        return ": nothing was replayed"
    if coverage.failures:
        return ": the adapter failed"
    if coverage.skipped:
        return ": something was skipped"
    if result.unexplained:
        return ": core states differ in what nobody has explained"
    if coverage.covered < coverage.supported:
        return f": {coverage.supported - coverage.covered:,} transitions are left"
    return ""


def story(found: Divergence, *, known: bool = False) -> Iterator[str]:
    """A divergence: the run, the step, and the difference."""
    mark = "known to diverge" if known else "diverges"
    yield f"  {mark}: {found.id}"
    for number, step in enumerate(found.steps, start=1):
        last = number == len(found.steps)
        note = "" if not last else "   <- differs" if found.enabled else "   <- must change nothing"
        yield f"    {number:3} {step}{note}"
    for each in found.findings:
        yield f"        {each.what}"
        yield f"      - expected {each.expected}"
        yield f"      + observed {each.observed}"


def markdown(results: Sequence[Result]) -> str:
    """A summary for the page of a job."""
    out = ["## Conformance", ""]
    out += ["| implementation | configuration | transitions | replays | seconds | verdict |"]
    out += ["| --- | --- | ---: | ---: | ---: | --- |"]
    for result in results:
        coverage = result.coverage
        out.append(
            f"| {result.adapter} | {result.config} | {coverage.covered:,} of {coverage.model:,} "
            f"| {coverage.replays:,} | {result.seconds:.1f} | {result.verdict} |"
        )
    for result in results:
        for what, why in result.coverage.skipped.items():
            out += ["", f"Skipped in {result.adapter}: {what}: {why}"]
        for found in result.coverage.divergences:
            known = found.id in result.known
            out += ["", f"### {found.id}{' (known)' if known else ''}", "", "```"]
            out += list(story(found, known=known))[1:]
            out += ["```"]
        out += ["", *(f"- no longer fails: {id}" for id in result.unexpected)]
    return "\n".join(out).rstrip() + "\n"


def for_github(results: Sequence[Result]) -> Iterator[str]:
    """Lines that GitHub shows beside a run."""
    for result in results:
        for found in result.divergences:
            first = found.findings[0]
            text = f"{result.adapter}: after {len(found.steps)} steps, {first}"
            yield f"::error title=diverges: {_escaped(found.id)}::{_escaped(text)}"
        for id in result.unexpected:
            yield f"::error title=known failure does not fail::{_escaped(id)}"
        for what, why in result.coverage.skipped.items():
            yield f"::warning title=skipped: {_escaped(what)}::{_escaped(why)}"
        for failure in result.coverage.failures[:5]:
            yield f"::error title=adapter failed::{_escaped(failure)}"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace("::", ":")


def sources(result: Result) -> list[tuple[str, str, str]]:
    """For each variable of the model where its value is read, and how, or why not."""
    model = result.expected.model
    found = []
    for each in model.variables:
        source = source_of(model, each.name)
        about = VARIABLES[each.name].about
        if source is Source.LOST:
            about = "nobody hears it in this configuration"
        found.append((each.name, str(source), about))
    return found
