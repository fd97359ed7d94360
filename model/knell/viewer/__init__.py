"""The viewer: a trace as a page that needs nothing else, and as text for a terminal.

It knows traces (`knell.spec`) and nothing of models: whatever more can be said about a
run (which guard clause disables an action, which conjunct broke) arrives as data, the
`extras` of `spec/TRACE.md`, and without them the viewer shows what the states tell.

| module | does |
| --- | --- |
| `cells` | takes values apart into cells, so that nested differences can be shown |
| `bundle` | packs a trace into what a page or a terminal reads: first state, then changes |
| `scene` | finds the lanes of the space-time diagram, and the arrows between them |
| `page` | writes one self-contained HTML file |
| `terminal` | writes text |
| `web/` | the page's modules and styles, hand-written |
"""

from knell.viewer.bundle import bundle_of
from knell.viewer.page import render_page
from knell.viewer.terminal import render_reasons, render_text

__all__ = ["bundle_of", "render_page", "render_reasons", "render_text"]
