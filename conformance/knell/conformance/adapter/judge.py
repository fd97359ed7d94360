"""One run of an adapter: each step asked for, and what comes of it compared with the model.

The set of states of the model that fit is kept. It has one element as long as all is observable;
where it is not, each state that fits stays until something tells it from the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from knell.conformance.adapter import wire
from knell.conformance.adapter.conversation import Conversation
from knell.conformance.adapter.observation import IGNORED, STRANGE, MalformedError, Reader
from knell.conformance.adapter.peer import Peer, PeerError
from knell.conformance.adapter.standing import Standing
from knell.conformance.mapping.possible import BY_THE_HARNESS, World
from knell.conformance.replay.divergence import Finding
from knell.conformance.replay.expected import Expectation, Graph, name_of
from knell.conformance.sim.network import project_sent
from knell.conformance.sim.perform import Seen
from knell.conformance.sim.table import about_message
from knell.language.grounding import Instance

_HEARS = {
    "hear_distress": "DISTRESS",
    "hear_quiesced": "QUIESCED",
    "hear_member_gone": "MEMBER_GONE",
    "hear_promoted": "PROMOTED",
    "hear_announce": "ANNOUNCE",
    "accept": "PROPOSE",
    "learn_commit": "COMMIT",
}


class NotSupportedError(Exception):
    """The adapter does not do this."""


class DoubtfulError(Exception):
    """Nobody knows whether the adapter did it."""


@dataclass
class Moment:
    """A moment of a run that the adapter can go back to.

    Attributes:
        name: What the adapter calls it.
        standing: Where the run stands then.
        shown: What all nodes show then, as it was compared; nothing if it was not yet.
    """

    name: str
    standing: Standing
    shown: bytes = b""


class Judge:
    """Asks an adapter, and compares.

    Args:
        expected: The model.
        graph: Its states and steps.
        peer: The adapter.
        deadline_ms: How long to wait for a reply.
        seed: Handed to the adapter.

    Raises:
        PeerError: The adapter does not answer.
        MalformedError: Its answer is none.
    """

    def __init__(
        self,
        expected: Expectation,
        graph: Graph,
        peer: Peer,
        *,
        deadline_ms: int = 2_000,
        seed: int = 0,
    ) -> None:
        self.expected = expected
        self.graph = graph
        self.talk = Conversation(
            peer, wire.Model(expected.model.name, fingerprint(expected)), deadline_ms
        )
        self.seed = seed
        self.standing = Standing()
        self.ignored: Counter[str] = Counter()
        self.world = World(expected.program.layout)
        self._place = {node: at for at, node in enumerate(expected.cluster.nodes)}
        self._readers = [
            Reader(expected.cluster, expected.places[at], set(self.talk.hello.observables))
            for at in range(len(expected.cluster.nodes))
        ]
        self._known_sent: dict[Hashable, tuple[int, ...]] = {}
        self._contents = [
            {number: content for content, number in each.items()} for each in expected.contents
        ]

    def begin(self, run: str) -> list[Finding]:
        """Begin a run; what already differs is returned."""
        cluster = self.expected.cluster
        config = wire.Config(
            cluster.nodes,
            tuple(
                wire.Group(
                    each.name,
                    each.nodes,
                    each.depends_on,
                    str(each.takeover),
                    str(each.fencing),
                    each.critical,
                )
                for each in cluster.groups
            ),
            cluster.components,
            cluster.causes,
            cluster.unkillable,
        )
        begun = self.talk.must("reset", run=run, seed=self.seed, mode="sim", config=config)
        self.standing = Standing()
        for node, effects in begun.effects.items():
            self.standing.hear(node, effects)
        return self._look(begun.obs, cluster.nodes)

    def end(self) -> list[Finding]:
        """Look at all nodes once more, at the end of a run."""
        observed = self.talk.must("observe")
        return self._look(observed.obs, self.expected.cluster.nodes)

    def keep(self) -> Moment:
        """Keep this moment, to go back to it."""
        return self.kept(self.talk.peer.ask(self.keeping()))

    def keeping(self) -> wire.Request:
        """The request to keep this moment."""
        return self.talk.request("snapshot")

    def kept(self, reply: wire.Reply) -> Moment:
        """The moment that the adapter has kept."""
        return Moment(self.talk.granted("snapshot", reply).snapshot, self.standing.copy())

    def go_back(self, moment: Moment) -> list[Finding]:
        """Go back to a moment; what differs from it is returned."""
        return self.gone_back(moment, self.talk.peer.ask(self.going_back(moment)))

    def going_back(self, moment: Moment) -> wire.Request:
        """The request to go back to a moment."""
        return self.talk.request("restore", snapshot=moment.name)

    def gone_back(self, moment: Moment, reply: wire.Reply) -> list[Finding]:
        """Take in that the adapter has gone back to a moment, and look."""
        self.standing = moment.standing.copy()
        return self.looked(moment, reply)

    def looking(self) -> wire.Request:
        """The request to show all nodes."""
        return self.talk.request("observe")

    def looked(self, moment: Moment, reply: wire.Reply) -> list[Finding]:
        """Compare what all nodes show, where the adapter should be in that moment."""
        shown = bytes(reply.ok)
        if shown and shown == moment.shown:
            return []
        findings = self._look(self.talk.granted("observe", reply).obs, self.expected.cluster.nodes)
        moment.shown = b"" if findings else shown
        return findings

    # Stepping

    def take(self, instance: int) -> list[Finding]:
        """Take one step and return what differs.

        Raises:
            NotSupportedError: The adapter does not do this action.
            DoubtfulError: Whether it was done is not known.
        """
        request = self.request(instance)
        return self.heed(instance, None if request is None else self.talk.peer.ask(request))

    def request(self, instance: int, at: Moment | None = None) -> wire.Request | None:
        """The request for one step; None if the harness itself takes it.

        Args:
            instance: The step.
            at: The moment to take it in, where the adapter is to go back to that first.
        """
        action = self.expected.instances[instance]
        parameters = action.parameters
        standing = self.standing if at is None else at.standing
        state = self.graph.states[standing.belief[0]]
        own = BY_THE_HARNESS.get(action.action.name)
        if own is not None and own(self.world.at(state), parameters):
            return None
        fields: dict[str, Any] = {
            "node": next(iter(parameters.values())),
            "action": action.action.name,
            "args": parameters,
            "snapshot": "" if at is None else at.name,
        }
        name = action.action.name
        if self.expected.cluster.returns:
            fields["before"] = self._before(name, fields["node"], standing)
        if name not in _HEARS:
            return self.talk.request("step", **fields)
        return self.talk.request("deliver", msg=self._message(action, standing), **fields)

    def can_ask(self, instance: int) -> bool:
        """Whether what the step needs was sent, if it needs anything."""
        action = self.expected.instances[instance]
        return action.action.name not in _HEARS or self._key(action) in self.standing.sent

    def _key(self, action: Instance) -> tuple[str, ...]:
        name, parameters = action.action.name, action.parameters
        node = self.expected.cluster.epochs[next(iter(parameters.values()))].node
        return (node, _HEARS[name], *about_message(name, parameters))

    def _message(self, action: Instance, standing: Standing) -> wire.Message:
        """What arrives by a step.

        Raises:
            MalformedError: It was not sent to this node.
        """
        key = self._key(action)
        if key not in standing.sent:
            raise MalformedError(f"{key[1]} was not sent to {key[0]}", place=str(action))
        return standing.sent[key]

    def _before(self, action: str, name: str, standing: Standing) -> tuple[wire.Message, ...]:
        """What has arrived before: announcements at a start, else what entries have answered."""
        node, kind = self.expected.cluster.epochs[name].node, "ACCEPT"
        if action == "restart":
            kind = "ANNOUNCE"
        return tuple(each for key, each in standing.sent.items() if key[:2] == (node, kind))

    def heed(self, instance: int, reply: wire.Reply | None) -> list[Finding]:
        """Compare what came of a step with the model, and return what differs.

        Args:
            instance: The step.
            reply: The reply to its request; None if there was none.

        Raises:
            NotSupportedError: The adapter does not do this action.
            DoubtfulError: Whether it was done is not known.
        """
        if reply is None:
            self.standing.belief = [step for step, _ in self._targets(instance)]
            return []
        node = next(iter(self.expected.instances[instance].parameters.values()))
        answer = self.talk.answer("step", reply)
        if isinstance(answer, wire.Error):
            return self._refused(instance, answer)
        if set(answer.obs) != {node}:
            raise MalformedError(f"expected the observation of {node}", place="obs")
        seen = self.standing.hear(node, answer.effects)
        shown = self._readers[self._place[node]].read(answer.obs[node])
        return self._fit(node, self._targets(instance), seen, shown)

    def _targets(self, instance: int) -> list[tuple[int, tuple[Seen, ...]]]:
        """Where the step leads, and what is seen of it, from each state that fits."""
        targets = []
        for state in self.standing.belief:
            step = self.graph.steps[state].get(instance)
            targets.append((state, ()) if step is None else (step.target, step.effects))
        return list(dict.fromkeys(targets))

    def _refused(self, instance: int, error: wire.Error) -> list[Finding]:
        if error.code == wire.NOT_SUPPORTED:
            raise NotSupportedError(error.text)
        if error.code in {wire.MALFORMED, wire.CRASHED}:
            raise PeerError(f"error {error.code}: {error.text}")
        if error.code != wire.NOT_ENABLED or not error.definite:
            raise DoubtfulError(f"error {error.code}: {error.text}")
        fit = []
        for state in self.standing.belief:
            step = self.graph.steps[state].get(instance)
            if step is None or (step.target == state and not step.effects):
                fit.append(state)
        if not fit:
            return [Finding("event", "done", f"refused: {error.text}")]
        self.standing.belief = fit
        return []

    # Comparing

    def _look(self, obs: dict[str, wire.View], nodes: Iterable[str]) -> list[Finding]:
        """Compare what all nodes show with the states that fit."""
        targets: list[tuple[int, tuple[Seen, ...]]] = [(s, ()) for s in self.standing.belief]
        for node in nodes:
            if node not in obs:
                raise MalformedError(f"no observation of {node}", place="obs")
            shown = self._readers[self._place[node]].read(obs[node])
            findings = self._fit(node, targets, (), shown)
            if findings:
                return findings
            targets = [(state, ()) for state in self.standing.belief]
        return []

    def _fit(
        self,
        node: str,
        targets: list[tuple[int, tuple[Seen, ...]]],
        seen: tuple[Seen, ...],
        shown: tuple[int, ...],
    ) -> list[Finding]:
        """Keep the states that fit; if none does, say what differs from the nearest."""
        sent = self._sent()
        fit, nearest = [], None
        for state, effects in targets:
            findings = self._differences(node, state, shown, sent)
            if seen != effects:
                texts = (", ".join(map(" ".join, each)) or "none" for each in (effects, seen))
                findings.append(Finding("effects", *texts))
            if not findings:
                fit.append(state)
            elif nearest is None or len(findings) < len(nearest):
                nearest = findings
        if fit:
            self.standing.belief = fit
            return []
        return nearest or []

    def _differences(
        self, node: str, state: int, shown: tuple[int, ...], sent: tuple[int, ...]
    ) -> list[Finding]:
        parts = self.graph.parts[state]
        at, network = self._place[node], len(self._place)
        found = []
        for part, observed in ((at, shown), (network, sent)):
            wanted = self._contents[part][parts[part]]
            if wanted == observed:
                continue
            for place, want, have in zip(self.expected.places[part], wanted, observed, strict=True):
                if have == IGNORED:
                    if place.variable.name in self.talk.hello.observables:
                        self.ignored[place.variable.name] += 1
                elif want != have:
                    value = "?" if have == STRANGE else place.to.show(have + place.to.lo)
                    found.append(Finding(str(place), place.to.show(want + place.to.lo), value))
        return found

    def _sent(self) -> tuple[int, ...]:
        """What was sent so far, in the words of the model."""
        standing = self.standing
        key = (
            frozenset(standing.sent),
            tuple(standing.gated.items()),
            tuple(standing.lists.items()),
        )
        if key not in self._known_sent:
            view = project_sent(
                self.expected.cluster, standing.sent, standing.gated, standing.lists
            )
            found = []
            for place in self.expected.places[-1]:
                value = place.to.parse(view[name_of(place)])
                found.append(STRANGE if value is None else value - place.to.lo)
            self._known_sent[key] = tuple(found)
        return self._known_sent[key]


def fingerprint(expected: Expectation) -> str:
    """What tells one model from another: the hash of its text."""
    return sha256(Path(expected.model.place.rpartition(":")[0]).read_bytes()).hexdigest()
