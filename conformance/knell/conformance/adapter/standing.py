"""Where a run of an adapter stands: the states of the model that fit, and what was sent so far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import msgspec

from knell.conformance.adapter import wire
from knell.conformance.adapter.observation import MalformedError
from knell.conformance.sim.network import Lists
from knell.conformance.sim.perform import Seen

KINDS: Final = frozenset(
    {
        "ANNOUNCE",
        "DISTRESS",
        "QUIESCED",
        "MEMBER_GONE",
        "PROMOTED",
        "PROPOSE",
        "ACCEPT",
        "COMMIT",
    }
)
"""What the harness delivers."""

Sent = Mapping[tuple[str, ...], wire.Message]
"""Statements by receiver, kind, and the node and group that they are about."""


@dataclass
class Standing:
    """Where a run stands; its parts are replaced, never changed, so that a copy shares them.

    Attributes:
        belief: The states of the model that fit, by number.
        sent: What was sent; of two wordings the first.
        gated: For each node that has said QUIESCED the groups that it calls gated.
        lists: What was proposed: by maker, group and newest entry the others in the list.
    """

    belief: list[int] = field(default_factory=lambda: [0])
    sent: Sent = field(default_factory=dict)
    gated: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lists: Lists = field(default_factory=dict)

    def copy(self) -> Standing:
        """The same, to go on from."""
        return replace(self)

    def hear(self, node: str, effects: Iterable[wire.Effect]) -> tuple[Seen, ...]:
        """Note what a node has sent, and return what else is seen."""
        seen: set[Seen] = set()
        found: list[Seen] = []
        for effect in effects:
            if effect.send is not None:
                seen |= self._note(node, effect.send)
            elif effect.tell is not None and effect.tell.news == "node_left":
                found.append(("leave", effect.tell.group, effect.tell.node or "?"))
            elif effect.tell is not None and effect.tell.news == "clustering_ending":
                found.append(("ending", effect.tell.group))
            elif effect.report is not None:
                found.append(("report", effect.report.group, effect.report.cause))
            elif effect.act is not None:
                found.append(("act", effect.act.group))
            elif effect.route is not None:
                found.append(("route", effect.route.node))
            elif effect.propose is not None:
                self._propose(node, effect.propose)
        return tuple(sorted([*found, *seen]))

    def _propose(self, node: str, proposal: wire.Proposal) -> None:
        if not proposal.list:
            raise MalformedError("a list without entries", place="effects.propose.list")
        *others, newest = proposal.list
        known = {(node, proposal.group, newest): frozenset(others)}
        self.lists = {**known, **self.lists}

    def _note(self, node: str, send: wire.Send) -> set[Seen]:
        """Note a statement for those to whom it goes."""
        if send.body.get("kind") not in KINDS:
            return set()
        try:
            body = msgspec.convert(send.body, wire.Body)
        except msgspec.ValidationError as error:
            raise MalformedError(str(error), place="effects.send.body") from None
        about = about_of(body)
        if body.kind == "QUIESCED" and body.node not in self.gated:
            self.gated = {**self.gated, body.node: frozenset(body.gated)}
        messages = {
            (to, body.kind, *about): wire.Message(send.msg_id, node, to, send.body)
            for to in send.to
        }
        if not messages.keys() <= self.sent.keys():
            self.sent = {**messages, **self.sent}
        return {("distress",)} if body.kind == "DISTRESS" and body.node == node else set()


def about_of(body: wire.Body) -> tuple[str, ...]:
    """What is said, by the names under which it is looked for."""
    parts = (body.node, body.primary, body.group, body.newest)
    return tuple(each for each in parts if each is not None)
