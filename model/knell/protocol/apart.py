"""The model as logs see it: any nodes, groups and epochs, and the merged steps apart.

The rules are those of `knell.protocol`. Here they are declared for the nodes and groups that a
log names, every fault without bound, and with the steps that the model merges (`spec/MODEL.md`
§4) but a running node logs one by one (`spec/LOGS.md` §2). Nothing else is added; what each
change stands for is said where it is made.

A node has some *slots* for its epochs. The first one stands for the time before the log: there the
groups have the lists of their configuration, and every node is down. So a first start is a return
like any other, and founds its groups by §11.
"""

# mypy: disable-error-code="valid-type"
from collections.abc import Iterator
from dataclasses import dataclass, replace

from knell.language import Model, each, every, exists, forall, implies, require, some, when
from knell.language.expressions import Expr
from knell.language.model import Action
from knell.language.settings import Settings, settings
from knell.protocol.mutants import MUTANTS
from knell.protocol.node_shutdown import rules
from knell.protocol.parameters import UNLIMITED, Parameters, declare
from knell.protocol.world import World

FEWEST_SLOTS = 3
"""An epoch that runs, the one before, and all that came before that."""


@dataclass(frozen=True)
class GroupConfig:
    """What a log tells of a group."""

    name: str
    nodes: tuple[str, ...]
    leased: bool = False
    tokens: bool = False
    critical: bool = False
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sizes:
    """What the model is built for."""

    nodes: tuple[str, ...]
    groups: tuple[GroupConfig, ...]
    slots: int = 4

    @property
    def has_leases(self) -> bool:
        """Whether some group has takeover by lease."""
        return any(group.leased for group in self.groups)


class Logged(World):
    """The world of one log."""

    def __init__(self, m: Model, p: Parameters, sizes: Sizes) -> None:
        self.sizes = sizes
        self._by_name = {group.name: group for group in sizes.groups}
        super().__init__(m, p)
        self.is_leased = m.rigid("is_leased", self.Group, value=lambda g: self._by_name[g].leased)

    def is_latest(self, i: Expr, j: Expr) -> Expr:
        """``i`` is the last epoch of its node before ``j``."""
        between = exists(self.Inc, lambda k: self.older[i, k] & self.older[k, j])
        return self.older[i, j] & ~between

    def leased(self, i: Expr, g: Expr) -> Expr:
        """Only acts in a leased group need a lease."""
        return some(~self.is_leased[g], super().leased(i, g))

    def admit(self, o: Expr, i: Expr) -> None:
        """Effect: ``o`` admits ``i``."""
        self.view[o, i] = True
        self.admitted[o, i] = True

    def _epochs(self) -> Iterator[tuple[str, str, int]]:
        for node in self.sizes.nodes:
            for slot in range(1, self.sizes.slots + 1):
                yield f"{node}/{slot}", node, slot

    def _groups(self) -> list[str]:
        return list(self._by_name)

    def _domain(self, group: str) -> list[str]:
        return list(self._by_name[group].nodes)

    def _depends(self, group: str, other: str) -> bool:
        return other in self._by_name[group].depends_on

    def _has_tokens(self, group: str) -> bool:
        return self._by_name[group].tokens

    def _is_critical(self, group: str) -> bool:
        return self._by_name[group].critical

    def serves(self, o: Expr, g: Expr, i: Expr) -> Expr:  # noqa: ARG002 # one shape for all
        """A node also holds lists in which it is no entry, which the model does not record."""
        return self.hosts[i, g]


def build(sizes: Sizes) -> tuple[Model, Logged]:
    """Return the model for a log of these sizes."""
    m = Model("node-shutdown", "as logs see it", mutants=MUTANTS)
    w = Logged(m, _parameters(sizes), sizes)
    rules(m, w)
    _take_apart(m, w)
    return m, w


