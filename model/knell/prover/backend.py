"""The one door to z3, which is an extra: everything else in this package imports it from here.

z3 brings no types of its own, so its terms are ``Any`` to the checkers of types.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from knell.spec.errors import KnellError


def _load() -> Any:
    try:
        return import_module("z3")
    except ImportError:
        raise KnellError(
            "proving needs z3, which is not installed",
            place="knell prove",
            mend="pip install 'knell[prove]'",
        ) from None


z3: Any = _load()


def version() -> str:
    """The version of z3 that answers."""
    return str(z3.get_version_string())
