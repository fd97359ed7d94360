"""Whether an adapter speaks the protocol, whatever it implements: each reply against its type."""

from __future__ import annotations

from knell.conformance.adapter.cover import Cover
from knell.conformance.adapter.judge import Judge
from knell.conformance.adapter.observation import MalformedError
from knell.conformance.adapter.peer import Child, PeerError
from knell.conformance.replay.expected import Expectation
from knell.language.model import Model

_WALKS = 5


def validate(model: Model, command: str, *, seed: int = 0) -> tuple[int, list[str]]:
    """Walk a little, and return how many replies came and what was wrong with them.

    Raises:
        KnellError: There is no such command.
    """
    expected = Expectation(model)
    graph = expected.graph()
    peer = Child(command)
    try:
        judge = Judge(expected, graph, peer, seed=seed)
    except (PeerError, MalformedError) as error:
        complaints = peer.complaints()
        peer.close()
        return 0, [f"{error}{f'; it complains: {complaints}' if complaints else ''}"]
    try:
        cover = Cover(judge, snapshots=False)
        coverage = cover.walk(seed, runs=_WALKS)
        if "snapshot" in judge.talk.hello.features:
            judge.begin("snapshot")
            judge.go_back(judge.keep())
    except (PeerError, MalformedError) as error:
        return judge.talk.asked, [str(error)]
    finally:
        peer.close()
    return judge.talk.asked, coverage.failures
