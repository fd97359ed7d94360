"""One run of an adapter: each step asked for, and what comes of it compared with the model.

The set of states of the model that fit is kept. It has one element as long as all is observable;
where it is not, each state that fits stays until something tells it from the others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from knell.conformance.adapter import wire
from knell.conformance.adapter.observation import IGNORED, STRANGE, MalformedError, Reader
from knell.conformance.adapter.peer import Peer, PeerError
from knell.conformance.mapping.possible import BY_THE_HARNESS, World
from knell.conformance.replay.divergence import Finding
from knell.conformance.replay.expected import Expectation, Graph, name_of
from knell.conformance.sim.network import project_sent
from knell.conformance.sim.perform import Seen

KINDS = frozenset({"ANNOUNCE", "DISTRESS", "QUIESCED", "MEMBER_GONE", "PROMOTED"})
"""The statements that the harness delivers."""

_HEARS = {
    "hear_distress": "DISTRESS",
    "hear_quiesced": "QUIESCED",
    "hear_member_gone": "MEMBER_GONE",
    "hear_promoted": "PROMOTED",
}


class NotSupportedError(Exception):
    """The adapter does not do this."""


class DoubtfulError(Exception):
    """Nobody knows whether the adapter did it."""


@dataclass
class Standing:
    """Where a run stands: the states that fit, and what was sent so far."""

    belief: list[int] = field(default_factory=lambda: [0])
    sent: dict[tuple[str, ...], wire.Message] = field(default_factory=dict)
    gated: dict[str, frozenset[str]] = field(default_factory=dict)

    def copy(self) -> Standing:
        """The same, to be changed."""
        return Standing(list(self.belief), dict(self.sent), dict(self.gated))


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
        self.peer = peer
        self.deadline_ms = deadline_ms
        self.seed = seed
        self.standing = Standing()
        self.asked = 0
        self.ignored: Counter[str] = Counter()
        self.world = World(expected.program.layout)
        self.hello = self._hello()
        self._place = {node: at for at, node in enumerate(expected.cluster.nodes)}
        self._readers = [
            Reader(expected.cluster, expected.places[at], set(self.hello.observables))
            for at in range(len(expected.cluster.nodes))
        ]
        self._contents = [
            {number: content for content, number in each.items()} for each in expected.contents
        ]

    # Asking

    def _ask(self, cmd: str, **fields: Any) -> Any:
        """Ask for something and return what `ok` holds."""
        self.asked += 1
        request = wire.Request(self.asked, cmd, deadline_ms=self.deadline_ms, **fields)
        reply = self.peer.ask(request)
        if reply.err is not None:
            return reply.err
        try:
            return msgspec.json.decode(reply.ok, type=wire.ANSWERS[cmd])
        except msgspec.DecodeError as error:
            raise MalformedError(str(error), place=f"reply to {cmd}") from None

    def _must(self, cmd: str, **fields: Any) -> Any:
        answer = self._ask(cmd, **fields)
        if isinstance(answer, wire.Error):
            raise PeerError(f"{cmd} fails with {answer.code}: {answer.text}")
        return answer

    def _hello(self) -> wire.Hello:
        model = self.expected.model
        told = wire.Model(model.name, fingerprint(self.expected))
        hello = self._must("hello", versions=(wire.VERSION,), model=told)
        assert isinstance(hello, wire.Hello)
        if hello.version != wire.VERSION:
            raise MalformedError(f"version {hello.version} was not offered", place="reply to hello")
        if "sim" not in hello.modes:
            raise PeerError("the adapter has no mode sim")
        return hello

    def restart(self) -> None:
        """Begin with a fresh adapter, after a failure."""
        self.peer.restart()
        self.hello = self._hello()

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
        begun = self._must("reset", run=run, seed=self.seed, mode="sim", config=config)
        self.standing = Standing()
        for node, effects in begun.effects.items():
            self._hear_effects(node, effects)
        return self._look(begun.obs, cluster.nodes)

    def end(self) -> list[Finding]:
        """Look at all nodes once more, at the end of a run."""
        observed = self._must("observe")
        return self._look(observed.obs, self.expected.cluster.nodes)

    def keep(self) -> Callable[[], list[Finding]]:
        """Keep this moment; the function that is returned goes back to it, and looks at it."""
        name = self._must("snapshot").snapshot
        standing = self.standing.copy()

        def back() -> list[Finding]:
            restored = self._must("restore", snapshot=name)
            self.standing = standing.copy()
            return self._look(restored.obs, self.expected.cluster.nodes)

        return back

    # Stepping

    def take(self, instance: int) -> list[Finding]:
        """Take one step and return what differs.

        Raises:
            NotSupportedError: The adapter does not do this action.
            DoubtfulError: Whether it was done is not known.
        """
        action = self.expected.instances[instance]
        parameters = action.parameters
        node = next(iter(parameters.values()))
        state = self.graph.states[self.standing.belief[0]]
        own = BY_THE_HARNESS.get(action.action.name)
        if own is not None and own(self.world.at(state), parameters):
            self.standing.belief = [step for step, _ in self._targets(instance)]
            return []
        fields: dict[str, Any] = {"node": node, "action": action.action.name, "args": parameters}
        kind = _HEARS.get(action.action.name)
        if kind is not None:
            about = (parameters["i"], parameters["g"]) if "g" in parameters else (parameters["i"],)
            fields["msg"] = self.standing.sent[node, kind, *about]
        answer = self._ask("step" if kind is None else "deliver", **fields)
        if isinstance(answer, wire.Error):
            return self._refused(instance, answer)
        if set(answer.obs) != {node}:
            raise MalformedError(f"expected the observation of {node}", place="obs")
        seen = self._hear_effects(node, answer.effects)
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
                    if place.variable.name in self.hello.observables:
                        self.ignored[place.variable.name] += 1
                elif want != have:
                    value = "?" if have == STRANGE else place.to.show(have + place.to.lo)
                    found.append(Finding(str(place), place.to.show(want + place.to.lo), value))
        return found

    def _sent(self) -> tuple[int, ...]:
        view = project_sent(self.expected.cluster, self.standing.sent, self.standing.gated)
        found = []
        for place in self.expected.places[-1]:
            value = place.to.parse(view[name_of(place)])
            found.append(STRANGE if value is None else value - place.to.lo)
        return tuple(found)

    def _hear_effects(self, node: str, effects: Iterable[wire.Effect]) -> tuple[Seen, ...]:
        """Note what was sent, and return what else is seen."""
        seen: set[Seen] = set()
        found: list[Seen] = []
        for effect in effects:
            if effect.send is not None:
                seen |= self._note(node, effect.send)
            elif effect.tell is not None and effect.tell.news == "node_left":
                found.append(("leave", effect.tell.group, effect.tell.node or "?"))
            elif effect.tell is not None and effect.tell.news == "clustering_ending":
                found.append(("ending", effect.tell.group))
            elif effect.report is not None:
                found.append(("report", effect.report.group, effect.report.cause))
            elif effect.act is not None:
                found.append(("act", effect.act.group))
            elif effect.route is not None:
                found.append(("route", effect.route.node))
        return tuple(sorted([*found, *seen]))

    def _note(self, node: str, send: wire.Send) -> set[Seen]:
        """Note a statement for those to whom it goes."""
        if send.body.get("kind") not in KINDS:
            return set()
        try:
            body = msgspec.convert(send.body, wire.Body)
        except msgspec.ValidationError as error:
            raise MalformedError(str(error), place="effects.send.body") from None
        about = (body.node,) if body.group is None else (body.node, body.group)
        if body.kind == "QUIESCED":
            self.standing.gated.setdefault(body.node, frozenset(body.gated))
        for to in send.to:
            message = wire.Message(send.msg_id, node, to, send.body)
            self.standing.sent.setdefault((to, body.kind, *about), message)
        return {("distress",)} if body.kind == "DISTRESS" and body.node == node else set()


def fingerprint(expected: Expectation) -> str:
    """What tells one model from another: the hash of its text."""
    return sha256(Path(expected.model.place.rpartition(":")[0]).read_bytes()).hexdigest()
