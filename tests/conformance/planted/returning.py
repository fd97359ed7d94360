"""Planted faults of the core: a node that returns, and how it is admitted."""

from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import initial, leaving, lists, promotion
from knell.node.core import messages as ms
from knell.node.core.draft import Draft
from knell.node.core.values import Entry, Epoch
from knell.spec.vocabulary import Cause, NodePhase
from tests.conformance.planted.patching import handler, original


def mark_survives_restart(patch):
    """A node that once failed starts its next epoch with a closed latch."""
    keep = initial._blank

    def blank(settings, role, epoch, incarnation):
        state = keep(settings, role, epoch, incarnation)
        if epoch > 1:
            state.phase, state.latch = NodePhase.FAILING, Cause.OBJECT
        return state

    patch.setattr(initial, "_blank", blank)


def start_unsaid(patch):
    """A node that returns does not announce itself."""
    patch.setattr(initial, "publish", lambda *_: None)


def announcement_is_no_leave(patch):
    """A new epoch is admitted while the older one is still in the view."""

    def hear_announce(d, said, *, live):
        if said.epoch > d.state.peers[said.node].barred and live:
            d.set_peer(said.node, admitted=0)
            leaving.admit(d, Epoch(said.node, said.epoch), said.incarnation)
        return True

    patch.setattr(leaving, "hear_announce", hear_announce)


def ghost_admitted(patch):
    """An epoch whose DISTRESS overtook its ANNOUNCE is admitted."""
    keep = leaving.hear_announce

    def on_proved(d, event):
        said = event.announce
        if said.epoch <= d.state.peers[said.node].barred:
            d.set_peer(said.node, admitted=said.epoch, incarnation=said.incarnation)
        keep(d, said, live=True)

    handler(patch, ev.PeerProved, on_proved)


def old_news_about_the_new(patch):
    """A DISTRESS of an older epoch ends the newer one too."""
    keep = leaving.hear_distress

    def hear_distress(d, said):
        believed = keep(d, said)
        if believed:
            leaving.note(d, said.node, d.state.peers[said.node].admitted)
        return believed

    patch.setattr(leaving, "hear_distress", hear_distress)


def newcomer_forgotten(patch):
    """Nobody proposes a node that has returned."""
    patch.setattr(lists, "candidate", lambda state, name: None)


def own_list_skipped(patch):
    """A new primary adds to its list without proposing that first."""
    keep = promotion.promote

    def promote(d, name):
        keep(d, name)
        d.set_group(name, confirmed=True)

    patch.setattr(promotion, "promote", promote)
    handler(patch, ev.Promote, lambda d, event: promote(d, event.group))


def primary_admits_alone(patch):
    """A list is committed without what its entries answer."""
    patch.setattr(lists, "can_commit", lambda state, name: bool(state.groups[name].proposal))


def acceptance_unsaid(patch):
    """An entry holds a proposed list, and does not say so."""
    keep = Draft.send

    def send(d, node, *messages):
        keep(d, node, *(each for each in messages if not isinstance(each, ms.Accept)))

    patch.setattr(Draft, "send", send)


def accepted_not_held(patch):
    """An entry accepts a list and keeps its own."""
    keep = lists.accept

    def accept(d, said, sender):
        group = d.state.groups[said.group]
        keep(d, said, sender)
        d.set_group(said.group, domain=group.domain)

    patch.setattr(lists, "accept", accept)


def commit_unsaid(patch):
    """A list is committed, and nobody is told."""
    patch.setattr(lists, "send_commit", lambda d, name: None)


def commit_not_learnt(patch):
    """The node that was admitted does not find itself in the list."""
    patch.setattr(lists, "_own_entry", lambda state, name, domain: None)


def entry_before_commit(patch):
    """A member that joins counts as an entry at once."""
    keep = original(ev.MemberJoins)

    def on_join(d, event):
        keep(d, event)
        group = d.state.groups[event.group]
        if group.entry is None:
            entry = Entry(9, d.state.me, d.state.epoch, 1, d.state.incarnation)
            d.set_group(event.group, entry=entry, domain=(*group.domain, entry))

    handler(patch, ev.MemberJoins, on_join)


def list_not_stored(patch):
    """What was admitted is not on the disk when the epoch ends."""
    keep = lists.hear_commit

    def hear_commit(d, said):
        done = keep(d, said)
        d.effects[:] = [each for each in d.effects if not isinstance(each, fx.Persist)]
        return done

    patch.setattr(lists, "hear_commit", hear_commit)
