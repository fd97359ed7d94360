"""Random small models over interchangeable elements: relations, functions to a sort, values."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from knell.language import ANY, BOOL, Model, each, every, exists, forall, implies, on, require
from knell.language.expressions import Bound, Expr
from knell.language.symbols import Variable
from knell.language.types import SortType

Draw = Callable[[Any], Any]


class Vocabulary:
    """A model with a few variables over two sorts, and random formulas over it."""

    def __init__(self, draw: Draw, *, rigid: bool, functions: bool) -> None:
        self.draw = draw
        self.m = m = Model("random")
        self.A = m.sort("A", size=draw(st.integers(1, 3)))
        self.B = m.sort("B", size=draw(st.integers(1, 2)))
        self.p = m.rel("p", self.A)
        self.r = m.rel("r", self.A, self.A)
        self.q = m.rel("q", self.A, self.B)
        self.f = m.var("f", self.A, to=self.A, init=lambda a: a) if functions else None
        self.n = m.var("n", self.B, to=m.int(1, 3), init=1)
        self.x = m.scalar("x", to=self.A, init=ANY)
        self.t = m.scalar("t", to=BOOL, init=False)
        self.near = self._near() if rigid else None

    def _near(self):
        A = self.A
        pairs = self.draw(st.sets(st.tuples(st.sampled_from(A.names), st.sampled_from(A.names))))
        return self.m.rigid("near", A, A, value=pairs)

    def one(self, options: list[Any]) -> Any:
        return self.draw(st.sampled_from(options))

    def atom(self, scope: list[Bound]) -> Expr:
        """A formula without connectives."""
        a, a2, b = (self.element(scope, of) for of in (self.A, self.A, self.B))
        options: list[Expr] = [self.t]
        if a is not None:
            options += [self.p[a], self.x == a, self.r[a, a2]]
            if self.f is not None:
                options += [self.f[a] == a2, self.p[self.f[a]]]
            options += [self.r[a, self.x], exists(self.A, lambda c: self.r[c, a])]
            if self.near is not None:
                options += [self.near[a, a2], self.near[self.x, a]]
        if b is not None:
            options += [self.n[b] > self.draw(st.integers(1, 2))]
        if a is not None and b is not None:
            options += [self.q[a, b]]
        chosen: Expr = self.one(options)
        return chosen

    def element(self, scope: list[Bound], of: SortType) -> Bound | None:
        fitting = [v for v in scope if v.of is of]
        return self.one(fitting) if fitting else None

    def formula(self, scope: list[Bound], depth: int = 2) -> Expr:
        """A formula over the variables in scope."""
        if depth == 0:
            return self.atom(scope)

        def sub() -> Expr:
            return self.formula(scope, depth - 1)

        def of(more: Bound) -> Expr:
            return self.formula([*scope, more], depth - 1)

        options = [
            lambda: self.atom(scope),
            lambda: ~sub(),
            lambda: sub() & sub(),
            lambda: sub() | sub(),
            lambda: implies(sub(), sub()),
            lambda: forall(self.A, of),
            lambda: exists(self.A, of),
            lambda: exists(self.B, of),
        ]
        chosen: Expr = self.one(options)()
        return chosen

    def update(self, scope: list[Bound]) -> None:
        """One random assignment."""
        a, a2, b = (self.element(scope, of) for of in (self.A, self.A, self.B))
        options: list[Callable[[], None]] = [lambda: self.t.set(self.atom(scope))]
        if a is not None and a2 is not None:
            options += [
                lambda: self.p.__setitem__(a, self.atom(scope)),
                lambda: self.p.__setitem__(a, True),
                lambda: self.r.__setitem__((a, a2), self.one([True, False])),
                *self.pointing(self.f, a, a2),
                lambda: self.x.set(a),
                self.each_pair(a),
            ]
        if b is not None:
            options += [lambda: self.n.__setitem__(b, self.n[b] % 3 + 1)]
        if a is not None and b is not None:
            options += [lambda: self.q.__setitem__((a, b), ~self.q[a, b])]
        self.one(options)()

    def pointing(self, f: Variable | None, a: Bound, a2: Bound) -> list[Callable[[], None]]:
        """Assignments to a function of elements, if there is one."""
        if f is None:
            return []
        return [lambda: f.__setitem__(a, f[a2]), lambda: f.__setitem__(a, self.x)]

    def each_pair(self, a: Bound) -> Callable[[], None]:
        def spread() -> None:
            for other in each(self.A):
                self.r[a, other] = self.p[other]

        return spread

    def action(self, name: str) -> None:
        """Declare one random action."""
        A, B = self.A, self.B

        def none():
            self.body([])

        def one(a: A):
            self.body([a])

        def two(a: A, c: A):
            self.body([a, c])

        def mixed(a: A, b: B):
            self.body([a, b])

        body = self.one([none, one, two, mixed])
        body.__name__ = name
        self.m.action(fair=self.one([None, "weak", "strong"]))(body)

    def body(self, scope: list[Bound]) -> None:
        require(**{f"g{k}": self.formula(scope) for k in range(self.draw(st.integers(0, 2)))})
        self.update(scope)


@st.composite
def models(
    draw: Draw, *, rigid: bool = False, leads_to: bool = False, functions: bool = True
) -> Model:
    """A random model with one property of each kind; ``functions``: one from a sort to itself."""
    v = Vocabulary(draw, rigid=rigid, functions=functions)
    for k in range(draw(st.integers(1, 4))):
        v.action(f"act{k}")
    m = v.m
    m.always("safe", {"one": v.formula([]), "two": v.formula([])})
    m.always("implied", forall(v.A, lambda a: implies(v.formula([a], 1), v.formula([a], 1))))
    m.reachable("seen", every(v.formula([]), v.formula([])))
    kept = forall(v.A, lambda a: implies(v.p[a], v.p.next[a] | v.t))
    frozen = implies(v.formula([], 1), v.t.next & v.formula([], 1))
    act = m.actions[0]
    bodies: list[Callable[..., Expr]] = [
        lambda: v.formula([], 1) | v.t.next,
        lambda a: v.formula([a], 1) | v.p.next[a],
        lambda a, c: v.formula([a, c], 1) | v.t.next,
    ]
    m.step("kept", kept)
    m.step("moves", {"frozen": frozen, "own": on(act, bodies[len(act.parameters)])})
    if draw(st.booleans()):
        m.ends(v.formula([]))
    if leads_to:
        m.leads_to("answered", v.A, lambda a: (v.formula([a], 1), v.formula([a], 1)))
    return m.finish()
