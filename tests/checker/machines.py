"""Tiny machines on which the checker is tested."""

from knell.checker import CheckResult, Options, PropertyResult, check
from knell.language import Model, exists, forall, require
from knell.language.settings import ParameterValue, Settings, settings
from knell.language.types import BOOL


def built(build, mutant: str | None = None, **values: ParameterValue) -> Model:
    """The model that ``build`` makes under some settings."""
    with settings(Settings(values=values, mutant=mutant)):
        model: Model = build()
    return model.finish()


def checked(model: Model, **options) -> CheckResult:
    """The result of checking the model with the reference engine, unless another is named."""
    return check(model, Options(**{"engine": "reference", **options}))


def result_of(result: CheckResult, id: str) -> PropertyResult:
    """What the result says of one property."""
    return next(p for p in result.properties if p.id == id)


def steps_of(result: CheckResult, id: str) -> list[str]:
    """The steps of the run that the result reports for a property."""
    run = result_of(result, id).run
    assert run is not None
    return [str(step) for step in run.steps]


def counter(limit: int = 5, *, ends: bool = False) -> Model:
    """Counts up to the limit, by one or by two."""
    m = Model("counter")
    number = m.int(0, limit)
    n = m.scalar("n", to=number, init=0)

    @m.action(fair="weak")
    def add_one():
        require(room=n < limit)
        n.set(n + 1)

    @m.action
    def add_two():
        require(room=n < limit - 1)
        n.set(n + 2)

    m.always("small", n < 4)
    m.always("natural", n >= 0)
    m.reachable("full", n == limit)
    m.leads_to("fills", lambda: (n == 0, n == limit))
    if ends:
        m.ends(n == limit)
    return m


def two_phase_commit() -> Model:
    """Two-phase commit, as small as it gets."""
    m = Model("two-phase-commit")
    RM = m.sort("RM", size=3)
    phase = m.var(
        "phase", RM, to=m.enum("Phase", "working", "prepared", "yes", "no"), init="working"
    )
    decision = m.scalar("decision", to=m.enum("Decision", "open", "commit", "abort"), init="open")
    heard = m.rel("heard", RM)
    promised = m.rel("promised", RM)
    commit = m.scalar("commit", to=BOOL, init=False)
    abort = m.scalar("abort", to=BOOL, init=False)

    @m.action
    def hear(r: RM):
        require(waiting=decision == "open", promised=promised[r])
        heard[r] = True

    @m.action
    def decide_commit():
        require(waiting=decision == "open", all=forall(RM, lambda r: heard[r]))
        decision.set("commit")
        commit.set(True)

    @m.action
    def decide_abort():
        require(waiting=decision == "open")
        decision.set("abort")
        abort.set(True)

    @m.action
    def prepare(r: RM):
        require(working=phase[r] == "working")
        phase[r] = "prepared"
        promised[r] = True

    @m.action
    def refuse(r: RM):
        require(working=phase[r] == "working")
        phase[r] = "no"

    @m.action
    def obey_commit(r: RM):
        require(sent=commit)
        phase[r] = "yes"

    @m.action
    def obey_abort(r: RM):
        require(sent=abort)
        phase[r] = "no"

    m.always("agreement", forall(RM, RM, lambda a, b: ~((phase[a] == "yes") & (phase[b] == "no"))))
    m.reachable("a_commit", exists(RM, lambda r: phase[r] == "yes"))
    return m
