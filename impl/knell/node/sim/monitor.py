"""S1 to S15, judged over all hosts after each step of any of them (`spec/PROPERTIES.md`).

The monitor keeps *ghosts*: what was truly said and done, as nobody in the cluster can see it. A
step is judged by the core's state before and after it, its event and its effects; S2 over all
cores at once. A broken property raises `ViolationError`, with the step that broke it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from knell.node.core import Core
from knell.node.core import effects as fx
from knell.node.core import events as ev
from knell.node.core import messages as ms
from knell.node.core.acts import may_act_as_primary
from knell.node.core.leaving import concerned
from knell.node.core.state import State
from knell.node.core.values import Entry, Epoch, Fencing, Takeover
from knell.spec.ids import Property
from knell.spec.vocabulary import Cause, MemberState, NodePhase

if TYPE_CHECKING:
    from knell.node.sim.host import Host, Process
    from knell.node.sim.world import World


class ViolationError(AssertionError):
    """A property does not hold."""

    def __init__(self, broken: Property, what: str) -> None:
        super().__init__(f"{broken}: {what}")
        self.broken = broken


@dataclass(slots=True)
class Ghosts:
    """What was truly said and done."""

    latched: dict[Epoch, Cause] = field(default_factory=dict)
    closed: set[Epoch] = field(default_factory=set)
    ended: set[Epoch] = field(default_factory=set)
    fenced: set[Epoch] = field(default_factory=set)
    lapsed: set[Epoch] = field(default_factory=set)
    started: Counter[str] = field(default_factory=Counter)
    promoted: set[tuple[str, Entry]] = field(default_factory=set)
    roles: dict[tuple[str, str], Process] = field(default_factory=dict)
    committed: dict[tuple[str, int], Entry] = field(default_factory=dict)
    told: Counter[tuple[str, int, str, int, Epoch]] = field(default_factory=Counter)
    heard: Counter[tuple[str, int, str]] = field(default_factory=Counter)


class Monitor:
    """The judge of a world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ghosts = Ghosts()
        self.steps = 0
        self.actions: Counter[str] = Counter()
        self.events: Counter[str] = Counter()

    def started(self, host: Host, effects: list[fx.Effect]) -> None:  # noqa: ARG002 # for others
        """A host starts an epoch."""
        epoch = Epoch(host.name, host.disk.epoch)
        if epoch.number <= self.ghosts.started[host.name]:
            raise ViolationError(Property.S3, f"{epoch.name} starts twice")
        self.ghosts.started[host.name] = epoch.number
        self.actions["restart"] += epoch.number > 1

    def fence(self, node: str, epoch: int) -> None:
        """An operator says that an epoch is off."""
        self.ghosts.fenced.add(Epoch(node, epoch))

    def step(
        self,
        host: Host,
        *,
        core: Core,
        before: State,
        event: ev.Event,
        effects: list[fx.Effect],
    ) -> None:
        """Judge one step of one core."""
        self.steps += 1
        self.events[type(event).__name__] += 1
        after = core.state
        for effect in effects:
            if isinstance(effect, fx.Trace):
                self.actions[effect.action] += 1
        self._shutdown(host, before, after, effects)
        self._members(before, after, event, effects)
        self._statements(before, after, event)
        self._leaves(host, before, after, event, effects)
        self._promotion(host, before, event, effects)
        self._lists(event, after)
        self._one_primary(host, core)

    def _one_primary(self, host: Host, core: Core) -> None:
        """S2: only what this step changed can have made a second primary."""
        for name in core.state.groups:
            if core is not host.engine or not _can_act(core.state, name, host.clock):
                continue
            for other in self.world.hosts.values():
                if other is not host and self._may_act(other, name):
                    self._fail(Property.S2, f"{name}: {host.name} and {other.name} can act")

    def _may_act(self, host: Host, name: str) -> bool:
        """Whether a host's member can act as primary: by its engine, or behind its back.

        A process that is cut off may do what no engine sees, until it is surely dead; only a
        store that checks tokens stops it, and in a leased group the end of the lease.
        """
        if host.engine is not None and _can_act(host.engine.state, name, host.clock):
            return True
        process = self.ghosts.roles.get((host.name, name))
        group = host.settings.group(name)
        checked = group.fencing is Fencing.TOKEN or group.takeover is Takeover.LEASE
        return process is not None and process.alive and not checked

    def _shutdown(self, host: Host, before: State, after: State, effects: list[fx.Effect]) -> None:
        """S3, S6, S12 (a), S15, and the end of S1."""
        own, ghosts = after.own, self.ghosts
        if before.phase is NodePhase.ENDED and after != before:
            self._fail(Property.S1, f"{own.name} goes on after its end")
        if before.latch is not None and after.latch is not before.latch:
            self._fail(Property.S3, f"the latched cause of {own.name} changes")
        if before.latch is None and after.latch is not None:
            if ghosts.latched.get(own, after.latch) is not after.latch:
                self._fail(Property.S3, f"{own.name} latches twice, with two causes")
            ghosts.latched[own] = after.latch
        if before.phase is not NodePhase.QUIESCED and after.phase is NodePhase.QUIESCED:
            ghosts.closed.add(own)
            self._gate_closes(host, effects)
        if before.phase is not NodePhase.ENDED and after.phase is NodePhase.ENDED:
            self._ends(before)

    def _gate_closes(self, host: Host, effects: list[fx.Effect]) -> None:
        said = [
            frame.statement
            for effect in effects
            if isinstance(effect, fx.Send)
            for frame in effect.frames
            if isinstance(frame, ms.Signed) and isinstance(frame.statement, ms.Quiesced)
        ]
        gated = set(said[0].gated) if said else set()
        alive = {name for name, each in host.processes.items() if each.alive}
        if said and alive - gated:
            self._fail(Property.S6, f"{host.name} says reaped of {sorted(alive - gated)}")
        if host.engine is not None and host.engine.state.phase is not NodePhase.QUIESCED:
            self._fail(Property.S6, f"the sentinel of {host.name} says QUIESCED beside the engine")

    def _ends(self, before: State) -> None:
        own = before.own
        if own in self.ghosts.ended:
            self._fail(Property.S3, f"{own.name} ends twice")
        self.ghosts.ended.add(own)
        if before.phase is not NodePhase.QUIESCED or before.latch is None:
            self._fail(Property.S15, f"{own.name} ends in phase {before.phase}")
        for name in before.at_latch:
            member = before.members[name]
            gone = member.state is MemberState.GONE
            if not (member.warned or gone or member.killed or name == before.reporter):
                self._fail(Property.S12, f"{name} on {own.name} was never told")

    def _members(
        self, before: State, after: State, event: ev.Event, effects: list[fx.Effect]
    ) -> None:
        """S1, S12 (b) and (c), S13."""
        for effect in effects:
            match effect:
                case fx.ActResult(group, _, None) if isinstance(event, ev.ActEnds):
                    member = before.members[group].state
                    open_gate = before.phase in {NodePhase.ACTIVE, NodePhase.FAILING}
                    if not open_gate or member in {MemberState.GATED, MemberState.GONE}:
                        self._fail(Property.S1, f"an act of {group} on {after.own.name}")
                case fx.ToCC(group):
                    if before.members[group].state is not MemberState.ACTIVE:
                        self._fail(Property.S12, f"{group} on {after.own.name} reports late")
                case fx.Routed(_, node, None):
                    if before.is_over(Epoch(node, before.peers[node].admitted)):
                        self._fail(Property.S13, f"{after.own.name} routes work to {node}")
                case _:
                    pass
        if isinstance(event, ev.Notice) and before.latch is not None and after != before:
            self._fail(Property.S12, f"a late report changes {after.own.name}")

    def _statements(self, before: State, after: State, event: ev.Event) -> None:
        """S4, S6: what a statement may change, and that it was truly made."""
        if not isinstance(event, ev.Heard):
            return
        said = event.signed.statement
        about = ms.subject_of(said)
        ghosts = self.ghosts
        if isinstance(said, ms.Distress) and about not in ghosts.latched:
            self._fail(Property.S6, f"DISTRESS of {about} was never made")
        if isinstance(said, ms.Quiesced) and about not in ghosts.closed:
            self._fail(Property.S6, f"QUIESCED of {about} was never made")
        if about is None or isinstance(said, ms.Promoted):
            return
        upto = about.number - isinstance(said, ms.Announce)
        for node, old in before.peers.items():
            new = after.peers[node]
            later = node != about.node or old.admitted > upto
            if later and (old.admitted, old.incarnation) != (new.admitted, new.incarnation):
                self._fail(Property.S4, f"{said} changes what {after.own.name} admits")
            if new.barred > old.barred and (node != about.node or new.barred > upto):
                self._fail(Property.S4, f"{said} bars {node} up to {new.barred}")
        if about.node == after.me and about.number < after.epoch and after.latch != before.latch:
            self._fail(Property.S4, f"{said} shuts {after.own.name} down")

    def _leaves(
        self, host: Host, before: State, after: State, event: ev.Event, effects: list[fx.Effect]
    ) -> None:
        """S5, S7, S8, S9, S14."""
        if isinstance(event, ev.LapsePeer):
            self.ghosts.lapsed.add(Epoch(event.node, after.peers[event.node].barred))
        for node, old in before.peers.items():
            new = after.peers[node]
            if new == old:
                continue
            if old.admitted and new.admitted != old.admitted:
                epoch = Epoch(node, old.admitted)
                if new.left != old.admitted:
                    self._fail(Property.S5, f"{after.own.name} drops {epoch.name} without a leave")
                self._reason(after, epoch)
                self._coverage(host, before, epoch, effects)
            if new.admitted and new.admitted <= new.barred:
                self._fail(Property.S8, f"{after.own.name} admits {node}.{new.admitted} again")
        self._barred(host, before, after, event)

    def _barred(self, host: Host, before: State, after: State, event: ev.Event) -> None:
        """S9: an epoch is barred exactly if a leaving statement about it was processed."""
        if host.engine is None or host.engine.state is not after:
            return
        about = _leaving(event) if before.phase is NodePhase.ACTIVE else None
        if about is not None and about.node in after.peers:
            key = (host.name, host.life, about.node)
            if not _is_refused(before, after, event, about):
                self.ghosts.heard[key] = max(self.ghosts.heard[key], about.number)
        if isinstance(event, ev.LapsePeer):
            key = (host.name, host.life, event.node)
            self.ghosts.heard[key] = max(self.ghosts.heard[key], after.peers[event.node].barred)
        for node, peer in after.peers.items():
            heard = self.ghosts.heard[host.name, host.life, node]
            if before.peers[node].barred != peer.barred and peer.barred != heard:
                self._fail(Property.S9, f"{after.own.name} bars {node}.{peer.barred}, not {heard}")

    def _reason(self, after: State, epoch: Epoch) -> None:
        ghosts = self.ghosts
        reasons = (
            epoch in ghosts.latched,
            epoch in ghosts.fenced,
            epoch in ghosts.lapsed,
            ghosts.started[epoch.node] > epoch.number,
        )
        if not any(reasons):
            self._fail(Property.S14, f"{after.own.name} leaves {epoch.name} for no reason")

    def _coverage(self, host: Host, before: State, epoch: Epoch, effects: list[fx.Effect]) -> None:
        told = sorted(
            effect.group
            for effect in effects
            if isinstance(effect, fx.Tell) and effect.news == fx.NodeLeft(epoch)
        )
        due = sorted(name for name in before.groups if concerned(before, name, epoch))
        if told != due:
            self._fail(Property.S7, f"leave of {epoch.name} goes to {told}, not to {due}")
        for group in told:
            key = (host.name, host.life, group, before.members[group].join, epoch)
            self.ghosts.told[key] += 1
            if self.ghosts.told[key] > 1:
                self._fail(Property.S7, f"leave of {epoch.name} comes twice to {group}")

    def _promotion(
        self, host: Host, before: State, event: ev.Event, effects: list[fx.Effect]
    ) -> None:
        """S10, S11."""
        if isinstance(event, ev.Promote | ev.FoundGroup) and before.phase is not NodePhase.ACTIVE:
            self._fail(Property.S10, f"{before.own.name} is promoted in phase {before.phase}")
        if isinstance(event, ev.Promote):
            for needed in before.group(event.group).depends_on:
                primary = before.live_primary(needed)
                if primary is None or (needed, primary) not in self.ghosts.promoted:
                    self._fail(Property.S11, f"{event.group} is promoted before {needed}")
        for effect in effects:
            match effect:
                case fx.Tell(group, fx.PrimaryIs(entry, True)):
                    self.ghosts.promoted.add((group, entry))
                    self.ghosts.roles[host.name, group] = host.processes[group]
                case _:
                    pass

    def _lists(self, event: ev.Event, after: State) -> None:
        """Committed lists are totally ordered (§9.7), which S2 rests upon."""
        match event:
            case ev.CommitList(group) | ev.FoundGroup(group):
                for entry in after.groups[group].domain:
                    known = self.ghosts.committed.setdefault((group, entry.position), entry)
                    if known != entry:
                        self._fail(Property.S2, f"{group}: {entry} committed beside {known}")
            case _:
                pass

    def _fail(self, broken: Property, what: str) -> None:
        raise ViolationError(broken, f"{what} (step {self.steps}, time {self.world.now})")


