"""Checkpoints: a search on disk, from which a later one goes on as if it had never stopped.

One file holds a line that names the format, JSON with its length, the arrays in binary, and a
digest of all of it. It is written beside the old one, forced to the disk, and renamed into its
place, so that there is a whole checkpoint at any time. It names the fingerprint of what was
searched: the ground instances, the conditions asked, the initial states and the parameters. A
search for anything else refuses it. What the arrays hold is the business of the engine; the number
of workers is not among it.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from mmap import ACCESS_READ, mmap
from pathlib import Path

from knell.checker.search import Search
from knell.checker.source import parts_first
from knell.checker.symmetry import Group
from knell.language.ground import Ground
from knell.language.grounding import Instance
from knell.spec.errors import KnellError

_FORMAT = b"knell checkpoint 2\n"
_NAME = "search.checkpoint"
_DIGEST = 32  # bytes at the end
_SIZE = 8  # bytes of the length of the JSON


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
            with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as content:
                self._restore(path, memoryview(content))
        except OSError:
            raise KnellError(
                "there is no checkpoint", place=str(directory), mend="leave out --resume"
            ) from None
        except ValueError:  # of an empty file
            raise _unusable(path, "the checkpoint is damaged") from None

    def _restore(self, path: Path, content: memoryview) -> None:
        with content, content[:-_DIGEST] as told:
            if hashlib.sha256(told).digest() != bytes(content[-_DIGEST:]):
                raise _unusable(path, "the checkpoint is damaged")
            if bytes(told[: len(_FORMAT)]) != _FORMAT:
                raise _unusable(path, "the checkpoint is of another version")
            start = len(_FORMAT)
            size = int.from_bytes(told[start : start + _SIZE], "little")
            start += _SIZE
            notes = json.loads(bytes(told[start : start + size]))
            if notes["engine"] != self.search.kind:
                raise _unusable(path, f"the checkpoint is of the {notes['engine']} engine")
            if notes["fingerprint"] != self.fingerprint:
                raise _unusable(
                    path, "the checkpoint is of another model, configuration or selection"
                )
            self.search.load(notes, _parts(told[start + size :], notes["arrays"]))

    def _blocks(self) -> Iterable[bytes | memoryview]:
        notes, arrays = self.search.dump()
        header = {
            "engine": self.search.kind,
            "fingerprint": self.fingerprint,
            "arrays": [len(memoryview(each).cast("B")) for each in arrays],
            **notes,
        }
        text = json.dumps(header).encode()
        yield _FORMAT
        yield len(text).to_bytes(_SIZE, "little")
        yield text
        yield from (memoryview(each).cast("B") for each in arrays)


def _parts(content: memoryview, sizes: Sequence[int]) -> list[memoryview]:
    ends = list(itertools.accumulate(sizes))
    return [content[end - size : end] for end, size in zip(ends, sizes, strict=True)]


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
        [(str(one), len(one.guard), [c for c, _ in one.updates]) for one in program.instances],
    ):
        digest.update(f"{part!r}\n".encode())
    steps = [term for one in program.instances for term in _terms(one)]
    demands = [term for some in questions.demands.values() for _, term in some]
    for mark in _marks([*steps, *demands, *leaves, *responses, *premises, questions.end]):
        digest.update(mark)
    for state in program.initial():
        digest.update(f"{state!r}\n".encode())
    return digest.hexdigest()


def _terms(instance: Instance) -> Iterator[Ground]:
    """All terms of an instance."""
    yield from (term for _, term in instance.guard)
    yield from (term for _, term in instance.updates)
    yield from (term for term, _ in instance.checks)


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
