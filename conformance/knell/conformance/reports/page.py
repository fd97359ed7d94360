"""A campaign as one self-contained page: implementations against requirements."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from knell.conformance.campaign import Result
from knell.conformance.replay.spread import reason_of
from knell.conformance.reports.text import sources, story

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse; margin: 1rem 0 }
td, th { padding: .25rem .6rem; text-align: left }
th { border-bottom: 2px solid } td { border-bottom: 1px solid #8884; vertical-align: top }
td.n { text-align: right } .ok { color: #197a34 } .bad { color: #b3261e; font-weight: 600 }
.gap { color: #8a5a00 } pre { background: #8881; padding: .75rem; overflow-x: auto }
@media (prefers-color-scheme: dark) { body { background: #16181c; color: #e6e6e6 }
.ok { color: #6fce86 } .bad { color: #ff8a80 } .gap { color: #f0b74a } a { color: #8ab4f8 } }
"""


def page(results: Sequence[Result]) -> str:
    """The page."""
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width">',
        f"<title>conformance · knell</title><style>{_STYLE}</style></head><body>",
        "<h1>Conformance</h1>",
        _summary(results),
        "<h2>Requirements</h2>",
        "<p>A requirement is a section of the protocol, with the action that realizes it. ",
        "A cell shows how many of its transitions were replayed.</p>",
        _matrix(results),
    ]
    parts += [_details(result) for result in results]
    return "".join([*parts, "</body></html>\n"])


def _summary(results: Sequence[Result]) -> str:
    rows = "".join(
        f"<tr><td>{escape(each.adapter)}</td><td>{escape(each.config)}</td>"
        f'<td class="n">{each.coverage.covered:,} of {each.coverage.model:,}</td>'
        f'<td class="n">{each.coverage.replays:,}</td><td class="n">{each.coverage.tried:,}</td>'
        f'<td class="n">{each.seconds:.1f}</td>{_cell(each.verdict, each.verdict)}</tr>'
        for each in results
    )
    heads = [
        "implementation",
        "configuration",
        "transitions",
        "replays",
        "tried",
        "seconds",
        "verdict",
    ]
    return (
        f"<table><tr>{''.join(f'<th>{h}</th>' for h in heads)}<th>verdict</th></tr>{rows}</table>"
    )


def _matrix(results: Sequence[Result]) -> str:
    actions = {
        action.name: action.section
        for result in results
        for action in result.expected.model.actions
    }
    heads = "".join(f"<th>{escape(r.adapter)}, {escape(r.config)}</th>" for r in results)
    rows = []
    for name, section in sorted(actions.items(), key=lambda pair: (_order(pair[1]), pair[0])):
        cells = "".join(_requirement(result, name) for result in results)
        rows.append(f"<tr><td>{escape(section)}</td><td>{escape(name)}</td>{cells}</tr>")
    head = f"<tr><th>section</th><th>action</th>{heads}</tr>"
    return f"<table>{head}{''.join(rows)}</table>"


def _order(section: str) -> tuple[int, ...]:
    return tuple(int(part) for part in section.lstrip("§").split(".") if part.isdigit())


def _requirement(result: Result, action: str) -> str:
    coverage = result.coverage
    wanted, covered = coverage.by_action[action], coverage.covered_by_action[action]
    own = [each for each in result.coverage.divergences if each.id.partition("/")[0] == action]
    if not wanted:
        return _cell("not in this configuration", "gap")
    if own:
        links = ", ".join(_link(result, each.id) for each in own)
        return f'<td class="bad">diverges: {links}</td>'
    if action in coverage.skipped:
        return _cell(f"skipped: {coverage.skipped[action]}", "gap")
    return _cell(f"{covered:,} of {wanted:,}", "conforms" if covered == wanted else "gap")


def _link(result: Result, id: str) -> str:
    target = result.traces.get(id)
    if target is None:
        return f'<a href="#{escape(id)}">{escape(id)}</a>'
    return f'<a href="{escape(Path(target).name)}">{escape(id)}</a>'


def _cell(text: str, verdict: str) -> str:
    kind = {"conforms": "ok", "diverged": "bad"}.get(verdict, "gap")
    return f'<td class="{kind}">{escape(text)}</td>'


def _details(result: Result) -> str:
    parts = [f"<h2>{escape(result.adapter)}, {escape(result.config)}</h2>"]
    for found in result.coverage.divergences:
        text = escape("\n".join(list(story(found))[1:]))
        parts.append(f'<h3 id="{escape(found.id)}">{escape(found.id)}</h3><pre>{text}</pre>')
    parts += (
        f'<p class="bad">The adapter failed: {escape(failure)}</p>'
        for failure in result.coverage.failures[:5]
    )
    if result.met:
        rows = "".join(
            f'<tr><td class="n">{k}</td><td class="n">{n:,}</td></tr>'
            for k, n in result.met.items()
        )
        parts.append(
            "<h3>Core states per model state</h3><table><tr><th>core states</th>"
            f"<th>model states</th></tr>{rows}</table>"
        )
        rows = "".join(
            f'<tr><td>{escape(what)}</td><td class="n">{number:,}</td>'
            f"<td>{escape(reason_of(what) or 'nobody has said why')}</td></tr>"
            for what, number in result.spread.most_common()
        )
        parts.append(
            "<table><tr><th>they differ in</th><th>model states</th><th>why they may</th></tr>"
            f"{rows}</table>"
        )
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(source)}</td><td>{escape(about)}</td></tr>"
        for name, source, about in sources(result)
    )
    parts.append(
        "<h3>Where each variable of the model is read</h3>"
        f"<table><tr><th>variable</th><th>source</th><th>value</th></tr>{rows}</table>"
    )
    return "".join(parts)