def _parameters(sizes: Sizes) -> Parameters:
    """Every fault, without bound."""
    with settings(Settings()):
        usual = declare(Model("node-shutdown"))
    return replace(
        usual,
        nodes=len(sizes.nodes),
        groups=max(2, len(sizes.groups)),  # PROMOTED is heard also where there is but one
        returning=len(sizes.nodes),
        components="all",
        critical=any(group.critical for group in sizes.groups),
        tokens=any(group.tokens for group in sizes.groups),
        dependent=True,
        leases=sizes.has_leases,
        failures=UNLIMITED,
        crashes=UNLIMITED,
        heartbeat_losses=UNLIMITED,
        stops=UNLIMITED,
        member_failures=UNLIMITED,
        goodbyes=True,
        unkillable=True,
        acts=True,
        fences=True,
        cold_starts=True,
    )


def _take_apart(m: Model, w: Logged) -> None:
    """Replace what the model merges, and add the steps that come of it."""
    actions = {action.name: action for action in m.actions}
    # What is not needed for a promotion is recorded all the same; a founder knows itself.
    actions["hear_promoted"] = _relaxed(actions["hear_promoted"], "needed", "peers")
    # A member that took its leave is gated before it dies, also while the node is active.
    actions["reap_gated"] = _relaxed(actions["reap_gated"], "clustering")
    m.actions.clear()
    _start(w)
    _joins_and_leaves(w)
    _hearsay(w)
    _acts(w)
    for action in m.actions:
        name = action.name.removesuffix("_apart")
        actions[name] = replace(action, name=name)
    m.actions[:] = actions.values()


def _relaxed(action: Action, *clauses: str) -> Action:
    """The action without these clauses of its guard."""
    kept = [clause for clause in action.guard if clause.name not in clauses]
    return replace(action, guard=type(action.guard)(kept))


def _start(w: Logged) -> None:
    Inc, Group = w.Inc, w.Group

    @w.fault("§9.1")
    def restart_apart(j: Inc):
        """A node starts its next epoch: it has admitted nobody yet, and no member has joined."""
        require(
            not_started=(w.phase[j] == "absent") & w.has_epoch_before(j),
            earlier_over=forall(
                Inc, lambda i: implies(w.older[i, j], w.phase[i].is_in("ended", "crashed"))
            ),
        )
        w.phase[j] = "active"
        w.announced[j] = True
        w.admit(j, j)
        for i in each(Inc):
            with when(w.older[i, j]):
                w.heard[j, i] = True
                w.heard_release[j, i] = True
                w.drop_all(i)
                for g in each(Group):
                    w.released[j, g, i] = True
        for g in each(Group):
            for k in each(Inc):
                for kept in (w.list_of, w.list_from):
                    kept[j, g, k] = exists(
                        Inc, lambda i, g=g, k=k, kept=kept: w.is_latest(i, j) & kept[i, g, k]
                    )


def _joins_and_leaves(w: Logged) -> None:
    Inc, Group, Cause = w.Inc, w.Group, w.Cause

    @w.rule("§4.3")
    def member_joins(i: Inc, g: Group):
        """The member of a group joins on its node."""
        require(up=w.up(i), hosts=w.hosts[i, g], absent=w.member[i, g] == "absent")
        w.member[i, g] = "active"

    @w.rule("§7.16")
    def member_departs(i: Inc, g: Group):
        """A member takes its leave and is gated; its process may live on."""
        require(clustering=w.gate_open(i), speaker=w.speaks(i), runs=w.runs(i, g))
        w.cut_off(i, g)

    @w.fault("§7.12")
    def process_ends(i: Inc, g: Group):
        """A gated process dies after END, where nobody is left to say so."""
        require(ended=w.phase[i] == "ended", gated=w.member[i, g] == "gated")
        w.drop(i, g)

    @w.rule("§7.5")
    def initiate_for_critical_member_apart(i: Inc, g: Group):
        """A member of a critical group has left, or is gone: the engine closes the latch."""
        require(
            critical=w.is_critical[g],
            member_out=w.member[i, g].is_in("gated", "gone"),
            engine_lives=w.alive(i, "engine"),
            latch_open=w.phase[i] == "active",
        )
        w.latch(i, w.Kind["member"])

    @w.rule("§7.15")
    def learn_own_leave_apart(i: Inc):
        """A node learns that its own epoch was left, by whatever statement."""
        over = w.releasing_statement(i)
        require(
            declared_over=over | w.lapsed[i] if w.p.leases else over,
            engine_lives=w.alive(i, "engine"),
            latch_open=w.phase[i] == "active",
        )
        w.latch(i, w.Kind["left"])

    @w.rule("§7.5")
    def detect_by_engine(i: Inc, c: Cause):
        """The engine itself finds a fatal cause."""
        require(
            fault=w.fatal[i, c],
            engine_lives=w.alive(i, "engine"),
            latch_open=w.phase[i] == "active",
        )
        w.latch(i, w.kind_of(c))


