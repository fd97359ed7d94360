"""The context: an array of 64-bit places that the native code and its driver share.

Each place holds a number or the address of an array. One context belongs to one worker.
"""

from __future__ import annotations

from enum import IntEnum, auto

from knell.checker.compiled.code import Code


class At(IntEnum):
    """The places of a context."""

    ERROR = 0  # 0: none; n > 0: failure n - 1; n < 0: instance -n - 1 breaks a check
    ERROR_DETAIL = auto()  # the number of the check
    ERROR_STATE = auto()  # the state that was expanded, or looked at, then
    STATES = auto()  # address of the states, in order of discovery
    COUNT = auto()  # how many there are
    EXPANDED = auto()  # how many of them have been expanded
    MOST = auto()  # the bound of states
    ROOM = auto()  # how many states have room before the driver must make some
    TABLE = auto()  # address of the table
    LINES = auto()  # lines of the table
    MOVES = auto()  # address of the successors of a block
    BY = auto()  # address of the instances that lead to them (i32)
    SLOTS = auto()  # address of their hashes
    FIRST = auto()  # address of the first successor of each state of a block
    BLOCK = auto()  # states of a block
    LOOKUPS = auto()  # how many successors have been looked up
    TAKEN = auto()  # address of the executions, by action
    HITS = auto()  # address of the first state for each watch, or -1
    MISSTEPS = auto()  # address of pairs: first state and instance that break a property, or -1
    SEEN = auto()  # address of a flag for each awaited premise
    UNSEEN = auto()  # how many of them are not set
    DEADLOCK = auto()  # the first state without a move, or -1
    MARKS = auto()  # address of how many states were known at each 1024th expansion
    SHARED = auto()  # address of the context that all workers share: the first one's
    EVERYONE = auto()  # address of the addresses of all contexts
    ME = auto()  # the worker's number
    WORKERS = auto()  # how many there are
    ARRIVED = auto()  # arrivals at meetings, of all workers
    MEETINGS = auto()  # arrivals that this worker has waited for
    OFFSET = auto()  # where this worker's moves begin, among those of any owner
    OWNED = auto()  # address of the moves that this worker owns, by the worker that made them
    OWNED_HASHES = auto()  # address of their hashes
    OWNED_ORDER = auto()  # address of their order among the moves of their maker (i32)
    OWNED_COUNT = auto()  # address of how many moves this worker has made for each owner
    NEW = auto()  # address of the places of the new ones among the moves it owns (i32)
    NEW_ENTRIES = auto()  # address of their entries in the table
    NEW_COUNT = auto()  # address of how many moves of this worker are new, for each owner
    USED = auto()  # entries of this worker's table
    TABLE_ROOM = auto()  # how many have room before the driver must make some
    EDGE_FIRST = auto()  # address of the number of the first edge of each state
    EDGE_TARGETS = auto()  # address of the edges' targets (i32)
    EDGE_INSTANCES = auto()  # address of the edges' instances (i32)
    EDGES = auto()  # how many there are
    EDGE_ROOM = auto()  # how many have room
    INITIAL = auto()  # how many initial states there are, for walks
    PARENTS = auto()  # address of the state from which a walk first reached each state
    VIA = auto()  # address of the instance by which it did
    STEPS = auto()  # address of the steps that walks took, by instance
    NEXT_WALK = auto()  # the walk to be taken next
    LONGEST = auto()  # states of the longest walk


def place_of(code: Code, context: str, place: At) -> str:
    """The address of a place."""
    return code.at(context, int(place))


def read(code: Code, context: str, place: At) -> str:
    """The content of a place."""
    return code.load(place_of(code, context, place))


def address(code: Code, context: str, place: At) -> str:
    """The content of a place, as an address."""
    return code.load(place_of(code, context, place), "ptr")
