"""Traces of many kinds, made by the checker or written by hand, for the tests of the viewer."""

import random
from dataclasses import replace
from pathlib import Path

from knell.checker import check
from knell.checker.results import Options
from knell.checker.traces import StateReader, trace_of
from knell.cli.extras import extras_of
from knell.cli.proof import induction_trace
from knell.cli.registry import load
from knell.language.grounding import Program
from knell.language.settings import Settings
from knell.prover.inductive import How, Induction
from knell.spec.trace import Trace, TraceState, new_meta
from knell.spec.values import Map, Opaque, Record, Seq, Value
from knell.viewer import bundle_of

CAROUSEL = str(Path(__file__).with_name("samples") / "carousel.py")


def found(target, settings, property_id, *, fail_fast=True):
    """The trace that shows a property's verdict, packed with what the model knows."""
    model = load(target, settings)
    options = Options(engine="reference", properties=(property_id,), fail_fast=fail_fast)
    result = check(model, options)
    (one,) = (each for each in result.properties if each.id == property_id)
    assert one.run is not None
    trace = trace_of(model, one, one.run)
    return trace, bundle_of(trace, f"{property_id}.itf.json", extras_of(model, trace, target))


def one_signal():
    return found("node-shutdown", Settings("one-signal"), "S2")


def repaired():
    return found("node-shutdown", Settings("default"), "S2_failover")


def two_epochs():
    return found("node-shutdown", Settings(None, {}, "bounce-unseen"), "S5")


def stuttering():
    return found("node-shutdown", Settings(None, {}, "no-deadline"), "L1", fail_fast=False)


def looping():
    return found(CAROUSEL, Settings(), "served", fail_fast=False)


def induction():
    """A counterexample to induction: two-phase commit without one of its invariants."""
    model = load("two-phase-commit")
    model.invariants = model.invariants[1:]
    result = Induction(model, How(seconds=10, workers=1, search_seconds=1)).prove()
    trace = induction_trace(model, result.counterexamples[0])
    return trace, bundle_of(trace, "cti.itf.json", extras_of(model, trace))


def walk(target, length, seed=1, *, extras=False):
    """A random run, shorter where nothing is enabled any more."""
    model = load(target)
    program = Program(model)
    reader = StateReader(model)
    evaluator = program.evaluator
    choose = random.Random(seed)  # noqa: S311  # a test, no secret
    state = next(program.initial())
    states = [TraceState(reader.of(state))]
    known: dict[object, dict[str, Value]] = {}
    while len(states) <= length:
        for step in choose.sample(program.instances, len(program.instances)):
            if not evaluator.failing_clauses(step.action, state, step.env):
                break
        else:
            break  # nothing is enabled any more
        state = evaluator.execute(step.action, state, step.env)
        values = known.setdefault(state, reader.of(state))
        states.append(TraceState(values, action=step.action.name, parameters=step.parameters))
    trace = Trace(new_meta(model=model.name, config=model.values), reader.names, tuple(states))
    return trace, bundle_of(
        trace, f"{target}.itf.json", extras_of(model, trace, target) if extras else None
    )


HOSTILE = "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>"


def hostile():
    """A trace in which every text tries to be markup."""
    meta = new_meta(
        model=HOSTILE,
        kind="always",
        property_id=HOSTILE,
        conjuncts=[HOSTILE],
        bindings={HOSTILE: HOSTILE},
        config={HOSTILE: HOSTILE},
        mutant=HOSTILE,
    )
    states = (
        TraceState({HOSTILE: Map({HOSTILE: HOSTILE}), "__proto__": "x", "constructor": 1}),
        TraceState(
            {HOSTILE: Map({HOSTILE: f"{HOSTILE}\x1b[31m"}), "__proto__": "y", "constructor": 2},
            action=HOSTILE,
            parameters={HOSTILE: HOSTILE},
            violated=HOSTILE,
            meta={HOSTILE: HOSTILE},
        ),
    )
    trace = Trace(meta, (HOSTILE, "__proto__", "constructor"), states)
    return trace, bundle_of(trace, HOSTILE)


def foreign():
    """A trace of another tool, with values of every kind and notes of its own."""

    def state(k):
        return TraceState(
            {
                "count": k,
                "log": Seq(["a"] * k),
                "seen": frozenset(["x", *(["y"] if k else [])]),
                "pair": (k, "b"),
                "net": Map(
                    {"p": Record({"to": "q", "body": Map({1: k == 1})}), "q": Record({"to": "p"})}
                ),
                "universe": Opaque("Int"),
                "odd": k if k % 2 else Record({"value": k}),
            },
            meta={"mbt::actionTaken": "send"} if k else {},
        )

    trace = Trace(
        {"format": "ITF", "source": "spec.qnt", "kind": 3},
        ("count", "log", "seen", "pair", "net", "universe", "odd"),
        tuple(state(k) for k in range(3)),
        loop=1,
    )
    return trace, bundle_of(trace, "out.itf.json")


def diverging(*, enabled=True):
    """A run of the model at whose end an implementation does something else."""
    trace, _ = one_signal()
    meta = new_meta(model=str(trace.meta["model"]), kind="run")
    meta["config"] = trace.meta["config"]
    finding = {"what": "primary[n3, g1]", "expected": "true", "observed": "false"}
    step = "promote(n3, g1)" if enabled else "promote(n2, g1)"
    meta["divergence"] = {"id": "D-1", "step": step, "enabled": enabled, "findings": [finding]}
    last = replace(trace.states[-1], violated=None)
    told = replace(trace, meta=meta, states=(*trace.states[:-1], last))
    model = load("node-shutdown", Settings("one-signal"))
    return told, bundle_of(told, "D-1.itf.json", extras_of(model, told, "node-shutdown"))
