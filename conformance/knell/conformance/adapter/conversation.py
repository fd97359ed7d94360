"""Asking an adapter: requests with their numbers, replies by the command that they answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from knell.conformance.adapter import wire
from knell.conformance.adapter.observation import MalformedError
from knell.conformance.adapter.peer import Peer, PeerError

_DECODERS = {cmd: msgspec.json.Decoder(kind) for cmd, kind in wire.ANSWERS.items()}


class Conversation:
    """What is asked of one adapter; it begins with `hello`.

    Args:
        peer: The adapter.
        model: The model that it is judged against.
        deadline_ms: How long to wait for a reply.

    Attributes:
        asked: How many requests were made.
        hello: What the adapter has said of itself.

    Raises:
        PeerError: The adapter does not answer, or answers with an error.
        MalformedError: Its answer is none.
    """

    def __init__(self, peer: Peer, model: wire.Model, deadline_ms: int) -> None:
        self.peer = peer
        self.deadline_ms = deadline_ms
        self.asked = 0
        self._model = model
        self.hello = self._hello()

    def _hello(self) -> wire.Hello:
        hello = self.must("hello", versions=(wire.VERSION,), model=self._model)
        assert isinstance(hello, wire.Hello)
        if hello.version != wire.VERSION:
            raise MalformedError(f"version {hello.version} was not offered", place="reply to hello")
        if "sim" not in hello.modes:
            raise PeerError("the adapter has no mode sim")
        return hello

    def restart(self) -> None:
        """Begin with a fresh adapter, after a failure."""
        self.peer.restart()
        self.hello = self._hello()

    def ask_all(self, requests: Sequence[wire.Request | None]) -> list[wire.Reply | None]:
        """Ask for all of these, in this order; where there is no request there is no reply.

        They are under way together, if the adapter can take that.
        """
        asked = [each for each in requests if each is not None]
        if "pipeline" in self.hello.features:
            replies = iter(self.peer.ask_all(asked))
        else:
            replies = iter([self.peer.ask(each) for each in asked])
        return [None if each is None else next(replies) for each in requests]

    def request(self, cmd: str, **fields: Any) -> wire.Request:
        """A request with the next number."""
        self.asked += 1
        return wire.Request(self.asked, cmd, deadline_ms=self.deadline_ms, **fields)

    def answer(self, cmd: str, reply: wire.Reply) -> Any:
        """What `ok` or `err` of a reply holds."""
        if reply.err is not None:
            return reply.err
        try:
            return _DECODERS[cmd].decode(reply.ok)
        except msgspec.DecodeError as error:
            raise MalformedError(str(error), place=f"reply to {cmd}") from None

    def granted(self, cmd: str, reply: wire.Reply) -> Any:
        """What `ok` of a reply holds; an error is a failure of the adapter."""
        answer = self.answer(cmd, reply)
        if isinstance(answer, wire.Error):
            raise PeerError(f"{cmd} fails with {answer.code}: {answer.text}")
        return answer

    def must(self, cmd: str, **fields: Any) -> Any:
        """Ask, and return what `ok` of the reply holds."""
        return self.granted(cmd, self.peer.ask(self.request(cmd, **fields)))
