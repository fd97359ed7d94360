"""Explicit-state checking: what a model does in every state that it can reach."""

from knell.checker.check import check
from knell.checker.errors import InternalError, WorkerLostError
from knell.checker.results import (
    CheckResult,
    Options,
    Overall,
    Progress,
    PropertyResult,
    Run,
    Verdict,
)

__all__ = [
    "CheckResult",
    "InternalError",
    "Options",
    "Overall",
    "Progress",
    "PropertyResult",
    "Run",
    "Verdict",
    "WorkerLostError",
    "check",
]
