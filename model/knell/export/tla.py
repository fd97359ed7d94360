"""A model as a TLA+ module with its configuration, for TLC and for people who read TLA+.

The module follows the customs of that community: constants, ``TypeOK``, ``Init``, one operator an
action, ``Next``, ``Spec`` with fairness, properties. Its states and steps are those of the model,
so TLC must find as many distinct states as our engines do; the number stands in a comment.

What differs is named where it stands: TLC does not ask action properties of steps that change
nothing, and knows no witness, which is therefore a ``NotReached`` invariant that *should* fail.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from knell.export.tla_text import Writer, camel, identifier, literal, type_set
from knell.language.effects import concerns
from knell.language.expressions import Bound
from knell.language.model import Action, Model
from knell.language.properties import Property
from knell.language.recording import Update
from knell.language.simplify import is_true
from knell.language.symbols import Rigid, Variable
from knell.language.types import BOOL

_WIDTH = 79
ALL, SOME = "\\A", "\\E"


@dataclass(frozen=True)
class Counts:
    """What an exhaustive search of the same model finds."""

    distinct: int
    depth: int


@dataclass(frozen=True)
class Module:
    """The two texts of an export, and the name that both files bear."""

    name: str
    tla: str
    cfg: str


def export(model: Model, counts: Counts | None = None) -> Module:
    """The model as TLA+."""
    writer = _Module(model)
    return Module(writer.name, writer.module(counts), writer.configuration(counts))


class _Module:
    def __init__(self, model: Model) -> None:
        self.model = model
        self.name = camel(model.name)
        self.operators = {a.name: self._operator(a.name) for a in model.actions}
        self.claims = {p.id: self._operator(p.id) for p in model.properties}
        reserved = {identifier(v.name) for v in model.variables}
        reserved |= {identifier(r.name) for r in model.rigids}
        reserved |= {identifier(e.name) for e in (*model.enums, *model.sorts)}
        reserved |= {identifier(n) for s in model.sorts for n in s.names}
        reserved |= {*self.operators.values(), *self.claims.values(), self.name, "Ended"}
        self.writer = Writer(frozenset(reserved))

    def _operator(self, name: str) -> str:
        """The name of an operator; TLA+ knows one thing by one name."""
        chosen = camel(name)
        symbols = {identifier(v.name) for v in self.model.variables}
        symbols |= {identifier(e.name) for e in (*self.model.enums, *self.model.sorts)}
        symbols |= {identifier(r.name) for r in self.model.rigids}
        return f"{chosen}Holds" if chosen in symbols else chosen

    # The module

    def module(self, counts: Counts | None) -> str:
        """The text of the ``.tla`` file."""
        parts = [
            f" MODULE {self.name} ".center(_WIDTH, "-"),
            _comment([self.model.about, self._sizes(), *_expected(counts)]),
            "EXTENDS Integers, FiniteSets",
            *self._constants(),
            *map(self._rigid, self.model.rigids),
            self._variables(),
            self._type_ok(),
            self._init(),
            *map(self._action, self.model.actions),
            self._next(),
            self._spec(),
            *self._ends(),
            *(text for declared in self.model.properties for text in self._property(declared)),
            "=" * _WIDTH,
        ]
        return "\n\n".join(part for part in parts if part) + "\n"

    def _sizes(self) -> str:
        values = ", ".join(f"{name} = {value}" for name, value in self.model.values.items())
        config = f"Configuration {self.model.config}. " if self.model.config else ""
        mutant = self.model.settings.mutant
        planted = f"Planted fault: {mutant}. " if mutant else ""
        return f"{config}{planted}{f'Parameters: {values}.' if values else ''}".strip()

    def _constants(self) -> Iterator[str]:
        for of in self.model.sorts:
            if of.ordered:
                named = ", ".join(f"{k} is {n}" for k, n in enumerate(of.names, 1))
                yield f"\\* In this order: {named}.\n{identifier(of.name)} == 1..{of.size}"
            else:
                elements = ", ".join(identifier(n) for n in of.names)
                yield f"CONSTANTS {elements}\n\n{identifier(of.name)} == {{{elements}}}"
        for enum in self.model.enums:
            values = ", ".join(f'"{name}"' for name in enum.names)
            yield f"{identifier(enum.name)} == {{{values}}}"

    def _rigid(self, rigid: Rigid) -> str:
        name = identifier(rigid.name)
        points = {
            point: [literal(of, v) for of, v in zip(rigid.domain, point, strict=True)]
            for point in rigid.table
        }
        if rigid.to is BOOL:
            members = [
                texts[0] if len(texts) == 1 else f"<<{', '.join(texts)}>>"
                for point, texts in points.items()
                if rigid.table[point]
            ]
            return _fill(f"{name} == {{", members, "}")
        bound = [Bound(of, f"x{k}") for k, of in enumerate(rigid.domain, 1)]
        names, binding = self.writer.bind(bound, {})
        cases = []
        for point, texts in points.items():
            here = " /\\ ".join(
                f"{names[b]} = {text}" for b, text in zip(bound, texts, strict=True)
            )
            cases.append(f"{here} -> {literal(rigid.to, rigid.table[point])}")
        return f"{name} == [{binding} |->\n  CASE " + "\n    [] ".join(cases) + "]"

    def _variables(self) -> str:
        names = [identifier(v.name) for v in self.model.variables]
        return f"{_fill('VARIABLES ', names, '')}\n\n{_fill('vars == <<', names, '>>')}"

    def _type_ok(self) -> str:
        lines = ["\\* Every variable holds a value of its type.", "TypeOK =="]
        for v in self.model.variables:
            to = type_set(v.to)
            lines.append(f"  /\\ {identifier(v.name)} \\in {self._functions(v, to)}")
        return "\n".join(lines)

    def _functions(self, variable: Variable, to: str) -> str:
        if not variable.domain:
            return to
        domain = " \\X ".join(type_set(of) for of in variable.domain)
        return f"[{domain} -> {to}]"

    def _init(self) -> str:
        lines = ["Init =="]
        for v in self.model.variables:
            name, start = identifier(v.name), v.initial
            if start.value is None:
                lines.append(f"  /\\ {name} \\in {self._functions(v, type_set(v.to))}")
                continue
            bound = start.bound or tuple(Bound(of, f"x{k}") for k, of in enumerate(v.domain, 1))
            names, binding = self.writer.bind(bound, {})
            value = self.writer.text(start.value, names)
            lines.append(f"  /\\ {name} = {f'[{binding} |-> {value}]' if v.domain else value}")
        lines += [
            f"  /\\ {self.writer.text(clause.formula, {})}  \\* {clause.name}"
            for clause in self.model.initial
        ]
        return "\n".join(lines)

    # Actions

    def _action(self, action: Action) -> str:
        names, _ = self.writer.bind(action.parameters, {})
        lines = [_comment(self._about(action)), self._head(action, names.values()) + " =="]
        lines += [
            f"  /\\ {self.writer.text(clause.formula, names)}  \\* {clause.name}"
            for clause in action.guard
        ]
        changed: dict[Variable, list[Update]] = {}
        for update in action.updates:
            changed.setdefault(update.variable, []).append(update)
        lines += [
            f"  /\\ {identifier(v.name)}' = {self._after(v, updates, names)}"
            for v, updates in changed.items()
        ]
        same = [identifier(v.name) for v in self.model.variables if v not in changed]
        if same:
            lines.append(_fill("  /\\ UNCHANGED <<", same, ">>"))
        return "\n".join(line for line in lines if line)

    def _about(self, action: Action) -> list[str]:
        cited = [*([action.section] if action.section else []), *action.claims]
        kind = ["environment"] if action.environment else []
        note = ", ".join([*kind, *cited])
        return [action.about, f"({note})" if note else ""]

    def _head(self, action: Action, arguments: Iterable[str]) -> str:
        texts = ", ".join(arguments)
        name = self.operators[action.name]
        return f"{name}({texts})" if texts else name

    def _after(self, variable: Variable, updates: list[Update], names: dict[Bound, str]) -> str:
        """The function after the step."""
        old = identifier(variable.name)
        first = updates[0]
        alone = len(updates) == 1 and not first.over and is_true(first.condition)
        if alone and variable.domain:
            index = ", ".join(self.writer.text(a, names) for a in first.args)
            return f"[{old} EXCEPT ![{index}] = {self.writer.text(first.value, names)}]"
        at = tuple(Bound(of, f"x{k}") for k, of in enumerate(variable.domain, 1))
        inner, binding = self.writer.bind(at, names)
        text = f"{old}[{', '.join(inner[b] for b in at)}]" if at else old
        for update in updates:
            condition, value = concerns(update, at)
            if is_true(condition):
                text = self.writer.text(value, inner)
            else:
                new = self.writer.text(value, inner)
                text = f"IF {self.writer.text(condition, inner)} THEN {new}\n        ELSE {text}"
        return f"[{binding} |->\n       {text}]" if at else text

    def _calls(self, action: Action) -> str:
        """Some instance of the action."""
        names, binding = self.writer.bind(action.parameters, {})
        head = self._head(action, names.values())
        return _over(SOME, binding, head)

    def _next(self) -> str:
        return "Next ==\n" + "\n".join(f"  \\/ {self._calls(a)}" for a in self.model.actions)

    def _spec(self) -> str:
        lines = ["\\* Fairness is that of each instance of an action.", "Spec =="]
        lines += ["  /\\ Init", "  /\\ [][Next]_vars"]
        for action in self.model.actions:
            if action.fairness is not None:
                names, binding = self.writer.bind(action.parameters, {})
                sign = "WF" if action.fairness == "weak" else "SF"
                fair = f"{sign}_vars({self._head(action, names.values())})"
                lines.append(f"  /\\ {_over(ALL, binding, fair)}")
        return "\n".join(lines)

    def _ends(self) -> Iterator[str]:
        if self.model.end is not None:
            said = self.writer.text(self.model.end, {})
            yield f"\\* Where it is right that nothing happens any more.\nEnded == {said}"
            yield "NoDeadlock == Ended \\/ ENABLED Next"

    # Properties

    def _property(self, declared: Property) -> Iterator[str]:
        about = _comment(
            [declared.about, f"({', '.join(declared.claims)})" if declared.claims else ""]
        )
        name, writer = self.claims[declared.id], self.writer
        match declared.kind:
            case "always" | "reachable":
                parts = [(c.name, writer.text(c.formula, {})) for c in declared.clauses]
            case "action":
                parts = [
                    (c.name, f"[][{writer.text(c.formula, {})}]_vars") for c in declared.clauses
                ]
                for step in declared.steps:
                    names, binding = writer.bind(step.action.parameters, {})
                    head = self._head(step.action, names.values())
                    said = f"{head} => {writer.text(step.formula, names)}"
                    parts.append((step.name, f"[][{_over(ALL, binding, said)}]_vars"))
            case "leads_to":
                names, binding = writer.bind(declared.bound, {})
                p, q = (writer.text(c.formula, names) for c in declared.clauses)
                parts = [("", _over(ALL, binding, f"(({p}) ~> ({q}))"))]
        lines = [about, f"{name} =="]
        lines += [f"  /\\ {text}" + (f"  \\* {label}" if label else "") for label, text in parts]
        yield "\n".join(line for line in lines if line)
        if declared.kind == "reachable":
            yield f"\\* TLC shows the way to it by violating this.\nNotReached{name} == ~{name}"

    # The configuration

    def configuration(self, counts: Counts | None) -> str:
        """The text of the ``.cfg`` file."""
        kinds = {p.id: p.kind for p in self.model.properties}
        lines = [*(f"\\* {line}" for line in _expected(counts)), "SPECIFICATION Spec"]
        constants = [n for s in self.model.sorts if not s.ordered for n in s.names]
        if constants:
            lines.append("CONSTANTS")
            lines += [f"  {identifier(n)} = {identifier(n)}" for n in constants]
        lines += ["INVARIANTS", "  TypeOK"]
        lines += [f"  {self.claims[id]}" for id, kind in kinds.items() if kind == "always"]
        if self.model.end is not None:
            lines.append("  NoDeadlock")
        temporal = [self.claims[id] for id, kind in kinds.items() if kind in ("action", "leads_to")]
        if temporal:
            lines += ["PROPERTIES", *(f"  {name}" for name in temporal)]
        lines.append(f"CHECK_DEADLOCK {'TRUE' if self.model.end is None else 'FALSE'}")
        witnesses = [self.claims[id] for id, kind in kinds.items() if kind == "reachable"]
        if witnesses:
            lines.append(
                "\\* Witnesses: make one of them an invariant, and TLC shows the way to it."
            )
            lines += [f"\\*   NotReached{name}" for name in witnesses]
        return "\n".join(lines) + "\n"


def _over(sign: str, binding: str, text: str) -> str:
    """The text under a quantifier, if there is anything to bind."""
    return f"{sign} {binding} : {text}" if binding else text


def _expected(counts: Counts | None) -> list[str]:
    if counts is None:
        return []
    return [f"Expected: {counts.distinct} distinct states, depth {counts.depth}."]


def _comment(paragraphs: Iterable[str]) -> str:
    lines = [
        f"\\* {line}"
        for paragraph in paragraphs
        for line in textwrap.wrap(" ".join(paragraph.split()), _WIDTH - 3)
    ]
    return "\n".join(lines)


def _fill(head: str, items: list[str], tail: str) -> str:
    text = head + ", ".join(items) + tail
    indent = " " * (len(head) - len(head.lstrip()) + 4)
    return "\n".join(textwrap.wrap(text, _WIDTH, subsequent_indent=indent, break_long_words=False))