def _hearsay(w: Logged) -> None:
    """Statements by which more is learnt than their one rule in the model says."""
    Inc, Group = w.Inc, w.Group

    def over(o: Expr, k: Expr) -> None:
        """Effect: a later epoch of the node of ``k`` has started."""
        w.heard_release[o, k] = True
        for g in each(Group):
            w.released[o, g, k] = True

    @w.rule("§5.8")
    def hear_of_announce(o: Inc, j: Inc):
        """An ANNOUNCE that was not proved yet: older epochs are left, the new one not admitted."""
        require(observer_up=w.up(o), peers=w.peers(o, j), sent=w.announced[j])
        for k in each(Inc):
            with when(w.older[k, j]):
                w.heard[o, k] = True
                w.deliver_leave(o, k)
                over(o, k)

    @w.rule("§9.8")
    def hear_commit(o: Inc, q: Inc, g: Group, j: Inc):
        """COMMIT admits the epochs of its list whose nodes have none admitted."""
        require(observer_up=w.up(o), sent=w.committed[q, g, j])

        def listed(k: Expr) -> Expr:
            return w.carried[q, g, j, k] | (k == j)

        def admitted(k: Expr) -> Expr:
            return every(
                listed(k) & ~exists(Inc, lambda h: w.older[k, h] & listed(h)),
                w.announced[k] & w.has_epoch_before(k),
                w.peers(o, k) & ~w.heard[o, k],
                ~exists(Inc, lambda h: ~w.peers(h, k) & w.view[o, h]),
            )

        for k in each(Inc):
            with when(admitted(k)):
                w.admit(o, k)
            with when(exists(Inc, lambda h, k=k: w.older[k, h] & admitted(h))):
                over(o, k)

    @w.rule("§5.13")
    def hear_bootstrap(o: Inc, j: Inc, g: Group):
        """BOOTSTRAP releases every entry of its list, also at the node that made it."""
        require(observer_up=w.up(o), sent=w.bootstrapped[j, g])
        for k in each(Inc):
            with when(w.carried[j, g, j, k]):
                w.released[o, g, k] = True


def _acts(w: Logged) -> None:
    Inc, Group = w.Inc, w.Group

    def allowed(i: Expr, g: Expr) -> Expr:
        return w.gate_open(i) & w.alive(i, "engine") & w.runs(i, g)

    @w.rule("§4.5")
    def act(i: Inc, g: Group):
        """An act that is not reserved to the primary takes effect."""
        require(gate_open=allowed(i, g))

    @w.rule("§4.5")
    def begin_act_apart(i: Inc, g: Group):
        """The engine accepts a primary's act; only in leased groups it needs a lease."""
        require(
            gate_open=allowed(i, g),
            primary=w.primary[i, g],
            leased=w.leased(i, g),
            one_at_a_time=~w.acting[i, g],
        )
        w.acting[i, g] = True
