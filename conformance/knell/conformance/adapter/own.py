"""The adapter of `knell.node`: the same cores, asked through the protocol.

``python -m knell.conformance.adapter.own`` serves standard input.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import version
from typing import Any, BinaryIO, Final

import msgspec

from knell.conformance.adapter import wire
from knell.conformance.adapter.standing import KINDS
from knell.conformance.mapping.actions import RULES
from knell.conformance.mapping.cluster import Cluster
from knell.conformance.mapping.moves import Asked, Carried, Frame
from knell.conformance.mapping.projection import View, project
from knell.conformance.mapping.variables import VARIABLES, Source
from knell.conformance.sim.network import first_words, subject_of
from knell.conformance.sim.node import Node, at_first
from knell.conformance.sim.perform import Outcome, Said, Seen, perform
from knell.conformance.sim.stutters import pass_time
from knell.node.core import messages as ms
from knell.node.core.shutdown import CONTROL
from knell.node.core.values import Epoch, Fencing, GroupSettings, Takeover

OBSERVABLES = tuple(
    name for name, each in VARIABLES.items() if each.source is Source.CORE and name != "first_cause"
)


class RequestError(Exception):
    """A request that cannot be answered with `ok`.

    Args:
        code: The code of the error.
        text: What is wrong.
        definite: Whether nothing was done for sure.
    """

    def __init__(self, code: int, text: str, *, definite: bool = True) -> None:
        super().__init__(text)
        self.error = wire.Error(code, definite, text)


class OwnAdapter:
    """Answers requests; one cluster at a time."""

    def __init__(self) -> None:
        self.cluster = Cluster((), (), (), ())
        self.nodes: dict[str, Node] = {}
        self.sent = 0
        self._kept: dict[str, tuple[dict[str, Node], int]] = {}

    def answer(self, request: wire.Request) -> dict[str, Any]:
        """The reply to a request."""
        commands = {
            "hello": self._hello,
            "reset": self._reset,
            "step": self._step,
            "deliver": self._step,
            "advance": self._advance,
            "observe": lambda _: wire.Observed(self._observe(self.nodes)),
            "snapshot": self._snapshot,
            "restore": self._restore,
        }
        command = commands.get(request.cmd)
        if command is None:
            unknown = wire.Error(wire.NOT_SUPPORTED, definite=True, text=f"no {request.cmd}")
            return {"id": request.id, "err": unknown}
        try:
            return {"id": request.id, "ok": command(request)}
        except RequestError as error:
            return {"id": request.id, "err": error.error}

    def _hello(self, request: wire.Request) -> wire.Hello:
        if wire.VERSION not in request.versions:
            raise RequestError(wire.NOT_SUPPORTED, f"this adapter speaks version {wire.VERSION}")
        return wire.Hello(
            wire.VERSION,
            wire.Implementation("knell.node", version("knell"), "Python"),
            ("sim",),
            ("snapshot", "pipeline", "crash", "restart", "components", "acts", "dependencies"),
            tuple(name for name in RULES if name != "strike"),
            OBSERVABLES,
        )

    def _reset(self, request: wire.Request) -> wire.Begun:
        if request.config is None:
            raise RequestError(wire.MALFORMED, "reset needs a config")
        self.cluster = _cluster(request.config)
        self.sent = 0
        self._kept = {}
        cluster = self.cluster
        # Where errors are, and so who may find one, is known to the harness alone.
        errors = frozenset(cluster.causes)
        self.nodes = {
            name: replace(at_first(cluster, name), fatal=errors) for name in cluster.nodes
        }
        effects = {
            node: tuple(self._sends(first_words(cluster, node), node))
            for node, epoch in cluster.epochs.items()
            if epoch.number == 1
        }
        return wire.Begun(effects, self._observe(self.nodes))

    def _step(self, request: wire.Request) -> wire.Done:
        if request.snapshot:
            self._go_back(request.snapshot)
        node = self._node(request)
        rule = RULES.get(request.action)
        if rule is None or request.action == "strike":
            raise RequestError(wire.NOT_SUPPORTED, f"no action {request.action}")
        message = None if request.msg is None else _frame(request.msg)
        before = tuple(_frame(each) for each in request.before)
        move = rule.plan(Asked(self.cluster, node, request.args, message, before))
        if move is None:
            raise RequestError(wire.NOT_ENABLED, "nobody is there to be told")
        return self._done(request.node, perform(self.cluster, node, move))

    def _done(self, name: str, outcome: Outcome) -> wire.Done:
        if outcome.broken:
            raise RequestError(wire.CRASHED, outcome.broken, definite=False)
        self.nodes[name] = outcome.node
        if outcome.refused is not None:
            raise RequestError(wire.NOT_ENABLED, outcome.refused)
        effects = [*self._sends(outcome.said, name), *_effects(outcome.seen)]
        return wire.Done(tuple(effects), self._observe([name]))

    def _advance(self, request: wire.Request) -> wire.Done:
        """Time passes: heartbeats and retransmission, as they fall due."""
        outcome = pass_time(self.cluster, self._node(request), request.by_ns)
        return self._done(request.node, outcome)

    def _snapshot(self, request: wire.Request) -> wire.Kept:  # noqa: ARG002 # one shape for all
        name = str(len(self._kept) + 1)
        self._kept[name] = (dict(self.nodes), self.sent)
        return wire.Kept(name)

    def _restore(self, request: wire.Request) -> wire.Observed:
        self._go_back(request.snapshot)
        return wire.Observed(self._observe(self.nodes))

    def _go_back(self, snapshot: str) -> None:
        if snapshot not in self._kept:
            raise RequestError(wire.MALFORMED, f"no snapshot {snapshot}")
        nodes, self.sent = self._kept[snapshot]
        self.nodes = dict(nodes)

    def _node(self, request: wire.Request) -> Node:
        if request.node not in self.nodes:
            raise RequestError(wire.MALFORMED, f"no node {request.node}")
        return self.nodes[request.node]

    def _observe(self, names: Iterable[str]) -> dict[str, wire.View]:
        return {name: encode_view(project(self.cluster, self.nodes[name])) for name in names}

    def _sends(self, said: Iterable[Said], name: str) -> Iterator[wire.Effect]:
        """What was said, one send a message."""
        receivers: dict[Frame, list[str]] = {}
        for to, frame in said:
            if to:
                receivers.setdefault(frame, []).append(to)
            elif isinstance(frame, Carried) and isinstance(frame.message, ms.Propose):
                entries = (Epoch(each.node, each.epoch) for each in frame.message.domain)
                names = tuple(map(self.cluster.named, entries))
                yield wire.Effect(propose=wire.Proposal(frame.message.group, names))
        for frame, all_of_them in receivers.items():
            body = _body(self.cluster, frame)
            if body is not None:
                self.sent += 1
                yield wire.Effect(send=wire.Send(f"{name}:{self.sent}", tuple(all_of_them), body))


_PARTS: Final = {
    "MEMBER_GONE": ("node", "group"),
    "PROMOTED": ("node", "group"),
    "PROPOSE": ("node", "group", "newest"),
    "ACCEPT": ("node", "primary", "group", "newest"),
    "COMMIT": ("node", "group", "newest"),
}
"""What the parts of a message's subject are called; the node alone where it is not listed."""


