"""Calls the parts of a search: actors of Ray, or parts in this process, one after the other."""

from __future__ import annotations

import logging
import os
import pickle
import socket
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Protocol

from knell.checker.cluster.part import Part
from knell.checker.errors import WorkerLostError
from knell.checker.questions import Questions
from knell.checker.symmetry import Group
from knell.language.grounding import Program
from knell.spec.errors import KnellError

_ANSWER_SECONDS = 10.0


class Team(Protocol):
    """Some parts. What a call returns may be handed to other calls before it is there."""

    size: int

    def send(self, method: str, arguments: Sequence[Sequence[Any]], returns: int = 1) -> list[Any]:
        """Call a method of each part, with its arguments; a list each where it returns several."""
        ...

    def get(self, promised: Sequence[Any]) -> list[Any]:
        """What was returned."""
        ...

    def close(self) -> None:
        """Let the parts go."""


class LocalTeam:
    """Parts in this process."""

    def __init__(
        self, program: Program, questions: Questions, group: Group | None, size: int
    ) -> None:
        self.size = size
        self.parts = [Part(program, questions, group) for _ in range(size)]

    def send(self, method: str, arguments: Sequence[Sequence[Any]], returns: int = 1) -> list[Any]:
        """As :meth:`Team.send`."""
        del returns
        calls = zip(self.parts, arguments, strict=True)
        return [getattr(part, method)(*own) for part, own in calls]

    def get(self, promised: Sequence[Any]) -> list[Any]:
        """As :meth:`Team.get`."""
        return list(promised)

    def close(self) -> None:
        """As :meth:`Team.close`."""
        self.parts = []


class RayTeam:
    """Parts that are actors of Ray: of the cluster that ``RAY_ADDRESS`` names, or started here."""

    def __init__(
        self, program: Program, questions: Questions, group: Group | None, size: int
    ) -> None:
        ray: Any = import_module("ray")  # an extra, and heavy
        self.size = size
        self._ray = ray
        self._started = not ray.is_initialized()
        if self._started:
            _join(ray, size)
        there = int(ray.cluster_resources().get("CPU", 0))
        if there < size:
            raise KnellError(
                f"the cluster has {there} processors",
                place=f"--workers {size}",
                mend=f"give --workers {max(1, there)} at most",
            )
        actor = ray.remote(num_cpus=1, scheduling_strategy="SPREAD")(_Remote)
        payload = ray.put(pickle.dumps((program, questions, group)))
        self._actors = [actor.remote(payload) for _ in range(size)]

    def send(self, method: str, arguments: Sequence[Sequence[Any]], returns: int = 1) -> list[Any]:
        """As :meth:`Team.send`."""
        calls = zip(self._actors, arguments, strict=True)
        many = [
            actor.call.options(num_returns=returns).remote(method, *own) for actor, own in calls
        ]
        return [[one] for one in many] if method == "spread" and returns == 1 else many

    def get(self, promised: Sequence[Any]) -> list[Any]:
        """As :meth:`Team.get`."""
        kinds = self._ray.exceptions
        try:
            found: list[Any] = self._ray.get(list(promised))
        except kinds.RayError as error:
            # What the part itself raised is not a loss; that Ray could not give it arguments is.
            own = isinstance(error, kinds.RayTaskError)
            if own and not isinstance(getattr(error, "cause", None), kinds.RayError):
                raise
            raise WorkerLostError(
                "a worker of the cluster was lost, and with it its part of the states; "
                "nothing is known, so start again"
            ) from error
        return found

    def close(self) -> None:
        """As :meth:`Team.close`."""
        for actor in self._actors:
            self._ray.kill(actor)
        if self._started:
            self._ray.shutdown()


def _join(ray: Any, size: int) -> None:
    """Join the cluster that ``RAY_ADDRESS`` names, or start one here."""
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    address = os.environ.get("RAY_ADDRESS")
    if address is None:
        ray.init(address="local", num_cpus=size, include_dashboard=False, **quiet)
        return
    try:
        _reach(address)
        ray.init(**quiet)
    except Exception as error:
        raise KnellError(
            f"no cluster of Ray lets us in there: {error}",
            place=f"RAY_ADDRESS={address}",
            mend="start one, with the same Ray and token, as docs/ENGINES.md tells",
        ) from error


def _reach(address: str) -> None:
    """Find out in seconds whether anybody answers; Ray takes minutes."""
    host, _, port = address.rpartition(":")
    if port.isdigit():
        socket.create_connection((host, int(port)), _ANSWER_SECONDS).close()


class _Remote:
    """A part in a process of its own."""

    def __init__(self, payload: bytes) -> None:
        program, questions, group = pickle.loads(payload)  # noqa: S301  # our own
        self.part = Part(program, questions, group)

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method of the part."""
        found = getattr(self.part, method)(*arguments)
        return found[0] if method == "spread" and len(found) == 1 else found
