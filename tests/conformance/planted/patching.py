"""How rules of the core are patched, so that a fault needs no second copy of them."""

from knell.node.core import core, promotion, relay, shutdown
from knell.node.core.draft import Draft
from knell.node.core.state import State

PUBLISH = relay.publish
RELEASED = State.is_released
EMIT = Draft.emit
SET_PEER = Draft.set_peer


def handler(patch, kind, handle):
    """Replace what a core does on a kind of event."""
    patch.setitem(core._HANDLERS, kind, handle)


def original(kind):
    return core._HANDLERS[kind]


def unsaid(patch, kind):
    """A statement of this kind is never made."""

    def publish(d, statement, *args, **named):
        if not isinstance(statement, kind):
            PUBLISH(d, statement, *args, **named)

    for module in (shutdown, promotion):
        patch.setattr(module, "publish", publish)


def without_effect(patch, is_lost):
    """Some effects are never asked for."""
    patch.setattr(Draft, "emit", lambda d, effect: None if is_lost(effect) else EMIT(d, effect))
