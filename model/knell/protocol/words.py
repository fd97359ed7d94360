"""Words of the protocol's text, defined from the state: up, gate, can act, before, peers, ..."""

from __future__ import annotations

from knell.language import every, exists, forall, ite, some
from knell.language.expressions import FALSE, TRUE, Expr
from knell.protocol.state import State


class Words(State):
    """The defined predicates."""

    def upto(self, k: Expr, i: Expr) -> Expr:
        """Whether ``k`` is ``i`` or an older epoch of its node."""
        return (k == i) | self.older[k, i]

    def alive(self, i: Expr, component: str) -> Expr:
        """Whether the component runs; a component that is not modelled never dies."""
        if component not in self.components:
            return TRUE
        return ~self.dead[i, component]

    def speaking(self, c: Expr) -> Expr:
        """Whether the component can speak for the node: the engine, and else the sentinel."""
        return some(*(c == name for name in ("engine", "sentinel") if name in self.components))

    def kind_of(self, c: Expr) -> Expr:
        """The cause or component as a kind of cause."""
        names = self.Cause.names if c.type is self.Cause else self.Component.names
        kind: Expr = self.Kind["none"]
        for name in names:
            if name in self.Kind.names:
                kind = ite(c == name, self.Kind[name], kind)
        return kind

    def up(self, i: Expr) -> Expr:
        """The epoch is active and its engine works: it hears, decides and promotes."""
        return (self.phase[i] == "active") & self.alive(i, "engine")

    def speaks(self, i: Expr) -> Expr:
        """Engine or sentinel is there to run the shutdown."""
        return self.alive(i, "engine") | self.alive(i, "sentinel")

    def is_off(self, i: Expr) -> Expr:
        """Nothing of the epoch runs: what an operator asserts of it."""
        over = self.phase[i].is_in("absent", "ended", "crashed")
        return over & forall(self.Group, lambda g: self.member[i, g].is_in("absent", "gone"))

    def gate_open(self, i: Expr) -> Expr:
        """The engine accepts acts of this epoch (a dead engine's last acts count as accepted)."""
        if self.m.mutant("gate-left-open"):
            return self.phase[i].is_in("active", "failing", "quiesced")
        return self.phase[i].is_in("active", "failing")

    def runs(self, i: Expr, g: Expr) -> Expr:
        """The member's process runs and its engine serves it."""
        return self.member[i, g].is_in("active", "notified")

    def can_act(self, i: Expr, g: Expr) -> Expr:
        """Whether the member can act as primary now.

        A gated process is cut off from the engine only: its acts count, unless the group's
        stores check fencing tokens (``spec/PROTOCOL.md`` 4).
        """
        able = self.primary[i, g] & (
            self.runs(i, g) | ((self.member[i, g] == "gated") & ~self.has_tokens[g])
        )
        if self.p.leases:
            able = able & self.lease[i, g]
        if self.p.acts:
            under_way: Expr = self.acting[i, g]
            able = able | (under_way & self.leased(i, g) if self.p.leases else under_way)
        return able

    def leased(self, i: Expr, g: Expr) -> Expr:
        """Whether acts of the entry are covered by a lease, where the group needs one."""
        return self.lease[i, g] if self.p.leases else TRUE

    def in_list(self, o: Expr, g: Expr, i: Expr) -> Expr:
        """Whether ``i`` is an entry of the group's list as ``o`` knows it."""
        if self.p.returning:
            return self.list_of[o, g, i]
        return self.founds[o, g] & self.founds[i, g]

    def serves(self, o: Expr, g: Expr, i: Expr) -> Expr:
        """Whether ``o`` knows a member of the group on ``i``; one that is no entry yet is none."""
        return self.list_of[o, g, i] if self.p.returning else self.hosts[i, g]

    def entry(self, i: Expr, g: Expr) -> Expr:
        """Whether ``i`` knows itself to be an entry of a committed list."""
        return self.is_entry[i, g] if self.p.returning else self.founds[i, g]

    def before(self, i: Expr, g: Expr, k: Expr) -> Expr:
        """Whether ``k`` is an entry before ``i`` in the committed list that admitted ``i``."""
        if self.p.returning:
            return self.committed_before[i, g, k]
        return self.founded_before[i, g, k]

    def reaches(self, o: Expr, i: Expr) -> Expr:
        """Whether statements about ``i`` can come to ``o``: directly, or relayed by a peer."""
        if not self.p.isolations:
            return TRUE
        direct = ~self.mute[i] & ~self.lost[o, i]
        relayed = exists(
            self.Inc,
            lambda r: every(
                self.heard[r, i], self.up(r), ~self.mute[r], ~self.lost[o, r], ~(r == o)
            ),
        )
        if self.m.mutant("no-relay"):
            relayed = FALSE
        if self.m.mutant("ended-while-cut"):
            return ~self.deaf[o] & (direct | relayed) & ~self.missed[o, i]
        return ~self.deaf[o] & (direct | relayed)

    def silent(self, o: Expr, i: Expr) -> Expr:
        """Whether heartbeats of ``i`` stay out at ``o``; they are not relayed."""
        quiet = self.phase[i] == "crashed"
        if self.p.isolations:
            quiet = quiet | self.mute[i] | self.deaf[o] | self.lost[o, i]
        return quiet

    def connected(self, o: Expr, i: Expr) -> Expr:
        """Whether links lead from ``i`` to ``o``, directly or over a peer that is up."""
        if not self.p.isolations:
            return TRUE
        over_a_peer = exists(
            self.Inc,
            lambda r: every(
                self.up(r),
                ~(r == o) & ~(r == i),
                ~self.mute[r] & ~self.deaf[r],
                ~self.lost[r, i] & ~self.lost[o, r],
            ),
        )
        return ~self.deaf[o] & ~self.mute[i] & (~self.lost[o, i] | over_a_peer)

    def statement_about(self, i: Expr) -> Expr:
        """Whether a genuine statement about ``i`` has been made that ends clustering with it."""
        said = self.distress[i] | self.releasing_statement(i)
        return said | self.lapsed[i] if self.p.leases else said

    def releasing_statement(self, i: Expr) -> Expr:
        """Whether a genuine statement has been made that ``i`` can act no more."""
        parts: list[Expr] = [
            self.quiesced[i],
            exists(self.Inc, lambda j: self.older[i, j] & self.announced[j]),
        ]
        if self.p.fences:
            parts.append(self.fenced[i])
        return some(*parts)

    def release_said(self, i: Expr, g: Expr) -> Expr:
        """Whether a genuine statement has been made that releases ``i`` in this group."""
        parts: list[Expr] = [
            self.quiesced[i] & (self.reaped[i, g] | self.has_tokens[g]),
            self.member_gone[i, g],
            exists(self.Inc, lambda j: self.older[i, j] & self.announced[j]),
        ]
        if self.p.fences:
            parts.append(self.fenced[i])
        return some(*parts)

    def peers(self, o: Expr, i: Expr) -> Expr:
        """Whether ``o`` and ``i`` are epochs of different nodes."""
        return ~(o == i) & ~self.older[o, i] & ~self.older[i, o]
