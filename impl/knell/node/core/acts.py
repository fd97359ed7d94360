"""The gate: where each act of the epoch is accepted or refused (§4.5, §10.3, §10.10).

An act is accepted at `begin` and judged again at `end`, just before it takes effect: a member
that was cut off meanwhile, a lease that ran out, a later primary that became known all refuse it.
Between the two it holds the gate open.
"""

from __future__ import annotations

from knell.node.core import effects as fx
from knell.node.core.draft import Draft
from knell.node.core.state import State


def begin(d: Draft, group: str, act: int, *, primary: bool) -> None:
    """Accept an act or refuse it."""
    refused = _refusal(d.state, group, d.now, primary=primary)
    member = d.state.members.get(group)
    if refused is None and member is not None:
        if act in member.acts or act in member.primary_acts:
            refused = "this act is under way already"
        else:
            name = "primary_acts" if primary else "acts"
            d.set_member(group, **{name: getattr(member, name) | {act}})
    if refused is None and primary:
        d.trace("begin_act", i=d.state.own.name, g=group)
    d.emit(fx.ActResult(group, act, refused))


def end(d: Draft, group: str, act: int) -> None:
    """Let an act take effect, or refuse it after all."""
    member = d.state.members.get(group)
    if member is None or act not in member.acts | member.primary_acts:
        d.emit(fx.ActResult(group, act, "no such act is under way"))
        return
    primary = act in member.primary_acts
    d.set_member(group, acts=member.acts - {act}, primary_acts=member.primary_acts - {act})
    refused = _refusal(d.state, group, d.now, primary=primary)
    if refused is None:
        d.trace("finish_act" if primary else "act", i=d.state.own.name, g=group)
    d.emit(fx.ActResult(group, act, refused))


def _refusal(state: State, group: str, now: int, *, primary: bool) -> str | None:
    """Why an act of the group's member may not take effect now."""
    if not state.runs(group):
        return "the member is not in the group"
    if state.held:
        return "the node was paused, and contact is not proved again"
    return may_act_as_primary(state, group, now) if primary else None


def may_act_as_primary(state: State, group: str, now: int) -> str | None:
    """Why the own member can't act as primary now, or None if it can (S2)."""
    record = state.groups[group]
    if not record.promoted or not state.runs(group):
        return "the member is not primary"
    if not record.synced:
        return "the promotion is not yet durable"
    if record.entry is None or state.is_released(group, record.entry):
        return "the entry was released"
    if state.superseded(group):
        return "there is a later primary"
    if not state.has_lease(group, now):
        return "the lease has run out"
    return None


def token(state: State, group: str) -> int | None:
    """The fencing token of the own member, if it is primary (§2.3)."""
    record = state.groups[group]
    return record.entry.position if record.promoted and record.entry is not None else None