def _body(cluster: Cluster, frame: Frame) -> dict[str, Any] | None:
    kind, *subject = subject_of(cluster, frame)
    if kind not in KINDS:
        return None
    parts = _PARTS.get(kind, ("node",))
    body: dict[str, Any] = {"kind": kind, **dict(zip(parts, subject, strict=True))}
    body["epoch"] = cluster.epochs[subject[0]].number
    if isinstance(frame, Carried):
        return body | {"frame": msgspec.to_builtins(frame)}
    if isinstance(frame.statement, ms.Quiesced):
        body["gated"] = list(frame.statement.gated)
    return body | {"frame": msgspec.to_builtins(frame)}


def _frame(message: wire.Message) -> Frame:
    """What was sent, as the core has it."""
    frame = message.body["frame"]
    if message.body["kind"] in {"PROPOSE", "ACCEPT"}:
        return msgspec.convert(frame, Carried)
    return msgspec.convert(frame, ms.Signed)


def _effects(seen: Iterable[Seen]) -> Iterator[wire.Effect]:
    for each in seen:
        match each:
            case ("leave", group, node):
                yield wire.Effect(tell=wire.Told(group, "node_left", node))
            case ("ending", group) if group != CONTROL:
                yield wire.Effect(tell=wire.Told(group, "clustering_ending"))
            case ("report", group, cause):
                yield wire.Effect(report=wire.Report(group, cause))
            case ("act", group):
                yield wire.Effect(act=wire.OfGroup(group))
            case ("route", node):
                yield wire.Effect(route=wire.Route(node))
            case _:
                pass


def encode_view(view: View) -> wire.View:
    """A projection in the ITF encoding; what the harness itself knows is left out."""
    shown: dict[str, Any] = {}
    for (name, _, *rest), value in view.items():
        if name not in OBSERVABLES:
            continue
        if not rest:
            shown[name] = value
        else:
            key = rest[0] if len(rest) == 1 else {"#tup": rest}
            shown.setdefault(name, {"#map": []})["#map"].append([key, value])
    return shown


def _cluster(config: wire.Config) -> Cluster:
    return Cluster(
        config.nodes,
        tuple(
            GroupSettings(
                each.name,
                each.nodes,
                Takeover(each.takeover),
                Fencing(each.fencing),
                each.critical,
                each.depends_on,
            )
            for each in config.groups
        ),
        config.causes,
        config.components,
        config.unkillable,
    )


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer line after line."""
    adapter = OwnAdapter()
    decoder = msgspec.json.Decoder(wire.Request)
    for line in source:
        try:
            reply = adapter.answer(decoder.decode(line))
        except msgspec.DecodeError as error:
            reply = {"id": -1, "err": wire.Error(wire.MALFORMED, definite=True, text=str(error))}
        sink.write(wire.encode(reply) + b"\n")
        sink.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