def _can_act(state: State, name: str, now: int) -> bool:
    open_gate = state.phase in {NodePhase.ACTIVE, NodePhase.FAILING}
    return open_gate and may_act_as_primary(state, name, now) is None


def _leaving(event: ev.Event) -> Epoch | None:
    """Up to which epoch an event says that its node is left (§7.18)."""
    match event:
        case ev.Heard(ms.Signed(ms.Announce(node, epoch))) | ev.PeerProved(
            ms.Announce(node, epoch)
        ):
            return Epoch(node, epoch - 1)
        case ev.Heard(ms.Signed(ms.Distress() | ms.Quiesced() | ms.Fence() | ms.Lapsed() as said)):
            return Epoch(said.node, said.epoch)
        case ev.FenceOrdered(ms.Fence(node, epoch)):
            return Epoch(node, epoch)
        case _:
            return None


def _is_refused(before: State, after: State, event: ev.Event, about: Epoch) -> bool:
    """Whether a statement was not taken: a lapse by no successor (§5.7), a fence of old (§10.8)."""
    lapse = isinstance(event, ev.Heard) and isinstance(event.signed.statement, ms.Lapsed)
    unchanged = before.peers[about.node] == after.peers[about.node]
    return unchanged and (lapse or isinstance(event, ev.FenceOrdered))
