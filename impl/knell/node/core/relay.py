"""Statements on their way: publishing, acknowledging, sending again, relaying (§5.1).

A statement goes out once at once, and again until the receiver has acknowledged it or T_signal
has passed; from then on relay is what brings it there: heartbeats carry a digest of all that a
node holds, whose difference makes the receiver say what it holds, and then gets what it lacks.

What is kept is chosen so that two nodes that heard the same keep the same. An ANNOUNCE says all
that the statements about older epochs of its node say, so it replaces them; of PROMOTED and
COMMIT only the latest of a group says anything new.
"""

from __future__ import annotations

from collections.abc import Iterable

from knell.node.core import effects as fx
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.events import Timer
from knell.node.core.values import end_of

_BATCH = 24
"""How many statements go out in answer to one `Known`; the next heartbeat brings the rest."""


def publish(
    d: Draft,
    statement: ms.Statement,
    proof: bytes = b"",
    *,
    ahead: Iterable[ms.Signed] = (),
    urgent: bool = False,
) -> None:
    """Send a statement to every other node, until each has acknowledged it.

    What has to be known before it goes ahead in the same datagram, the first time; if that is
    lost, relay brings it.
    """
    signed = ms.Signed(statement, proof)
    hold(d, signed)
    peers = d.state.settings.peers
    if not peers:
        return
    d.emit(fx.Send(peers, (*_ahead(d, statement), *ahead, signed), urgent))
    key, deadline = ms.key_of(statement), d.now + d.state.settings.signal
    for peer in peers:
        d.state.unacked[peer, key] = deadline
    d.state.resend_after = d.state.settings.resend
    d.emit(fx.Arm(Timer.RESEND, d.state.resend_after))


def _ahead(d: Draft, statement: ms.Statement) -> tuple[ms.Signed, ...]:
    """The lapses that a node owes its peers before it says anything about itself (§10.7)."""
    if not isinstance(statement, ms.Distress | ms.Quiesced | ms.Announce | ms.MemberGone):
        return ()
    return tuple(each for key, each in d.state.store.items() if key.kind == "LAPSED")


def hold(d: Draft, signed: ms.Signed) -> None:
    """Keep a statement for relay, unless a kept one says as much; drop what it replaces."""
    key = ms.key_of(signed.statement)
    store = d.state.store
    if key in store or any(_says_more(each.statement, signed.statement) for each in store.values()):
        return
    for old, each in tuple(store.items()):
        if _says_more(signed.statement, each.statement):
            del store[old]
            d.state.digest ^= ms.number_of(old)
    store[key] = signed
    d.state.digest ^= ms.number_of(key)


def _says_more(new: ms.Statement, old: ms.Statement) -> bool:
    """Whether all that `old` says follows from `new`."""
    match new, old:
        case ms.Announce(node, epoch), ms.Promoted() | ms.Commit() | ms.Bootstrap():
            return False
        case ms.Announce(node, epoch), _:
            subject = ms.subject_of(old)
            return subject is not None and subject.node == node and subject.number < epoch
        case ms.Promoted(group, entry), ms.Promoted(other, older):
            return group == other and older.position < entry.position
        case ms.Commit(group, primary, domain), ms.Commit(other, earlier, shorter):
            ranks = (primary.position, end_of(domain)), (earlier.position, end_of(shorter))
            return group == other and ranks[0] > ranks[1]
        case _:
            return False


def acknowledge(d: Draft, signed: ms.Signed, via: str) -> None:
    """Tell the node that a statement came from that it arrived."""
    if via in d.state.peers:
        d.send(via, ms.Received((ms.number_of(ms.key_of(signed.statement)),)))


def on_received(d: Draft, numbers: tuple[int, ...], sender: str) -> None:
    """A peer has these statements."""
    for peer, key in tuple(d.state.unacked):
        if peer == sender and ms.number_of(key) in numbers:
            del d.state.unacked[peer, key]
    if not d.state.unacked:
        d.emit(fx.Cancel(Timer.RESEND))


def on_resend(d: Draft) -> None:
    """Send again what was not acknowledged, and give up what is too old."""
    state = d.state
    for (peer, key), deadline in tuple(state.unacked.items()):
        if deadline <= d.now or key not in state.store:
            del state.unacked[peer, key]
    waiting: dict[str, list[ms.Signed]] = {}
    for peer, key in state.unacked:
        waiting.setdefault(peer, []).append(state.store[key])
    for peer, frames in waiting.items():
        lapses = [lapse for each in frames for lapse in _ahead(d, each.statement)]
        urgent = any(isinstance(f.statement, ms.Distress | ms.Quiesced) for f in frames)
        d.emit(fx.Send((peer,), tuple(dict.fromkeys([*lapses, *frames])), urgent))
    if waiting:
        state.resend_after = min(2 * state.resend_after, state.settings.resend_limit)
        d.emit(fx.Arm(Timer.RESEND, state.resend_after))


def on_digest(d: Draft, digest: int, sender: str) -> None:
    """A peer holds other statements than this node: say which ones are here."""
    if digest != d.state.digest:
        newest = tuple(d.state.store)[-ms.MOST_KNOWN :]  # what is left out comes again: a repeat
        d.send(sender, ms.Known(tuple(map(ms.number_of, newest))))


def on_known(d: Draft, numbers: tuple[int, ...], sender: str) -> None:
    """Send a peer what it lacks, announcements first (§5.1)."""
    known = set(numbers)
    lacking = [each for key, each in d.state.store.items() if ms.number_of(key) not in known]
    lacking.sort(key=lambda each: _RANK.get(type(each.statement), 1))
    if lacking:
        d.send(sender, *lacking[:_BATCH])


_RANK = {ms.Lapsed: 0, ms.Commit: 2, ms.Promoted: 2}
"""LAPSED goes ahead of what its maker says about itself, lists come after what they list."""


def about(d: Draft, node: str, epoch: int) -> tuple[ms.Signed, ...]:
    """The statements that are kept about an epoch of a node or a later one (§5.15)."""
    found = []
    for each in d.state.store.values():
        subject = ms.subject_of(each.statement)
        if subject is not None and subject.node == node and subject.number >= epoch:
            found.append(each)
    return tuple(found)
