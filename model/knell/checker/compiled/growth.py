"""How a table grows, where it stands.

From its end to its start every entry moves up to its new line, with no jumps, for jumping is what
costs time in a large table. Only the entries at the very start, which may have nowhere to go yet,
are set aside and put back at last.
"""

from __future__ import annotations

from dataclasses import dataclass

from knell.checker.compiled.code import Code
from knell.checker.compiled.lines import LINE, VECTOR, advance, line_at, lowest, mask_of
from knell.checker.compiled.table import FILLED, Table

ASIDE = 1 << 16  # entries that can be set aside
_LOW = 512  # lines at the start of a table that are set aside when it grows


@dataclass(frozen=True)
class _Last:
    """The line that was filled last while a table grows, and how many of its places are filled."""

    line: str
    filled: str


@dataclass(frozen=True)
class Growth:
    """Writes the code with which a table grows."""

    table: Table

    def text(self) -> str:
        """``grow(table, lines, more lines, aside)``: 0, or -1 if there was no way."""
        parameters = (("ptr", "table"), ("i64", "old"), ("i64", "new"), ("ptr", "aside"))
        code = Code("grow", parameters, "i64")
        low = code.call("llvm.umin.i64", f"i64 %old, i64 {_LOW}", "i64")
        start, end = (code.op("mul", lines, LINE) for lines in (low, "%old"))
        kept = code.slot(0)
        last = _Last(code.slot(-1), code.slot(0))

        def keep(entry: str) -> None:
            code.store(entry, code.at("%aside", code.load(kept)))
            code.bump(kept)

        with code.count(0, start) as p:
            entry = code.load(code.at("%table", p))
            with code.when(code.compare("ne", entry, 0)):
                code.store(0, code.at("%table", p))
                keep(entry)
        with code.count(start, end) as up:
            p = code.sub(code.sub(code.add(end, start), up), 1)
            entry = code.load(code.at("%table", p))
            with code.when(code.compare("ne", entry, 0)):
                code.store(0, code.at("%table", p))
                home = self._home(code, entry)
                above = code.compare("ugt", home, code.op("udiv", p, LINE))
                with code.when(above):
                    self._put(code, entry, home, last)
                with code.when(code.op("xor", above, "true", "i1")):
                    full = code.compare("uge", code.load(kept), ASIDE)
                    with code.when(full):
                        code.give(-1)
                    keep(entry)
        with code.count(0, code.load(kept)) as k:
            entry = code.load(code.at("%aside", k))
            self._put(code, entry, self._home(code, entry), last)
        code.give(0)
        return code.text()

    def _home(self, code: Code, entry: str) -> str:
        """Where the search for an entry begins in a table of ``%new`` lines."""
        if self.table.numbered:
            return self.table.line(code, code.op("lshr", entry, 32), "%new")
        if self.table.fingerprints:
            return self.table.line(code, self.table.kept(code, entry), "%new")
        return self.table.line(
            code, self.table.hash(code, [code.op("and", entry, ~FILLED)]), "%new"
        )

    def _put(self, code: Code, entry: str, home: str, last: _Last) -> None:
        """Put an entry in the first line from ``home`` on that has room.

        Entries come almost in the order of their lines, so the line is most often the one that
        was filled last; then nothing need be read.
        """
        filled = code.load(last.filled)
        again = code.compare("eq", home, code.load(last.line))
        room = code.compare("ult", filled, LINE)
        known = code.op("and", again, room, "i1")
        with code.when(known):
            line = code.op("mul", home, LINE)
            code.store(entry, code.at("%table", code.add(line, filled)))
            code.store(code.add(filled, 1), last.filled)
        with code.when(code.op("xor", known, "true", "i1")):
            self._put_anywhere(code, entry, home, last)

    def _put_anywhere(self, code: Code, entry: str, home: str, last: _Last) -> None:
        line, done = code.slot(home), code.slot("false", "i1")

        def going() -> str:
            return code.op("xor", code.load(done, "i1"), "true", "i1")

        with code.loop(going):
            where = line_at(code, "%table", code.load(line))
            found = code.load(where, VECTOR)
            empty = code.compare("eq", found, "zeroinitializer", VECTOR)
            mask, some = mask_of(code, empty)
            with code.when(some):
                place = lowest(code, mask)
                code.store(entry, code.at(where, place))
                code.store(code.load(line), last.line)
                code.store(code.add(place, 1), last.filled)
                code.store("true", done, "i1")
            advance(code, line, "%new")
