"""Checkpoints: a search on disk, from which a later one goes on as if it had never stopped.

One file holds a line that names the format, a line of JSON, the arrays in binary, and a digest of
all of it. It is written beside the old one, forced to the disk, and renamed into its place, so
that there is a whole checkpoint at any time. It names the fingerprint of what was searched: the
generated kernel, the conditions asked, the initial states and the parameters. A search for
anything else refuses it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import sys
from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from knell.checker.explored import Edges, Explored
from knell.checker.search import Search
from knell.checker.source import Packed, parts_first
from knell.checker.symmetry import Group
from knell.language.ground import Ground
from knell.spec.errors import KnellError

_FORMAT = b"knell checkpoint 1\n"
_NAME = "search.checkpoint"
_DIGEST = 32


class Checkpoint:
    """Saves and restores one search in a directory."""

    def __init__(self, search: Search, group: Group | None) -> None:
        self.search = search
        self.group = group

    @cached_property
    def fingerprint(self) -> str:
        """What was searched, in short."""
        return fingerprint(self.search, self.group)

    def prepare(self, directory: Path) -> None:
        """Make the directory, or say why it can't be."""
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _cannot_write(directory, error) from None

    def save(self, directory: Path) -> None:
        """Write the search as it stands."""
        target = directory / _NAME
        fresh = target.with_suffix(".tmp")
        try:
            with fresh.open("wb") as file:
                digest = hashlib.sha256()
                for block in self._blocks():
                    digest.update(block)
                    file.write(block)
                file.write(digest.digest())
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(target)
            _sync(directory)
        except OSError as error:
            raise _cannot_write(directory, error) from None

    def restore(self, directory: Path) -> None:
        """Let the search go on from the checkpoint in the directory."""
        path = directory / _NAME
        try:
            content = path.read_bytes()
        except OSError:
            raise KnellError(
                "there is no checkpoint", place=str(directory), mend="leave out --resume"
            ) from None
        if hashlib.sha256(content[:-_DIGEST]).digest() != content[-_DIGEST:]:
            raise _unusable(path, "the checkpoint is damaged")
        if not content.startswith(_FORMAT):
            raise _unusable(path, "the checkpoint is of another version")
        header, _, arrays = content[len(_FORMAT) : -_DIGEST].partition(b"\n")
        try:
            notes = json.loads(header)
            other = notes["fingerprint"] != self.fingerprint
            explored = None if other else self._explored(notes, arrays)
        except (ValueError, KeyError, TypeError):
            raise _unusable(path, "the checkpoint is damaged") from None
        if explored is None:
            raise _unusable(path, "the checkpoint is of another model, configuration or selection")
        self.search.restore(explored)

    def _blocks(self) -> Iterable[bytes]:
        found = self.search.explored
        arrays = [self._cells(found.states), found.parents, found.via]
        if found.edges is not None:
            arrays += [found.edges.first, found.edges.targets, found.edges.instances]
        notes = {
            "fingerprint": self.fingerprint,
            "arrays": [(a.typecode, len(a)) for a in arrays],
            "level_ends": found.level_ends,
            "expanded": found.expanded,
            "taken": found.taken,
            "hits": list(found.hits.items()),
            "missteps": list(found.missteps.items()),
            "deadlock": found.deadlock,
            "awaited": sorted(found.awaited),
        }
        yield _FORMAT
        yield json.dumps(notes).encode() + b"\n"
        for each in arrays:
            yield _portable(each).tobytes()

    def _cells(self, states: list[Packed]) -> array[int]:
        """All cells of all states in a row."""
        if self.search.program.layout.bytewise:
            return array("B", b"".join(bytes(state) for state in states))
        return array("q", itertools.chain.from_iterable(states))

    def _explored(self, notes: dict[str, Any], content: bytes) -> Explored:
        arrays = []
        for typecode, length in notes["arrays"]:
            values = array(typecode)
            size = length * values.itemsize
            values.frombytes(content[:size])
            content = content[size:]
            arrays.append(_portable(values))
        cells, parents, via, *edges = arrays
        return Explored(
            states=self._states(cells, len(parents)),
            parents=parents,
            via=via,
            level_ends=notes["level_ends"],
            expanded=notes["expanded"],
            taken=notes["taken"],
            hits=dict(notes["hits"]),
            missteps={number: (u, k) for number, (u, k) in notes["missteps"]},
            deadlock=notes["deadlock"],
            awaited=set(notes["awaited"]),
            edges=Edges(*edges) if edges else None,
        )

    def _states(self, cells: array[int], count: int) -> list[Packed]:
        width = len(self.search.program.layout.cells)
        if self.search.program.layout.bytewise:
            content = cells.tobytes()
            return [content[k * width : (k + 1) * width] for k in range(count)]
        return [tuple(cells[k * width : (k + 1) * width]) for k in range(count)]


def fingerprint(search: Search, group: Group | None) -> str:
    """A digest of all that decides the course of a search."""
    program, questions = search.program, search.questions
    responses = [term for r in questions.responses for term in (r.premise, r.goal)]
    leaves = [leaf for watch in questions.watches for leaf in watch.leaves]
    premises = [term for some in questions.step_premises.values() for _, term in some]
    digest = hashlib.sha256()
    for part in (
        program.model.name,
        sorted(program.model.values.items()),
        program.model.settings.mutant,
        [str(cell) for cell in program.layout.cells],
        [declared.id for declared in questions.properties],
        questions.deadlock,
        [len(watch.leaves) for watch in questions.watches],
        _described(group),
        search.kernel.text,
    ):
        digest.update(f"{part!r}\n".encode())
    for mark in _marks([*leaves, *responses, *premises, questions.end]):
        digest.update(mark)
    for state in program.initial():
        digest.update(f"{state!r}\n".encode())
    return digest.hexdigest()


def _described(group: Group | None) -> object:
    if group is None:
        return None
    bound = [[(of.name, tuple(p)) for of, p in each.items()] for each in group.bound]
    return [sort.name for sort in group.free], bound


def _marks(roots: Sequence[Ground]) -> list[bytes]:
    """A digest of each term."""
    marks: dict[Ground, bytes] = {}
    for term in parts_first(roots):
        digest = hashlib.sha256(f"{term.kind} {term.value}".encode())
        for part in term.parts:
            digest.update(marks[part])
        marks[term] = digest.digest()
    return [marks[root] for root in roots]


def _portable(values: array[int]) -> array[int]:
    """The array with its bytes turned round where the machine is not little-endian."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values


def _sync(directory: Path) -> None:
    """Force the renaming to the disk."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _cannot_write(directory: Path, error: OSError) -> KnellError:
    return KnellError(
        f"no checkpoint can be written: {error.strerror}",
        place=str(directory),
        mend="give a directory that can be written",
    )


def _unusable(path: Path, why: str) -> KnellError:
    return KnellError(why, place=str(path), mend="start again without --resume")
