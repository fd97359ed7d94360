"""Sorts, rigid facts and state of the node-shutdown model, and the words defined from them.

One sort, ``Inc``, holds the incarnations of nodes: an element is one epoch of one node, ``n1.2``
the second of ``n1``. Messages are relations that only grow: what was sent may be received at any
time, often, in any order, or never. What a process keeps in memory is forgotten when its epoch
ends or its node loses power (:meth:`World.forget`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from knell.language import Model, each, every, exists, forall, ite, require, some, when
from knell.language.expressions import FALSE, TRUE, Bound, Expr
from knell.language.model import Action, Fairness
from knell.language.symbols import Scalar
from knell.language.types import EnumType, SortType
from knell.protocol.evidence import claims_of_action
from knell.protocol.parameters import CAUSES, COMPONENTS, UNLIMITED, Parameters

Body: TypeAlias = Callable[..., None]


class World:
    """The symbols of one instance of the model."""

    def __init__(self, m: Model, p: Parameters) -> None:
        self.m = m
        self.p = p
        self._budgets: dict[str, Scalar] = {}
        self._sorts()
        self._rigid()
        self._node_state()
        self._messages()
        self._observer_state()
        if p.returning:
            self._lists()
        if p.leases:
            self._leases()

    # Sorts and rigid facts

    def _sorts(self) -> None:
        m, p = self.m, self.p
        self.node_of: dict[str, str] = {}
        self.epoch_of: dict[str, int] = {}
        for k in range(1, p.nodes + 1):
            for epoch in (1, 2) if k <= p.returning else (1,):
                name = f"n{k}.{epoch}" if p.returning else f"n{k}"
                self.node_of[name], self.epoch_of[name] = f"n{k}", epoch
        self.Inc: SortType = m.sort("Inc", names=tuple(self.node_of))
        self.Group: SortType = m.sort("Group", names=[f"g{k}" for k in range(1, p.groups + 1)])
        self.Phase: EnumType = m.enum(
            "Phase", "absent", "active", "failing", "quiesced", "ended", "crashed"
        )
        self.MemberState: EnumType = m.enum(
            "MemberState", "absent", "active", "notified", "gated", "gone"
        )
        self.Cause: EnumType = m.enum("Cause", *CAUSES[p.causes])
        self.components = COMPONENTS[p.components]
        self.Kind: EnumType = m.enum(
            "Kind", "none", *CAUSES[p.causes], *self.components, "member", "stop", "left"
        )
        self.Times: EnumType = m.enum("Times", "never", "once", "twice")
        self.Component: EnumType = m.enum("Component", *(self.components or ("engine",)))

    def _domain(self, group: str) -> list[str]:
        """The nodes of a group's first recovery domain, in order."""
        nodes = [f"n{k}" for k in range(1, self.p.nodes + 1)]
        k = int(group[1:]) - 1
        if self.p.placement == "rotated":
            return nodes[k % len(nodes) :] + nodes[: k % len(nodes)]
        if self.p.placement == "crossed":
            return nodes[: max(2, len(nodes) - 1)] if k % 2 else [nodes[0], *reversed(nodes[1:])]
        return nodes

    @property
    def can_lose_a_group(self) -> bool:
        """Whether the bounds allow every node of some group to fail, but not every node."""
        bounds = (self.p.failures, self.p.crashes, self.p.stops)
        faults = self.p.nodes - 1 if UNLIMITED in bounds else sum(bounds)
        smallest = min(len(self._domain(group)) for group in self.Group.names)
        return smallest <= min(faults, self.p.nodes - 1)

    def _rigid(self) -> None:
        m, Inc, Group = self.m, self.Inc, self.Group
        node, epoch = self.node_of, self.epoch_of
        self.older = m.rigid(
            "older", Inc, Inc, value=lambda i, j: node[i] == node[j] and epoch[i] < epoch[j]
        )
        self.hosts = m.rigid("hosts", Inc, Group, value=lambda i, g: node[i] in self._domain(g))
        self.founds = m.rigid(
            "founds", Inc, Group, value=lambda i, g: epoch[i] == 1 and node[i] in self._domain(g)
        )
        self.first = m.rigid("first", Inc, Group, value=self._is_ahead_of_all)
        self.founded_before = m.rigid("founded_before", Inc, Group, Inc, value=self._founded_before)
        self.depends = m.rigid(
            "depends",
            Group,
            Group,
            value=lambda g, h: self.p.dependent and int(g[1:]) == int(h[1:]) + 1,
        )
        m.axiom("epochs", forall(Inc, Inc, lambda i, j: ~(self.older[i, j] & self.older[j, i])))

    def _is_ahead_of_all(self, i: str, g: str) -> bool:
        return self.epoch_of[i] == 1 and self._domain(g)[0] == self.node_of[i]

    def _founded_before(self, i: str, g: str, k: str) -> bool:
        """Whether founder ``k`` stands before founder ``i`` in the first list of ``g``."""
        domain = self._domain(g)
        nodes = self.node_of[k], self.node_of[i]
        if self.epoch_of[i] != 1 or self.epoch_of[k] != 1 or not set(nodes) <= set(domain):
            return False
        return domain.index(nodes[0]) < domain.index(nodes[1])

    # State

    def _node_state(self) -> None:
        """What happens on one node in one epoch."""
        m, Inc, Group = self.m, self.Inc, self.Group
        self.phase = m.var(
            "phase",
            Inc,
            to=self.Phase,
            init=lambda i: ite(self.has_epoch_before(i), self.Phase["absent"], "active"),
        )
        self.member = m.var(
            "member",
            Inc,
            Group,
            to=self.MemberState,
            init=lambda i, g: ite(self.founds[i, g], self.MemberState["active"], "absent"),
        )
        self.primary = m.rel("primary", Inc, Group, init=lambda i, g: self.first[i, g])
        self.fatal = m.rel("fatal", Inc, self.Cause)
        self.dead = m.rel("dead", Inc, self.Component)
        self.reported = m.rel("reported", Inc, Group, self.Cause)
        self.reporter = m.rel("reporter", Inc, Group)
        self.warned = m.rel("warned", Inc, Group)
        self.rounds = m.var("rounds", Inc, to=self.Times, init="never")
        if self.p.stops:
            self.stopping = m.rel("stopping", Inc)
        if self.p.causes == "all":
            self.first_cause = m.var("first_cause", Inc, to=self.Kind, init="none")
        if self.p.acts:
            self.acting = m.rel("acting", Inc, Group)
        if self.p.isolations:
            self.mute = m.rel("mute", Inc)
            self.deaf = m.rel("deaf", Inc)

    def _messages(self) -> None:
        """Statements about an incarnation; sent ones are never unsent."""
        m, Inc, Group = self.m, self.Inc, self.Group
        self.distress = m.rel("distress", Inc)
        self.quiesced = m.rel("quiesced", Inc)
        self.reaped = m.rel("reaped", Inc, Group)
        self.member_gone = m.rel("member_gone", Inc, Group)
        self.announced = m.rel("announced", Inc, init=lambda i: ~self.has_epoch_before(i))
        self.promoted = m.rel("promoted", Inc, Group, init=lambda i, g: self.first[i, g])
        if self.p.fences:
            self.fenced = m.rel("fenced", Inc)
        if self.p.leases:
            self.lapsed = m.rel("lapsed", Inc)

    def _observer_state(self) -> None:
        """What the engine of ``o`` knows of ``i``; the observer comes first."""
        m, Inc, Group = self.m, self.Inc, self.Group
        self.view = m.rel("view", Inc, Inc, init=lambda o, i: self.at_start(o) & self.at_start(i))
        self.heard = m.rel("heard", Inc, Inc)
        self.heard_release = m.rel("heard_release", Inc, Inc)
        self.left = m.rel("left", Inc, Inc)
        self.released = m.rel("released", Inc, Group, Inc)
        self.heard_gone = m.rel("heard_gone", Inc, Group, Inc)
        self.leaves = m.var("leaves", Inc, Group, Inc, to=self.Times, init="never")
        self.partitioned = m.rel("partitioned", Inc, Inc)
        self.knows_primary = m.rel(
            "knows_primary",
            Inc,
            Group,
            Inc,
            init=lambda o, g, i: self.needs(o, g) & self.first[i, g] & self.at_start(o),
        )

    def _lists(self) -> None:
        """Recovery domains that grow. A proposal's list is keyed by (proposer, newest entry)."""
        m, Inc, Group = self.m, self.Inc, self.Group
        self.is_entry = m.rel("is_entry", Inc, Group, init=lambda i, g: self.founds[i, g])
        self.newest = m.rel("newest", Inc, Group, Inc, init=self._last_founder)
        self.list_of = m.rel(
            "list_of", Inc, Group, Inc, init=lambda o, g, i: self.founds[o, g] & self.founds[i, g]
        )
        self.committed_before = m.rel(
            "committed_before", Inc, Group, Inc, init=lambda i, g, k: self.founded_before[i, g, k]
        )
        self.proposed = m.rel("proposed", Inc, Group, Inc)
        self.carried = m.rel("carried", Inc, Group, Inc, Inc)
        self.accepted = m.rel("accepted", Inc, Inc, Group, Inc)
        self.committed = m.rel("committed", Inc, Group, Inc)
        if self.p.cold_starts:
            self.met = m.rel("met", Inc, Group, Inc)
            self.heard_list = m.rel("heard_list", Inc, Group, Inc)

    def _last_founder(self, o: Expr, g: Expr, i: Expr) -> Expr:
        return every(
            self.founds[o, g],
            self.founds[i, g],
            ~exists(self.Inc, lambda k: self.founded_before[k, g, i]),
        )

    def _leases(self) -> None:
        """Leases of the one group's primary, and of the successor that grants them."""
        m, Inc, Group = self.m, self.Inc, self.Group
        self.lease = m.rel("lease", Inc, Group, init=lambda i, g: self.first[i, g])
        self.granted = m.rel("granted", Inc, Group, Inc)
        self.heard_lapse = m.rel("heard_lapse", Inc, Inc)
        self.stopped = m.rel("stopped", Inc, Inc)
        self.waited = m.rel("waited", Inc, Inc)

    # Declaring rules

    def rule(self, section: str, *, fair: Fairness = None) -> Callable[[Body], Action]:
        """Declare an action of the system that is the rule of this section of the protocol."""
        return lambda body: self._rule(body, section, fair, environment=False)

    def fault(self, section: str) -> Callable[[Body], Action]:
        """Declare what the environment does: faults, losses, persons."""
        return lambda body: self._rule(body, section, None, environment=True)

    def _rule(self, body: Body, section: str, fair: Fairness, *, environment: bool) -> Action:
        claims = claims_of_action(body.__name__)
        declare = self.m.action(fair=fair, section=section, claims=claims, environment=environment)
        return declare(body)

    # Bounds on faults

    def spend(self, fault: str) -> None:
        """Clause and effect: the fault may still happen, and has happened once more."""
        allowed = int(getattr(self.p, fault))
        if allowed == UNLIMITED:
            return
        if fault not in self._budgets:
            self._budgets[fault] = self.m.scalar(
                f"{fault}_left", to=self.m.int(0, allowed), init=allowed
            )
        left = self._budgets[fault]
        require(within_bound=left > 0)
        left.set(left - 1)

    # Words

    def has_epoch_before(self, i: Expr) -> Expr:
        """Whether ``i`` is not the first epoch of its node."""
        return exists(self.Inc, lambda k: self.older[k, i])

    def at_start(self, i: Expr) -> Expr:
        """Whether ``i`` is up in the initial state."""
        return ~self.has_epoch_before(i)

    def upto(self, k: Expr, i: Expr) -> Expr:
        """Whether ``k`` is ``i`` or an older epoch of its node."""
        return (k == i) | self.older[k, i]

    def needs(self, o: Expr, h: Expr) -> Expr:
        """Whether a group with a member on ``o`` depends on ``h``."""
        return exists(self.Group, lambda g: self.depends[g, h] & self.hosts[o, g])

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

    def gate_open(self, i: Expr) -> Expr:
        """The engine accepts acts of this epoch (a dead engine's last acts count as accepted)."""
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
            self.runs(i, g) | ((self.member[i, g] == "gated") & ~self.has_tokens(g))
        )
        if self.p.leases:
            able = able & self.lease[i, g]
        if self.p.acts:
            able = able | self.acting[i, g]
        return able

    def has_tokens(self, g: Expr) -> Expr:
        """Whether the group's stores refuse acts with an old token."""
        return g == self.Group["g1"] if self.p.tokens else FALSE

    def is_critical(self, g: Expr) -> Expr:
        """Whether losing a member of the group is fatal for its node."""
        return g == self.Group["g1"] if self.p.critical else FALSE

    def in_list(self, o: Expr, g: Expr, i: Expr) -> Expr:
        """Whether ``i`` is an entry of the group's list as ``o`` knows it."""
        if self.p.returning:
            return self.list_of[o, g, i]
        return self.founds[o, g] & self.founds[i, g]

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
        return ~self.deaf[o] & (
            ~self.mute[i]
            | exists(self.Inc, lambda r: self.heard[r, i] & self.up(r) & ~self.mute[r] & ~(r == o))
        )

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

    def peers(self, o: Expr, i: Expr) -> Expr:
        """Whether ``o`` and ``i`` are epochs of different nodes."""
        return ~(o == i) & ~self.older[o, i] & ~self.older[i, o]

    # Effects shared by several actions

    def note(
        self,
        o: Bound,
        i: Bound,
        *,
        releasing: bool,
        frees: Callable[[Expr], Expr] = lambda g: TRUE,
    ) -> None:
        """Effect: ``o`` processes a statement about ``i``.

        ``i`` is left and, if the statement is releasing, released in each group that it frees.
        Every statement about ``i`` also shows that the older epochs of its node are over.
        """
        release = TRUE if releasing else FALSE
        for k in each(self.Inc):
            with when(self.upto(k, i)):
                self.heard[o, k] = True
                self.deliver_leave(o, k)
            with when(self.older[k, i] | ((k == i) & release)):
                self.heard_release[o, k] = True
            for g in each(self.Group):
                with when(self.older[k, i] | ((k == i) & release & frees(g))):
                    self.released[o, g, k] = True

    def deliver_leave(self, o: Expr, i: Expr) -> None:
        """Effect: node leave for ``i`` at ``o``, once, to each member that is concerned."""
        if self.m.mutant("partitioned-counts-as-failed"):
            with when(self.partitioned[o, i]):
                self.view[o, i] = False
            due = self.view[o, i] & ~self.partitioned[o, i]
        else:
            due = self.view[o, i]
        with when(due):
            self.left[o, i] = True
            self.view[o, i] = False
            self.partitioned[o, i] = False
            for g in each(self.Group):
                with when(self.concerned(o, g, i) & ~self.overlooked(g)):
                    self.leaves[o, g, i] = self.once_more(self.leaves[o, g, i])

    def overlooked(self, g: Expr) -> Expr:
        """Mutant: the members of this group are not told."""
        return g == self.Group["g1"] if self.m.mutant("leave-misses-a-group") else FALSE

    def once_more(self, times: Expr) -> Expr:
        """``never`` becomes ``once``, anything else ``twice``."""
        return ite(times == "never", self.Times["once"], self.Times["twice"])

    def concerned(self, o: Expr, g: Expr, i: Expr) -> Expr:
        """Whether the member of ``g`` on ``o`` shares the group with ``i``, as ``o`` sees it."""
        return every(
            self.runs(o, g),
            self.in_list(o, g, o),
            self.in_list(o, g, i),
            ~self.heard_gone[o, g, i],
        )

    def latch(self, i: Expr, cause: Expr) -> None:
        """Effect: the latch closes with the first cause and DISTRESS is queued to every peer."""
        self.phase[i] = "failing"
        self.distress[i] = True
        self.rounds[i] = self.once_more(self.rounds[i])
        if self.p.causes == "all":
            self.first_cause[i] = cause

    def on_promotion(self, o: Expr, g: Expr) -> None:
        """Effect: what a promotion means for leases: a new primary must first be granted one."""
        if self.p.leases:
            self.lease[o, g] = ~exists(self.Inc, lambda k: self.before(k, g, o))

    def drop(self, i: Expr, g: Expr, state: str) -> None:
        """Effect: the member's process is out; the role goes with the process."""
        self.member[i, g] = state
        if state == "gone":
            self.primary[i, g] = False

    def drop_all(self, i: Expr) -> None:
        """Effect: every process of ``i`` is gone."""
        for g in each(self.Group):
            with when(~(self.member[i, g] == "absent")):
                self.drop(i, g, "gone")

    def forget(self, i: Expr) -> None:
        """Effect: all that the processes of ``i`` kept in memory is gone.

        Committed lists are durable; what was sent stays sent.
        """
        Inc, Group, Cause, Component = self.Inc, self.Group, self.Cause, self.Component
        for c in each(Cause):
            self.fatal[i, c] = False
            for g in each(Group):
                self.reported[i, g, c] = False
        for c in each(Component):
            self.dead[i, c] = False
        for g in each(Group):
            self.reporter[i, g] = False
            self.warned[i, g] = False
            if self.p.acts:
                self.acting[i, g] = False
        for k in each(Inc):
            for relation in (
                self.view,
                self.heard,
                self.heard_release,
                self.left,
                self.partitioned,
            ):
                relation[i, k] = False
            for g in each(Group):
                self.released[i, g, k] = False
                self.heard_gone[i, g, k] = False
                self.knows_primary[i, g, k] = False
                self.leaves[i, g, k] = "never"
            if self.p.cold_starts:
                for g in each(Group):
                    self.met[i, g, k] = False
                    self.heard_list[i, g, k] = False
        if self.p.leases:
            self._forget_leases(i)

    def _forget_leases(self, i: Expr) -> None:
        for k in each(self.Inc):
            self.heard_lapse[i, k] = False
            self.stopped[i, k] = False
            self.waited[i, k] = False
            for g in each(self.Group):
                self.granted[k, g, i] = False
        for g in each(self.Group):
            self.lease[i, g] = False


__all__ = ["World"]
