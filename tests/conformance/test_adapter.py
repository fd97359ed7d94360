"""The adapter protocol: our own cores judged through it, and adapters that fail at it."""

import json
import sys

import msgspec
import pytest

from knell.conformance.adapter import schemas, wire
from knell.conformance.adapter.cover import Cover
from knell.conformance.adapter.judge import Judge
from knell.conformance.adapter.peer import Child, Loopback, PeerError
from knell.conformance.adapter.shrink import follow, shrink
from knell.conformance.mapping.possible import World, is_possible
from knell.conformance.replay.product import Product
from knell.spec.errors import KnellError
from tests.conformance.planted import failing, observing
from tests.conformance.test_planted import expected

PAIR = "untokened"


def judged(peer, config=PAIR, **options):
    model, graph = expected(config)
    return Cover(Judge(model, graph, peer), **options)


@pytest.mark.parametrize("snapshots", [True, False])
def test_our_own_cores_conform_through_the_protocol(snapshots):
    coverage = judged(Loopback(), snapshots=snapshots).run()
    assert coverage.divergences == []
    assert coverage.covered == coverage.model == coverage.supported > 0
    assert coverage.tried > 0


def test_every_pair_of_steps_is_taken():
    _, graph = expected(PAIR)
    cover = judged(Loopback())
    pairs = sum(len(graph.steps[step.target]) for each in graph.steps for step in each.values())
    assert cover.run_pairs() == (pairs, pairs)
    assert cover.coverage.covered == cover.coverage.model
    assert cover.coverage.divergences == []


FAULTS = [
    failing.quiesce_early,
    observing.leave_misses_a_group,
    failing.death_unsaid,
    failing.distress_to_one_peer,
    observing.work_to_the_draining,
]


@pytest.mark.parametrize("plant", FAULTS, ids=lambda each: each.__name__)
def test_both_ways_find_the_same(plant, monkeypatch):
    config = "three" if plant is failing.distress_to_one_peer else "shutdown"
    model, graph = expected(config)
    plant(monkeypatch)
    (quick,) = Product(model, graph).explore(most=1).divergences
    cover = judged(Loopback(), config, snapshots=False, most=4)
    coverage = cover.run()
    slow = next(each for each in coverage.divergences if each.id == quick.id)
    shrunk = shrink(cover.judge, slow, cover.nearest, cover.way)
    assert len(shrunk.steps) == len(quick.steps)
    assert shrunk.enabled == quick.enabled
    assert follow(graph, shrunk.instances[:-1]) is not None


def test_what_can_be_asked_is_the_same_both_ways():
    """Where the rules find nobody to tell, the world says that there is nobody, and else not."""
    model, graph = expected("shutdown")
    product = Product(model, graph)
    product.explore()
    world = World(model.program.layout)
    for state, nodes, network in product.pairs[::7]:
        rows = product.table.rows(nodes, network)
        world.at(graph.states[state])
        for number, instance in enumerate(model.instances):
            if number in graph.steps[state] or instance.action.environment:
                continue
            asked = any(number in row.asked for row in rows)
            assert asked == is_possible(world, instance), str(instance)


def test_the_schemas_are_fresh():
    for name, schema in schemas.schemas().items():
        stored = json.loads((schemas.FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        assert stored == json.loads(json.dumps(schema)), (
            "run: python -m knell.conformance.adapter.schemas"
        )


# Adapters that fail

ECHO = """
import json, sys
hello = {"version": 1, "impl": {"name": "x"}, "modes": ["sim"], "features": [],
         "actions": ["quiesce"], "observables": ["phase"]}
for line in sys.stdin:
    request = json.loads(line)
    reply = {"id": request["id"], "ok": hello}
    if request["cmd"] != "hello":
        %s
    print(json.dumps(reply), flush=True)
"""

FAILING = {
    "dies": ("raise SystemExit(7)", "exit status 7"),
    "hangs": ("import time; time.sleep(60)", "no reply within"),
    "babbles": ("reply = 'what?'", "Expected `object`"),
    "answers another": ("reply['id'] = 99", "id 99 answers request"),
    "says both": ("reply['err'] = {'code': 1}", "one of ok and err"),
    "says neither": ("del reply['ok']", "one of ok and err"),
    "forgets a field": ("reply['ok'] = {'obs': {}}", "effects"),
    "crashes politely": ("reply = {'id': reply['id'], 'err': {'code': 13}}", "fails with 13"),
}


def child(tmp_path, code):
    script = tmp_path / "adapter.py"
    script.write_text(ECHO % code, encoding="utf-8")
    return Child(f"{sys.executable} {script}")


@pytest.mark.parametrize("name", FAILING)
def test_an_adapter_that_fails_is_told_apart(name, tmp_path):
    code, message = FAILING[name]
    peer = child(tmp_path, code)
    model, graph = expected(PAIR)
    try:
        cover = Cover(Judge(model, graph, peer, deadline_ms=1_000))
        coverage = cover.walk(0, runs=1)
    finally:
        peer.close()
    assert message in coverage.failures[0]
    assert coverage.divergences == []
    assert coverage.covered == 0


def test_an_adapter_that_does_little_is_shown_to(tmp_path):
    peer = child(tmp_path, "reply = {'id': reply['id'], 'err': {'code': 10, 'definite': True}}")
    try:
        cover = judged(peer)
    finally:
        peer.close()
    assert "hear_distress" in cover.coverage.skipped
    assert "variable member" in cover.coverage.skipped
    assert cover.coverage.supported < cover.coverage.model


@pytest.mark.parametrize("command", ["", "'", "/nowhere/adapter"])
def test_no_adapter_is_bad_usage(command):
    with pytest.raises(KnellError, match="--adapter"):
        Child(command)


def test_an_adapter_that_says_no_hello(tmp_path):
    script = tmp_path / "mute.py"
    script.write_text("import sys; sys.stderr.write('no way'); sys.exit(3)", encoding="utf-8")
    peer = Child(f"{sys.executable} {script}")
    model, graph = expected(PAIR)
    with pytest.raises(PeerError, match="exit status 3"):
        Judge(model, graph, peer)
    assert peer.complaints() == "no way"
    peer.close()


def test_our_own_adapter_refuses_what_it_does_not_know():
    peer = Loopback()
    for request, code in [
        (wire.Request(1, "dance"), wire.NOT_SUPPORTED),
        (wire.Request(1, "hello", versions=(7,)), wire.NOT_SUPPORTED),
        (wire.Request(1, "reset"), wire.MALFORMED),
        (wire.Request(1, "step", node="n9"), wire.MALFORMED),
        (wire.Request(1, "restore", snapshot="9"), wire.MALFORMED),
    ]:
        reply = peer.ask(request)
        assert reply.err is not None
        assert reply.err.code == code


def test_requests_have_limits():
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"id": "x", "cmd": "hello"}', type=wire.Request)
