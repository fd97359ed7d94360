"""One HTML file that holds everything: data, styles and modules.

It loads nothing, so it works from a disk without a network, and its content security policy
says so to the browser: no request may leave it, only this script and this style may run, and
no text may become markup. The data stand in a block that is never executed.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from functools import cache
from importlib import resources
from typing import Any, Final

MAIN: Final = "main"
STYLE: Final = "style.css"

_IMPORT: Final = re.compile(
    r'^import\s+(?P<names>\{[^}]*\})\s+from\s+"\./(?P<module>\w+)\.js";\n', re.MULTILINE
)
_EXPORT: Final = re.compile(
    r"^export\s+(?P<what>function|class|const)\s+(?P<name>\w+)", re.MULTILINE
)

_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="knell">
<link rel="icon" href="data:,">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<div id="app"><noscript>This page shows its trace with a script of its own, which is switched off
here. Allow scripts for this file, or use the terminal: knell view TRACE.</noscript></div>
<script type="application/json" id="data">{data}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def render_page(content: dict[str, Any], title: str, *, live: bool = False) -> str:
    """The page for some content.

    Args:
        content: `{"traces": [bundle, ...]}`, `{"report": ...}` or `{"error": text}`.
        title: What the browser's tab says.
        live: Whether the page may ask the server that it came from, and nobody else.
    """
    script, style = _script(), _read(STYLE)
    return _PAGE.format(
        policy=_policy(script, style, live=live),
        title=html.escape(title),
        style=style,
        data=embed(content),
        script=script,
    )


def embed(content: object) -> str:
    r"""JSON that no HTML parser takes for markup, wherever its texts come from.

    >>> embed({"x": "</script><!--"})
    '{"x":"\\u003c/script\\u003e\\u003c!--"}'
    """
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


def _policy(script: str, style: str, *, live: bool) -> str:
    rules = [
        "default-src 'none'",
        f"script-src '{_digest(script)}'",
        f"style-src '{_digest(style)}'",
        "img-src data:",
        *(["connect-src 'self'"] if live else []),
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
    ]
    return "; ".join(rules)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _read(name: str) -> str:
    text = resources.files("knell.viewer").joinpath("web", name).read_text(encoding="utf-8")
    assert not re.search("</(script|style)|<!--", text), f"{name} would end its own element"
    return text


@cache
def _script() -> str:
    """All modules as one, each in a scope of its own, after those that it imports."""
    placed: dict[str, str] = {}

    def place(name: str) -> None:
        if name in placed:
            return
        text = _read(f"{name}.js")
        for match in _IMPORT.finditer(text):
            place(match["module"])
        placed[name] = _scoped(name, text)

    place(MAIN)
    return "\n".join(placed.values())


def _scoped(name: str, text: str) -> str:
    """A module as a function that is called once and returns what the module exports."""
    exported = ", ".join(match["name"] for match in _EXPORT.finditer(text))
    body = _IMPORT.sub(r"const \g<names> = $\g<module>;\n", text)
    body = _EXPORT.sub(r"\g<what> \g<name>", body)
    return f"const ${name} = (() => {{\n{body}\nreturn {{ {exported} }};\n}})();"
