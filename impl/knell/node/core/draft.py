"""A state that a rule is changing, and the effects that it asks for meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from msgspec.structs import replace

from knell.node.core import effects as fx
from knell.node.core.messages import Message, Signed, key_of
from knell.node.core.state import Group, Member, Peer, State


@dataclass(slots=True)
class Draft:
    """What one call of `receive` works on."""

    state: State
    now: int
    effects: list[fx.Effect] = field(default_factory=list)

    def emit(self, effect: fx.Effect) -> None:
        """Ask for an effect."""
        self.effects.append(effect)

    def trace(self, action: str, **parameters: str) -> None:
        """Record that this event is an action of the protocol."""
        self.emit(fx.Trace(action, tuple(parameters.items())))

    def log(self, what: str, about: object) -> None:
        """Note what changes nothing."""
        self.emit(fx.Log(what, str(about)))

    def tell(self, group: str, news: fx.News) -> None:
        """Tell the group's member on this node, if there is one that listens."""
        if self.state.runs(group):
            self.emit(fx.Tell(group, news))

    def send(self, to: str, *frames: Message) -> None:
        """Send traffic to one node."""
        self.emit(fx.Send((to,), frames))

    def answer(self, refused: str | None = None) -> None:
        """Answer whoever asked."""
        self.emit(fx.Answer(refused))

    # Changing one record of the state

    def set_group(self, name: str, **changes: Any) -> Group:
        """Change what is recorded of a group."""
        changed = replace(self.state.groups[name], **changes)
        self.state.groups[name] = changed
        return changed

    def set_member(self, group: str, **changes: Any) -> Member:
        """Change what is recorded of an own member."""
        changed = replace(self.state.members[group], **changes)
        self.state.members[group] = changed
        return changed

    def set_peer(self, node: str, **changes: Any) -> Peer:
        """Change what is recorded of another node."""
        changed = replace(self.state.peers[node], **changes)
        self.state.peers[node] = changed
        return changed

    def persist(self, group: str) -> None:
        """Store what has to survive, before what the rule asks for after this."""
        self.emit(fx.Persist(group, self.state.groups[group].durable()))

    def keep(self, signed: Signed) -> None:
        """Store a statement that must survive (§4.8)."""
        if key_of(signed.statement) not in self.state.store:
            self.emit(fx.Keep(signed))
