"""Writes functions in LLVM's assembly language, as text.

A value is a string: a constant (``"42"``, ``"true"``) or a name (``"%v7"``). Integers are
``i64`` unless a type is given. What changes in a loop is kept in a slot of the stack
(:meth:`Code.slot`); LLVM turns slots into registers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

DECLARATIONS = """\
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)
declare i8 @llvm.cttz.i8(i8, i1)
declare i64 @llvm.umin.i64(i64, i64)
"""

COLD = "noinline cold optnone"
"""The attributes of a function that is seldom called: it is not worth the time to optimise it."""


class Code:
    """One function being written."""

    def __init__(
        self,
        name: str,
        parameters: Sequence[tuple[str, str]],
        returns: str = "void",
        *,
        inline: str = "",
    ) -> None:
        self.name = name
        self.head = (
            f"define {returns} @{name}({', '.join(f'{t} %{p}' for t, p in parameters)}) {inline}"
        )
        self.returns = returns
        self._slots: list[str] = []
        self._lines: list[str] = []
        self._count = 0

    def text(self) -> str:
        """The function's text."""
        end = [] if self._is_closed() else ["ret void" if self.returns == "void" else "unreachable"]
        body = ["entry:", *self._slots, "br label %start", "start:", *self._lines, *end]
        return "\n".join([f"{self.head} {{", *body, "}"])

    def _is_closed(self) -> bool:
        return bool(self._lines) and self._lines[-1].startswith(("ret", "br "))

    def line(self, text: str) -> None:
        """Write one instruction."""
        self._lines.append(text)

    def value(self, text: str) -> str:
        """Write an instruction that makes a value."""
        self._count += 1
        self._lines.append(f"%v{self._count} = {text}")
        return f"%v{self._count}"

    def op(self, operator: str, a: object, b: object, of: str = "i64") -> str:
        """An operation of two values of one type."""
        return self.value(f"{operator} {of} {a}, {b}")

    def add(self, a: object, b: object) -> str:
        """The sum."""
        return self.op("add", a, b)

    def sub(self, a: object, b: object) -> str:
        """The difference."""
        return self.op("sub", a, b)

    def compare(self, how: str, a: object, b: object, of: str = "i64") -> str:
        """A comparison, such as ``eq`` or ``ult``."""
        return self.value(f"icmp {how} {of} {a}, {b}")

    def select(self, condition: str, a: object, b: object, of: str = "i64") -> str:
        """One of two values."""
        return self.value(f"select i1 {condition}, {of} {a}, {of} {b}")

    def widen(self, value: str, of: str = "i1", to: str = "i64") -> str:
        """The value as a wider integer without sign."""
        return self.value(f"zext {of} {value} to {to}")

    def narrow(self, value: str, to: str = "i32") -> str:
        """The low bits of the value."""
        return self.value(f"trunc i64 {value} to {to}")

    def at(self, pointer: str, index: object, of: str = "i64") -> str:
        """The address of an element of an array."""
        return self.value(f"getelementptr inbounds {of}, ptr {pointer}, i64 {index}")

    def load(self, pointer: str, of: str = "i64") -> str:
        """What is at an address."""
        return self.value(f"load {of}, ptr {pointer}")

    def store(self, value: object, pointer: str, of: str = "i64") -> None:
        """Put a value at an address."""
        self.line(f"store {of} {value}, ptr {pointer}")

    def slot(self, start: object, of: str = "i64") -> str:
        """A place for a value that changes; here it starts with ``start``."""
        self._count += 1
        name = f"%s{self._count}"
        self._slots.append(f"{name} = alloca {of}")
        self.store(start, name, of)
        return name

    def bump(self, slot: str, by: object = 1) -> None:
        """Add to a slot or any place in memory."""
        self.store(self.add(self.load(slot), by), slot)

    def call(self, function: str, arguments: str, returns: str = "void") -> str:
        """Call a function with arguments that carry their types."""
        text = f"call {returns} @{function}({arguments})"
        if returns == "void":
            self.line(text)
            return ""
        return self.value(text)

    def prefetch(self, address: str, *, write: bool = False) -> None:
        """Ask for a line of memory that is needed soon."""
        arguments = f"ptr {address}, i32 {int(write)}, i32 3, i32 1"
        self.call("llvm.prefetch.p0", arguments)

    def give(self, value: object) -> None:
        """Return a value."""
        self.line(f"ret {self.returns} {value}")

    def label(self, name: str) -> str:
        """A fresh label."""
        self._count += 1
        return f"{name}{self._count}"

    def goto(self, label: str) -> None:
        """Go to a label, unless control has left already."""
        if not self._is_closed():
            self.line(f"br label %{label}")

    def place(self, label: str) -> None:
        """What follows stands at the label."""
        self.goto(label)
        self.line(f"{label}:")

    def branch(self, condition: str, yes: str, no: str) -> None:
        """Go to one of two labels."""
        self.line(f"br i1 {condition}, label %{yes}, label %{no}")

    @contextmanager
    def when(self, condition: str) -> Iterator[None]:
        """Do the body if the condition holds."""
        yes, after = self.label("yes"), self.label("after")
        self.branch(condition, yes, after)
        self.place(yes)
        yield
        self.place(after)

    @contextmanager
    def loop(self, condition: Callable[[], str]) -> Iterator[str]:
        """Do the body while the condition holds; yields the label that ends the loop."""
        test, body, after = self.label("test"), self.label("body"), self.label("after")
        self.place(test)
        self.branch(condition(), body, after)
        self.place(body)
        yield after
        self.goto(test)
        self.line(f"{after}:")

    @contextmanager
    def count(self, start: object, end: object, by: int = 1) -> Iterator[str]:
        """Do the body for every index from ``start`` up to ``end``."""
        place = self.slot(start)
        with self.loop(lambda: self.compare("ult", self.load(place), end)):
            yield self.load(place)
            self.bump(place, by)
