"""A line of the table: eight places, fetched from memory and compared at once."""

from __future__ import annotations

from knell.checker.compiled.code import Code

LINE = 8  # places of a line
VECTOR = f"<{LINE} x i64>"


def line_at(code: Code, table: str, line: str) -> str:
    """The address of a line."""
    return code.at(table, line, VECTOR)


def spread(code: Code, value: str) -> str:
    """The value, as many times as a line has places."""
    one = code.value(f"insertelement {VECTOR} poison, i64 {value}, i64 0")
    zeros = f"<{LINE} x i32> zeroinitializer"
    return code.value(f"shufflevector {VECTOR} {one}, {VECTOR} poison, {zeros}")


def mask_of(code: Code, truths: str) -> tuple[str, str]:
    """One bit for each place, and whether any is set."""
    mask = code.value(f"bitcast <{LINE} x i1> {truths} to i{LINE}")
    return mask, code.compare("ne", mask, 0, f"i{LINE}")


def lowest(code: Code, mask: str) -> str:
    """The position of the lowest bit that is set."""
    place = code.value(f"call i{LINE} @llvm.cttz.i{LINE}(i{LINE} {mask}, i1 true)")
    return code.widen(place, f"i{LINE}")


def advance(code: Code, line: str, lines: str) -> None:
    """Go on to the next line; after the last comes the first."""
    following = code.add(code.load(line), 1)
    wraps = code.compare("eq", following, lines)
    code.store(code.select(wraps, 0, following), line)
