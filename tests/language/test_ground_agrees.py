"""The ground form of a model means what the model means: values, successors and errors."""

from hypothesis import given, settings
from hypothesis import strategies as st

from knell.language import Action, ModelError, require
from knell.language.evaluate import Environment, extend
from knell.language.expressions import Bound
from knell.language.ground import Ground, evaluate_ground
from knell.language.grounding import Instance, Program
from knell.language.types import BOOL
from tests.language.zoo import Maker, Zoo

State = tuple[int, ...]


class NoValueError(Exception):
    """The expression has no value, the step is an error of the model."""


def ground_value(term: Ground, state: State) -> int:
    try:
        return evaluate_ground(term, state)
    except LookupError:
        raise NoValueError from None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_values(data: st.DataObject) -> None:
    zoo = Zoo()
    make, program = Maker(data, zoo), Program(zoo.model)
    sizes = [cell.to.size for cell in program.layout.cells]
    bound = Bound(zoo.A, "r")
    expr = make.expression(make.pick((BOOL, *zoo.types)), (bound,), make.between(1, 4))
    env = {bound: make.between(0, 1)}
    term = program.ground(expr, env, place="here")
    for _ in range(4):
        state = make.state(sizes)
        try:
            value = program.evaluator.value(expr, state, env)
        except ModelError:
            assert outcome(lambda s: ground_value(term, s), state) == "error"
        else:
            assert ground_value(term, state) == value
            assert term.lo <= value <= term.hi
            assert expr.type.lo <= value <= expr.type.hi


def meant_step(program: Program, action: Action, state: State, env: Environment) -> State | None:
    """The successor by the meaning of the language; ``None`` where the action is not enabled."""
    try:
        if program.evaluator.failing_clauses(action, state, env):
            return None
        return program.evaluator.execute(action, state, env)
    except ModelError:
        raise NoValueError from None


def ground_step(instance: Instance | None, state: State) -> State | None:
    """The same by the ground form."""
    if instance is None or not all(ground_value(term, state) for _, term in instance.guard):
        return None
    if any(ground_value(wrong, state) for wrong, _ in instance.checks):
        raise NoValueError
    after = list(state)
    for cell, content in instance.updates:
        after[cell] = ground_value(content, state)
    return tuple(after)


def outcome(step, *given) -> object:
    try:
        return step(*given)
    except NoValueError:
        return "error"


def declare_random_action(make: Maker) -> Action | None:
    """One random action, if it is not refused at once for writing a variable twice."""
    A, B = make.zoo.A, make.zoo.B

    def act(u: A, v: B):
        for name in make.pick(((), ("first",), ("first", "second"))):
            require(**{name: make.expression(BOOL, (u, v), 2)})
        make.updates((u, v))

    try:
        return make.zoo.model.action(act)
    except ModelError as refused:
        if "twice" not in refused.message:
            raise
        return None


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_steps(data: st.DataObject) -> None:
    make = Maker(data, Zoo())
    action = declare_random_action(make)
    if action is None:
        return
    program = Program(make.zoo.model)
    instances = {tuple(i.env.items()): i for i in program.instances}
    sizes = [cell.to.size for cell in program.layout.cells]
    for env in extend({}, action.parameters):
        instance = instances.get(tuple(env.items()))
        for _ in range(3):
            state = make.state(sizes)
            after = outcome(meant_step, program, action, state, env)
            assert outcome(ground_step, instance, state) == after
            if isinstance(after, tuple):
                assert all(0 <= content < size for content, size in zip(after, sizes, strict=True))
                assert instance is not None
                check_primed_reads(program, make, instance, state, after)


def check_primed_reads(
    program: Program, make: Maker, instance: Instance, state: State, after: State
) -> None:
    """An action property, ground over the state before the step, has the value over the pair."""
    zoo = make.zoo
    element = make.pick(zoo.A.names)
    formula = (zoo.f.next[element] + zoo.x > zoo.x.next) | (zoo.t.next != zoo.t) | (zoo.y.next == 1)
    term = program.ground(formula, instance.env, place="here", after=dict(instance.updates))
    assert evaluate_ground(term, state) == program.evaluator.value(formula, state, {}, after)
