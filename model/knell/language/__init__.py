"""The language in which models are written: see ``spec/LANGUAGE.md``.

A model is a plain Python file::

    from knell.language import Model, exists, forall, require

    m = Model("two-phase-commit")
    RM = m.sort("RM", size=3)
    ...
"""

from knell.language.errors import ModelError
from knell.language.formulas import count, every, exists, forall, iff, implies, ite, some
from knell.language.model import Action, Model
from knell.language.properties import on
from knell.language.recording import each, require, when
from knell.language.settings import Mutant, Settings
from knell.language.symbols import ANY
from knell.language.types import BOOL

__all__ = [
    "ANY",
    "BOOL",
    "Action",
    "Model",
    "ModelError",
    "Mutant",
    "Settings",
    "count",
    "each",
    "every",
    "exists",
    "forall",
    "iff",
    "implies",
    "ite",
    "on",
    "require",
    "some",
    "when",
]
