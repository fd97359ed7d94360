"""Which conjunct broke, and for which values; and runs as traces."""

import json

from knell.checker import PropertyResult
from knell.checker.traces import trace_of
from knell.language import BOOL, Model, exists, forall, implies, ite, on, require
from knell.spec.trace import Trace, parse, render
from knell.spec.values import Map, Seq
from tests.checker.machines import checked, result_of
from tests.checker.test_liveness import two_choices


def office() -> Model:
    m = Model("office", configs={"default": {}})
    P = m.sort("P", names=("ann", "bob", "cy"))
    D = m.sort("D", size=2, prefix="desk")
    sits = m.rel("sits", P, D)
    tired = m.rel("tired", P)
    gone = m.scalar("gone", to=BOOL, init=False)

    @m.action(section="2.1", claims=("C1",))
    def sit(p: P, d: D):
        require(free=~exists(D, lambda e: sits[p, e]))
        sits[p, d] = True

    @m.fault
    def tire(p: P):
        require(at_work=exists(D, lambda d: sits[p, d]))
        tired[p] = True

    m.always(
        "alone",
        {
            "no_neighbours": forall(
                D,
                lambda d: forall(P, P, lambda p, q: implies(sits[p, d] & sits[q, d], p == q)),
            ),
            "still_here": ~gone,
        },
        claims=("C7",),
    )
    m.always("fresh", ~exists(P, lambda p: tired[p] & (sits[p, "desk2"] | gone)))
    m.always("choice", ite(gone, gone, forall(P, lambda q: ~sits[q, "desk2"])))
    m.reachable("tired_there", exists(P, D, lambda who, where: tired[who] & sits[who, where]))
    m.step("calm", {"by_sit": on(sit, lambda p, d: forall(P, lambda q: ~tired[q]))})
    return m


def found(id: str) -> PropertyResult:
    return result_of(checked(office(), symmetry=False), id)


def test_the_values_that_break_a_conjunct() -> None:
    result = found("alone")
    assert [clause.name for clause in result.broken] == ["no_neighbours"]
    assert result.bindings == {"d": "desk1", "p": "ann", "q": "bob"}
    assert found("fresh").bindings == {"p": "ann"}
    assert found("choice").bindings == {"q": "ann"}


def test_the_values_that_satisfy_a_witness() -> None:
    result = found("tired_there")
    assert result.verdict == "holds"
    assert result.broken == ()
    assert result.bindings == {"who": "ann", "where": "desk1"}


def test_a_step_shows_what_is_not_among_its_parameters() -> None:
    result = found("calm")
    assert [clause.name for clause in result.broken] == ["by_sit"]
    assert result.bindings == {"q": "ann"}


def trace(model: Model, result: PropertyResult) -> Trace:
    assert result.run is not None
    made = trace_of(model, result, result.run)
    assert parse(render(made)) == made
    json.loads(render(made))
    return made


def test_a_trace_carries_the_notes() -> None:
    made = trace(office(), found("alone"))
    assert made.is_ours
    assert made.meta["model"] == "office"
    assert made.meta["kind"] == "always"
    assert made.meta["property"] == "alone"
    assert made.meta["conjuncts"] == ["no_neighbours"]
    assert made.meta["bindings"] == {"d": "desk1", "p": "ann", "q": "bob"}
    assert made.meta["claims"] == ["C7"]
    assert made.meta["mutant"] is None
    assert made.meta["config"] == {"D": 2}
    first, second, last = made.states
    assert (first.action, second.action) == (None, "sit")
    assert second.parameters == {"p": "ann", "d": "desk1"}
    assert second.meta == {"environment": False, "section": "2.1"}
    assert (second.violated, last.violated) == (None, "alone")
    assert made.loop is None
    assert made.closing is None


def test_faults_are_the_environments() -> None:
    made = trace(office(), found("tired_there"))
    assert [state.meta for state in made.states] == [
        {},
        {"environment": False, "section": "2.1"},
        {"environment": True},
    ]
    assert made.states[-1].violated is None


def test_values_are_written_by_their_types() -> None:
    m = Model("shapes")
    P = m.sort("P", size=2)
    f = m.var("f", P, to=m.int(-1, 1), init=-1)
    m.rel("r", P, P)
    m.scalar("leader", to=P, init="p2")
    m.scalar("phase", to=m.enum("Phase", "off", "on"), init="on")
    jobs = m.queue("jobs", P, m.int(0, 9), capacity=3)
    names = m.queue("names", P, capacity=1)

    @m.action
    def go():
        require(idle=jobs.empty)
        f[P["p1"]] = 1
        jobs.push("p2", 7)
        names.push("p1")

    m.reachable("done", ~jobs.empty)
    made = trace(m, result_of(checked(m), "done"))
    last = made.states[-1].values
    assert made.vars == ("f", "r", "leader", "phase", "jobs", "names")
    assert last["f"] == Map({"p1": 1, "p2": -1})
    assert last["r"] == Map({(a, b): False for a in ("p1", "p2") for b in ("p1", "p2")})
    assert (last["leader"], last["phase"]) == ("p2", "on")
    assert last["jobs"] == Seq([("p2", 7)])
    assert last["names"] == Seq(["p1"])


def test_a_loop_is_closed_by_its_step() -> None:
    model = two_choices("weak")
    made = trace(model, result_of(checked(model), "arrives"))
    assert made.loop == 0
    assert made.closing is not None
    assert made.closing.action == "back_out"
    assert len(made.states) == 2


def test_standing_still_needs_no_closing_step() -> None:
    m = Model("still")
    t = m.scalar("t", to=BOOL, init=False)

    @m.action
    def go():
        t.set(True)

    m.leads_to("goes", lambda: (~t, t))
    made = trace(m, result_of(checked(m), "goes"))
    assert (made.loop, made.closing, len(made.states)) == (0, None, 1)
