"""New keys and addresses of peers and operators, while the node runs (§7.5).

A peer whose key has changed is a stranger under the old one at once: its sessions are forgotten,
and the frames of the failure path are made anew for it before the change takes effect. All else
of a configuration holds for an epoch; changing it takes a restart.
"""

from __future__ import annotations

from knell.node.runtime import config
from knell.node.runtime.config import Config, PeerTable
from knell.node.runtime.epoch import Prepared, addresses_of, keys_of
from knell.node.runtime.sessions import pairs
from knell.spec.errors import KnellError

_FIXED = ("node", "timers", "limits", "group")


def reload(prepared: Prepared) -> list[str]:
    """Read the configuration again and take what is new; return whose keys or addresses changed.

    Raises:
        KnellError: It is wrong, or says what only a restart can change; nothing was changed.
    """
    old = prepared.config
    new = config.load(old.path)
    _check(old, new)
    nodes, operators = keys_of(new)
    me, sessions = new.node.name, prepared.transport.sessions
    prepared.transport.proofs.renew(nodes, operators)
    prepared.transport.renew(addresses_of(new), pairs(me, sessions.key, nodes))
    prepared.config = new
    changed = [b.name for a, b in zip(_peers(old), _peers(new), strict=True) if a != b]
    return changed + (["operators"] if old.operators != new.operators else [])


def _peers(config: Config) -> list[PeerTable]:
    return sorted(config.peer, key=lambda each: each.name)


def _check(old: Config, new: Config) -> None:
    place, mend = str(new.path), "restart the node"
    for name in _FIXED:
        if getattr(old, name) != getattr(new, name):
            raise KnellError(f"[{name}] can't change while the node runs", place=place, mend=mend)
    if [each.name for each in _peers(old)] != [each.name for each in _peers(new)]:
        raise KnellError("the nodes can't change while a node runs", place=place, mend=mend)
    own = [each for config in (old, new) for each in config.peer if each.name == new.node.name]
    if own[0] != own[1]:
        raise KnellError(
            "a node's own key and addresses can't change while it runs", place=place, mend=mend
        )
