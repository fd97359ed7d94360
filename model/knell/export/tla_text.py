"""Expressions of the language as TLA+ text.

Every operator is written with its own parentheses, so that no reader needs TLA+'s table of
precedences. A bound variable gets a name that is not in use where it stands, as TLA+ demands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from knell.language.expressions import (
    And,
    Arithmetic,
    Bound,
    Const,
    Count,
    Equal,
    Expr,
    Implies,
    Ite,
    Less,
    Not,
    Or,
    Quantified,
    Read,
    RigidRead,
)
from knell.language.types import BOOL, BoolType, EnumType, IntType, SortType, Type

_WORDS = """
ACTION ASSUME AXIOM BOOLEAN CASE CHOOSE CONSTANT CONSTANTS DOMAIN ELSE ENABLED EXCEPT EXTENDS FALSE
IF IN INSTANCE LET LOCAL MODULE OTHER RECURSIVE SF STRING SUBSET THEN TRUE UNCHANGED UNION VARIABLE
VARIABLES WF WITH Init Next Spec TypeOK vars Nat Int Integers FiniteSets Cardinality
"""
_KEYWORDS = frozenset(_WORDS.split())

Names = Mapping[Bound, str]


def identifier(name: str) -> str:
    """The name with nothing in it that TLA+ does not allow."""
    plain = re.sub(r"\W", "_", name)
    plain = plain if plain[:1].isalpha() else f"x{plain}"
    return f"{plain}_" if plain in _KEYWORDS else plain


def camel(name: str) -> str:
    """``prepare_to_end`` as ``PrepareToEnd``: the name of an operator."""
    return identifier("".join(part[:1].upper() + part[1:] for part in re.split(r"[\W_]+", name)))


def type_set(of: Type) -> str:
    """The set of a type's values."""
    match of:
        case BoolType():
            return "BOOLEAN"
        case IntType():
            return f"({of.lo}..{of.hi})"
    return identifier(of.name)


def literal(of: Type, value: int) -> str:
    """A value of a type."""
    match of:
        case BoolType():
            return "TRUE" if value else "FALSE"
        case EnumType():
            return f'"{of.show(value)}"'
        case SortType() if not of.ordered:
            return identifier(of.show(value))
        case SortType():
            return str(value + 1)
    return str(value) if value >= 0 else f"({value})"


@dataclass
class Writer:
    """Writes expressions; ``reserved`` are the names that the module gives to other things."""

    reserved: frozenset[str]

    def name(self, bound: Bound, names: Names) -> str:
        """A name for a bound variable that nothing in scope has."""
        wanted = identifier(bound.name)
        taken = self.reserved | set(names.values())
        number, chosen = 1, wanted
        while chosen in taken:
            number += 1
            chosen = f"{wanted}{number}"
        return chosen

    def bind(self, bound: Iterable[Bound], names: Names) -> tuple[dict[Bound, str], str]:
        """Names for bound variables, and the text that binds them."""
        inner = dict(names)
        texts = []
        for variable in bound:
            inner[variable] = self.name(variable, inner)
            texts.append(f"{inner[variable]} \\in {type_set(variable.of)}")
        return inner, ", ".join(texts)

    def text(  # noqa: C901, PLR0911, PLR0912  # one case for each kind of expression
        self, expr: Expr, names: Names
    ) -> str:
        """The expression."""
        match expr:
            case Const(of=of, value=value):
                return literal(of, value)
            case Bound():
                return names[expr]
            case Read(variable=variable, args=args, primed=primed):
                prime = "'" if primed else ""
                return f"{identifier(variable.name)}{prime}{self._index(args, names)}"
            case RigidRead(rigid=rigid, args=args):
                if rigid.to is BOOL:
                    point = ", ".join(self.text(a, names) for a in args)
                    element = point if len(args) == 1 else f"<<{point}>>"
                    return f"({element} \\in {identifier(rigid.name)})"
                return f"{identifier(rigid.name)}{self._index(args, names)}"
            case Not(a=Equal(a=a, b=b)) if a.type is not BOOL:
                return f"({self.text(a, names)} # {self.text(b, names)})"
            case Not(a=a):
                return f"~{self.text(a, names)}"
            case And(parts=parts):
                return self._junction(parts, " /\\ ", "TRUE", names)
            case Or(parts=parts):
                return self._junction(parts, " \\/ ", "FALSE", names)
            case Implies(premise=a, conclusion=b):
                return f"({self.text(a, names)} => {self.text(b, names)})"
            case Equal(a=a, b=b):
                sign = "<=>" if a.type is BOOL else "="
                return f"({self.text(a, names)} {sign} {self.text(b, names)})"
            case Less(a=a, b=b, strict=strict):
                return f"({self.text(a, names)} {'<' if strict else '<='} {self.text(b, names)})"
            case Ite(condition=c, a=a, b=b):
                chosen = f"THEN {self.text(a, names)} ELSE {self.text(b, names)}"
                return f"(IF {self.text(c, names)} {chosen})"
            case Arithmetic(operator=operator, a=a, b=b):
                sign = {"//": "\\div"}.get(operator, operator)
                return f"({self.text(a, names)} {sign} {self.text(b, names)})"
            case Quantified(kind=kind, bound=bound, body=body):
                inner, binding = self.bind(bound, names)
                sign = "\\A" if kind == "forall" else "\\E"
                return f"({sign} {binding} : {self.text(body, inner)})"
            case Count(bound=bound, body=body):
                return self._count(bound, body, names)
        raise TypeError(f"unknown expression {type(expr).__name__}")

    def _index(self, args: tuple[Expr, ...], names: Names) -> str:
        return f"[{', '.join(self.text(a, names) for a in args)}]" if args else ""

    def _junction(self, parts: tuple[Expr, ...], sign: str, empty: str, names: Names) -> str:
        texts = [self.text(part, names) for part in parts]
        if not texts:
            return empty
        return texts[0] if len(texts) == 1 else f"({sign.join(texts)})"

    def _count(self, bound: tuple[Bound, ...], body: Expr, names: Names) -> str:
        inner, _ = self.bind(bound, names)
        sets = " \\X ".join(type_set(v.of) for v in bound)
        point = ", ".join(inner[v] for v in bound)
        if len(bound) == 1:
            return f"Cardinality({{{point} \\in {sets} : {self.text(body, inner)}}})"
        return f"Cardinality({{<<{point}>> \\in {sets} : {self.text(body, inner)}}})"
