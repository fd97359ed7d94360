"""The model's world: its state, its words, how rules are declared, and effects that rules share.

What a process keeps in memory is forgotten when its epoch ends or its node loses power
(:meth:`World.forget`); what was sent stays sent, and committed lists are durable.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from knell.language import Model, each, every, exists, ite, require, when
from knell.language.expressions import FALSE, TRUE, Bound, Expr
from knell.language.model import Action, Fairness
from knell.language.symbols import Scalar
from knell.protocol.evidence import claims_of_action
from knell.protocol.parameters import UNLIMITED, Parameters
from knell.protocol.words import Words

Body: TypeAlias = Callable[..., None]


class World(Words):
    """All that the rules are written with."""

    def __init__(self, m: Model, p: Parameters) -> None:
        super().__init__(m, p)
        self._budgets: dict[str, Scalar] = {}

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

    # Effects that rules share

    def note(
        self,
        o: Bound,
        i: Bound,
        *,
        releasing: bool,
        leaving: bool = True,
        frees: Callable[[Expr], Expr] = lambda g: TRUE,
    ) -> None:
        """Effect: ``o`` processes a statement about ``i``, or of it.

        If the statement is leaving, ``i`` is left, and if it is releasing, released in each group
        that it frees. Each statement also shows that the older epochs of its node are over.
        """
        release = TRUE if releasing else FALSE
        for k in each(self.Inc):
            with when(self.upto(k, i) if leaving else self.older[k, i]):
                self.heard[o, k] = True
                self.deliver_leave(o, k)
            with when(self.older[k, i] | ((k == i) & release)):
                self.heard_release[o, k] = True
            if self.p.returning:
                with when(self.older[k, i]):
                    self.heard_later[o, k] = True
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
            if not self.m.mutant("left-stays-in-view"):
                self.view[o, i] = False
            self.partitioned[o, i] = False
            for g in each(self.Group):
                with when(self.concerned(o, g, i) & ~self.overlooked(g)):
                    self.leaves[o, g, i] = self.once_more(self.leaves[o, g, i])

    def overlooked(self, g: Expr) -> Expr:
        """Mutant: members of groups that depend on none are not told."""
        if not self.m.mutant("leave-misses-a-group"):
            return FALSE
        return ~exists(self.Group, lambda h: self.depends[g, h])

    def once_more(self, times: Expr) -> Expr:
        """``never`` becomes ``once``, anything else ``twice``."""
        return ite(times == "never", self.Times["once"], self.Times["twice"])

    def concerned(self, o: Expr, g: Expr, i: Expr) -> Expr:
        """Whether the member of ``g`` on ``o`` shares the group with ``i``, as ``o`` sees it."""
        return every(
            self.runs(o, g),
            self.in_list(o, g, o),
            self.in_list(o, g, i),
            TRUE if self.m.mutant("leave-after-gone") else ~self.heard_gone[o, g, i],
        )

    def latch(self, i: Expr, cause: Expr) -> None:
        """Effect: the latch closes with the first cause and DISTRESS is queued to every peer."""
        if not self.m.mutant("latch-closes-late"):
            self.phase[i] = "failing"
        self.distress[i] = True
        self.rounds[i] = self.once_more(self.rounds[i])
        if self.p.causes == "all":
            self.first_cause[i] = cause

    def hold_list(self, o: Expr, g: Expr, q: Expr, j: Expr) -> None:
        """Effect: the list of ``o`` is now one of primary ``q``, with ``j`` as newest entry."""
        for k in each(self.Inc):
            self.newest[o, g, k] = k == j
            if self.p.cold_starts:
                self.list_from[o, g, k] = k == q

    def restore_lists(self, j: Expr) -> None:
        """Effect: the lists that the node of ``j`` has stored are those of ``j``."""
        for g in each(self.Group):
            for k in each(self.Inc):
                for kept in (self.list_of, self.list_from):
                    kept[j, g, k] = exists(
                        self.Inc, lambda i, g=g, k=k, kept=kept: self.older[i, j] & kept[i, g, k]
                    )

    def on_promotion(self, o: Expr, g: Expr) -> None:
        """Effect: what a promotion means for leases: a new primary must first be granted one."""
        if self.p.leases:
            self.lease[o, g] = ~exists(self.Inc, lambda k: self.before(k, g, o))

    def cut_off(self, i: Expr, g: Expr) -> None:
        """Effect: the member is gated; an act of it that is under way is refused."""
        self.member[i, g] = "gated"
        self.refuse_acts(i, g)

    def reap(self, i: Expr, g: Expr) -> None:
        """Effect: the member's process is surely dead, and MEMBER_GONE says so."""
        self.drop(i, g)
        if self.hears_gone:
            self.member_gone[i, g] = True

    def drop(self, i: Expr, g: Expr) -> None:
        """Effect: the member's process is gone, its role goes with it, its act is refused."""
        self.member[i, g] = "gone"
        self.primary[i, g] = False
        if not self.m.mutant("gone-before-its-act"):
            self.refuse_acts(i, g)

    def refuse_acts(self, i: Expr, g: Expr) -> None:
        """Effect: an accepted act of the member that has not taken effect yet is refused."""
        if self.p.acts and not self.m.mutant("gate-ignores-acts"):
            self.acting[i, g] = False

    def drop_all(self, i: Expr) -> None:
        """Effect: every process of ``i`` is gone."""
        for g in each(self.Group):
            with when(~(self.member[i, g] == "absent")):
                self.drop(i, g)

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
            if self.p.member_failures:
                self.departed[i, g] = False
            if self.p.acts:
                self.acting[i, g] = False
        for k in each(Inc):
            for relation in (
                self.view,
                self.heard,
                self.heard_release,
                self.left,
                self.partitioned,
                *([self.admitted, self.heard_later] if self.p.returning else []),
                *([self.heard_fence] if self.p.fences else []),
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
                    self.heard_from[i, g, k] = False
                    self.heard_given_up[i, g, k] = False
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
