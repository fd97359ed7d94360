"""Errors that are the checker's own."""

from __future__ import annotations


class InternalError(Exception):
    """The checker contradicts the meaning of the language: a bug of ours, never a verdict."""


class WorkerLostError(Exception):
    """A process that searched is gone, and with it its part of the states: nothing is known."""


class MisstepError(Exception):
    """Generated code met an error of the model.

    ``failure`` is an index into the program's failures; without it, executing the instance
    ``instance`` breaks its check number ``check``. ``state`` is the number of the state, where it
    is not clear from the place that asked.
    """

    def __init__(self, failure: int | None, instance: int = 0, check: int = 0) -> None:
        super().__init__(failure, instance, check)
        self.failure = failure
        self.instance = instance
        self.check = check
        self.state = 0


def fail(index: int) -> int:
    """Stands for a ``fail`` term in generated code."""
    raise MisstepError(index)


def wrong(instance: int, check: int) -> None:
    """Stands for a broken check in generated code."""
    raise MisstepError(None, instance, check)
