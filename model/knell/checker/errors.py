"""Errors that are the checker's own."""

from __future__ import annotations


class InternalError(Exception):
    """The checker contradicts the meaning of the language: a bug of ours, never a verdict."""
