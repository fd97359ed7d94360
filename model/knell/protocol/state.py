"""Sorts, rigid facts and state of the node-shutdown model.

One sort, ``Inc``, holds the incarnations of nodes: an element is one epoch of one node, ``n1.2``
the second of ``n1``. Messages are relations that only grow: what was sent may be received at any
time, often, in any order, or never.
"""

from __future__ import annotations

from collections.abc import Iterator

from knell.language import Model, every, exists, forall, ite
from knell.language.expressions import Expr
from knell.language.types import EnumType, SortType
from knell.protocol.parameters import CAUSES, COMPONENTS, UNLIMITED, Parameters


class State:
    """The symbols of one instance of the model."""

    def __init__(self, m: Model, p: Parameters) -> None:
        self.m = m
        self.p = p
        self._sorts()
        self._rigid()
        self._node_state()
        self._messages()
        self._observer_state()
        if p.returning:
            self._lists()
        if p.leases:
            self._leases()

    @property
    def hears_gone(self) -> bool:
        """Whether MEMBER_GONE is received; where it is not, none of it is recorded."""
        return self.p.goodbyes or bool(self.p.member_failures) or self.p.unkillable

    @property
    def daemon_dies(self) -> bool:
        """Whether engine and sentinel may die together, and leave the members to themselves."""
        return "sentinel" in self.components and bool(self.p.crashes)

    def has_epoch_before(self, i: Expr) -> Expr:
        """Whether ``i`` is not the first epoch of its node."""
        return exists(self.Inc, lambda k: self.older[k, i])

    def at_start(self, i: Expr) -> Expr:
        """Whether ``i`` is up in the initial state."""
        return ~self.has_epoch_before(i)

    def needs(self, o: Expr, h: Expr) -> Expr:
        """Whether a group with a member on ``o`` depends on ``h``."""
        return exists(self.Group, lambda g: self.depends[g, h] & self.hosts[o, g])

    # Sorts and rigid facts

    def _sorts(self) -> None:
        m, p = self.m, self.p
        self.node_of: dict[str, str] = {}
        self.epoch_of: dict[str, int] = {}
        for name, node, epoch in self._epochs():
            self.node_of[name], self.epoch_of[name] = node, epoch
        self.Inc: SortType = m.sort("Inc", names=tuple(self.node_of))
        self.Group: SortType = m.sort("Group", names=self._groups())
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

    def _epochs(self) -> Iterator[tuple[str, str, int]]:
        """The incarnations: their names, nodes and epochs."""
        for k in range(1, self.p.nodes + 1):
            for epoch in (1, 2) if k <= self.p.returning else (1,):
                yield f"n{k}.{epoch}" if self.p.returning else f"n{k}", f"n{k}", epoch

    def _groups(self) -> list[str]:
        return [f"g{k}" for k in range(1, self.p.groups + 1)]

    def _depends(self, group: str, other: str) -> bool:
        return self.p.dependent and int(group[1:]) == int(other[1:]) + 1

    def _has_tokens(self, group: str) -> bool:
        return self.p.tokens and group == "g1"

    def _is_critical(self, group: str) -> bool:
        return self.p.critical and group == "g1"

    def _domain(self, group: str) -> list[str]:
        """The nodes of a group's first recovery domain, in order."""
        order = self._order(group)
        return order[: self.p.members] if self.p.members else order

    def _order(self, group: str) -> list[str]:
        nodes = [f"n{k}" for k in range(1, self.p.nodes + 1)]
        k = int(group[1:]) - 1
        if self.p.placement == "rotated":
            return nodes[k % len(nodes) :] + nodes[: k % len(nodes)]
        if self.p.placement == "crossed":
            return nodes[: max(2, len(nodes) - 1)] if k % 2 else [nodes[0], *reversed(nodes[1:])]
        return nodes

    @property
    def widest(self) -> int:
        """How many nodes the largest group has."""
        return max(len(self._domain(group)) for group in self.Group.names)

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
        self.depends = m.rigid("depends", Group, Group, value=self._depends)
        self.has_tokens = m.rigid("has_tokens", Group, value=self._has_tokens)
        self.is_critical = m.rigid("is_critical", Group, value=self._is_critical)
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
        # How far the epoch is; "failing" means that its latch is closed.
        self.phase = m.var(
            "phase",
            Inc,
            to=self.Phase,
            init=lambda i: ite(self.has_epoch_before(i), self.Phase["absent"], "active"),
        )
        # The process of each group's member; "gated" is cut off from the engine, yet may run.
        self.member = m.var(
            "member",
            Inc,
            Group,
            to=self.MemberState,
            init=lambda i, g: ite(self.founds[i, g], self.MemberState["active"], "absent"),
        )
        # The role of the member's process, by its own knowledge; it goes with the process.
        self.primary = m.rel("primary", Inc, Group, init=lambda i, g: self.first[i, g])
        # Fatal errors that are there, detected or not; components that are dead or hang.
        self.fatal = m.rel("fatal", Inc, self.Cause)
        self.dead = m.rel("dead", Inc, self.Component)
        # Shutdown messages sent to CC; whose message closed the latch; who was warned.
        self.reported = m.rel("reported", Inc, Group, self.Cause)
        self.reporter = m.rel("reporter", Inc, Group)
        self.warned = m.rel("warned", Inc, Group)
        # Whose member left by itself, unwarned.
        if self.p.member_failures:
            self.departed = m.rel("departed", Inc, Group)
        # How often a distress round was begun in this epoch.
        self.rounds = m.var("rounds", Inc, to=self.Times, init="never")
        # An operator asked for a stop; what closed the latch (never read: it informs people).
        if self.p.stops:
            self.stopping = m.rel("stopping", Inc)
        if self.p.causes == "all":
            self.first_cause = m.var("first_cause", Inc, to=self.Kind, init="none")
        # An act that the engine accepted and that has not taken effect yet.
        if self.p.acts:
            self.acting = m.rel("acting", Inc, Group)
        # What the node sends is lost; what is sent to it is; what the first is sent by the second.
        if self.p.isolations:
            self.mute = m.rel("mute", Inc)
            self.deaf = m.rel("deaf", Inc)
            self.lost = m.rel("lost", Inc, Inc)
            if m.mutant("ended-while-cut"):
                self.missed = m.rel("missed", Inc, Inc)

    def _messages(self) -> None:
        """Statements about an incarnation; sent ones are never unsent."""
        m, Inc, Group = self.m, self.Inc, self.Group
        # DISTRESS and QUIESCED of the epoch; for which groups QUIESCED says "reaped".
        self.distress = m.rel("distress", Inc)
        self.quiesced = m.rel("quiesced", Inc)
        self.reaped = m.rel("reaped", Inc, Group)
        # MEMBER_GONE for one group; ANNOUNCE of the epoch; PROMOTED for one group.
        self.member_gone = m.rel("member_gone", Inc, Group)
        self.announced = m.rel("announced", Inc, init=lambda i: ~self.has_epoch_before(i))
        self.promoted = m.rel("promoted", Inc, Group, init=lambda i, g: self.first[i, g])
        # FENCE by an operator; LAPSED by a successor.
        if self.p.fences:
            self.fenced = m.rel("fenced", Inc)
        if self.p.leases:
            self.lapsed = m.rel("lapsed", Inc)

    def _observer_state(self) -> None:
        """What the engine of ``o`` knows of ``i``; the observer comes first."""
        m, Inc, Group = self.m, self.Inc, self.Group
        # Admitted and not left; a statement about it was processed, a releasing one.
        self.view = m.rel("view", Inc, Inc, init=lambda o, i: self.at_start(o) & self.at_start(i))
        self.heard = m.rel("heard", Inc, Inc)
        self.heard_release = m.rel("heard_release", Inc, Inc)
        # It was admitted, be it left by now or not; a statement about a later epoch of its node,
        # or its FENCE, was processed.
        if self.p.returning:
            self.heard_later = m.rel("heard_later", Inc, Inc)
            self.admitted = m.rel(
                "admitted", Inc, Inc, init=lambda o, i: self.at_start(o) & self.at_start(i)
            )
        if self.p.fences:
            self.heard_fence = m.rel("heard_fence", Inc, Inc)
        # A node leave was delivered; the entry is released; its MEMBER_GONE was processed.
        self.left = m.rel("left", Inc, Inc)
        self.released = m.rel("released", Inc, Group, Inc)
        self.heard_gone = m.rel("heard_gone", Inc, Group, Inc)
        # How often the observer's member of the group was told of the leave.
        self.leaves = m.var("leaves", Inc, Group, Inc, to=self.Times, init="never")
        # Its heartbeats stay out; it is known to be the group's primary.
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
        # Knows itself to be an entry of a committed list; the newest entry of its own list.
        self.is_entry = m.rel("is_entry", Inc, Group, init=lambda i, g: self.founds[i, g])
        self.newest = m.rel("newest", Inc, Group, Inc, init=self._last_founder)
        # The entries of its own list; those before it in the list that admitted it.
        self.list_of = m.rel(
            "list_of", Inc, Group, Inc, init=lambda o, g, i: self.founds[o, g] & self.founds[i, g]
        )
        self.committed_before = m.rel(
            "committed_before", Inc, Group, Inc, init=lambda i, g, k: self.founded_before[i, g, k]
        )
        # PROPOSE of a list that ends with an entry; what it carries beside; ACCEPT; COMMIT.
        self.proposed = m.rel("proposed", Inc, Group, Inc)
        self.carried = m.rel("carried", Inc, Group, Inc, Inc)
        self.accepted = m.rel("accepted", Inc, Inc, Group, Inc)
        self.committed = m.rel("committed", Inc, Group, Inc)
        # Nodes that told a returned one their stored list; the latest that they told.
        if self.p.cold_starts:
            self.bootstrapped = m.rel("bootstrapped", Inc, Group)
            self.met = m.rel("met", Inc, Group, Inc)
            self.heard_list = m.rel("heard_list", Inc, Group, Inc)
            # The primary whose list a node's own is, and the one whose list it was told.
            self.list_from = m.rel(
                "list_from",
                Inc,
                Group,
                Inc,
                init=lambda o, g, q: self.founds[o, g] & self.first[q, g],
            )
            self.heard_from = m.rel("heard_from", Inc, Group, Inc)
            # MEMBER_GONE of an entry whose node never learnt of it; and who was told of that.
            self.given_up = m.rel("given_up", Inc, Group)
            self.heard_given_up = m.rel("heard_given_up", Inc, Group, Inc)

    def _last_founder(self, o: Expr, g: Expr, i: Expr) -> Expr:
        return every(
            self.founds[o, g],
            self.founds[i, g],
            ~exists(self.Inc, lambda k: self.founded_before[k, g, i]),
        )

    def _leases(self) -> None:
        """Leases of the one group's primary, and of the successor that grants them."""
        m, Inc, Group = self.m, self.Inc, self.Group
        # The primary's lease runs; an acknowledgement that grants it is under way.
        self.lease = m.rel("lease", Inc, Group, init=lambda i, g: self.first[i, g])
        self.granted = m.rel("granted", Inc, Group, Inc)
        # LAPSED was processed; the observer stopped granting for good; it has waited since.
        self.heard_lapse = m.rel("heard_lapse", Inc, Inc)
        self.stopped = m.rel("stopped", Inc, Inc)
        self.waited = m.rel("waited", Inc, Inc)
