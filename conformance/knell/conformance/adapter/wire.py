"""Requests and replies of the adapter protocol as types (``spec/ADAPTER.md``).

Decoding checks kinds and limits; what a reader does not know it ignores. The JSON Schemas that the
package publishes are made of these types, so neither can say what the other does not.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

VERSION: Final = 1
LONGEST: Final = 2**20
"""Bytes of a line, its end included."""

TIME_OUT, NOT_SUPPORTED, NOT_ENABLED, MALFORMED, CRASHED, ABORTED = 0, 10, 11, 12, 13, 14
"""The codes of errors."""

Name = Annotated[str, Meta(min_length=1, max_length=200)]
View = dict[Name, Any]
"""An observation of one node: variables, in the ITF encoding."""


class Body(Struct, frozen=True):
    """What the harness reads of a statement; a body may hold more."""

    kind: Name
    node: Name
    epoch: int = 1
    group: Name | None = None
    gated: tuple[Name, ...] = ()
    newest: Name | None = None
    primary: Name | None = None


class Send(Struct, frozen=True):
    """A frame goes out."""

    msg_id: Name
    to: tuple[Name, ...]
    body: dict[str, Any]


class Told(Struct, frozen=True):
    """A member is told something."""

    group: Name
    news: Name
    node: Name | None = None


class Report(Struct, frozen=True):
    """A shutdown message goes to CC."""

    group: Name
    cause: Name


class OfGroup(Struct, frozen=True):
    """Something happens to a member: an act is accepted, or its process is to be killed."""

    group: Name


class Proposal(Struct, frozen=True):
    """A list is stored as the maker's own, to be accepted: its entries in order."""

    group: Name
    list: tuple[Name, ...]


class Route(Struct, frozen=True):
    """Work is routed to a member there."""

    node: Name


class Timer(Struct, frozen=True):
    """A timer is set."""

    name: Name
    at_ns: int = 0


class Effect(Struct, frozen=True, omit_defaults=True):
    """One effect: exactly one of the fields is there."""

    send: Send | None = None
    tell: Told | None = None
    report: Report | None = None
    act: OfGroup | None = None
    route: Route | None = None
    propose: Proposal | None = None
    timer: Timer | None = None
    kill: OfGroup | None = None


class Message(Struct, frozen=True):
    """A frame that arrives, as it was sent."""

    msg_id: Name
    from_: Name = msgspec.field(name="from")
    to: Name = ""
    body: dict[str, Any] = {}


class Group(Struct, frozen=True):
    """A group of the cluster."""

    name: Name
    nodes: tuple[Name, ...]
    depends_on: tuple[Name, ...] = ()
    takeover: str = "quiesce"
    fencing: str = "none"
    critical: bool = False


class Config(Struct, frozen=True):
    """The cluster of a run."""

    nodes: tuple[Name, ...]
    groups: tuple[Group, ...]
    components: tuple[Name, ...] = ()
    causes: tuple[Name, ...] = ()
    unkillable: bool = False


class Model(Struct, frozen=True):
    """The model that an adapter is judged against."""

    name: Name
    sha256: Name


class Request(Struct, frozen=True, omit_defaults=True):
    """A request; which fields there are depends on the command."""

    id: int
    cmd: Name
    deadline_ms: int = 2_000
    versions: tuple[int, ...] = ()
    model: Model | None = None
    run: str = ""
    seed: int = 0
    mode: str = ""
    config: Config | None = None
    node: str = ""
    action: str = ""
    args: dict[Name, str] = {}
    msg: Message | None = None
    before: tuple[Message, ...] = ()
    by_ns: int = 0
    snapshot: str = ""


class Implementation(Struct, frozen=True):
    """Who is judged."""

    name: Name
    version: str = ""
    language: str = ""


class Hello(Struct, frozen=True):
    """The answer to `hello`."""

    version: int
    impl: Implementation
    modes: tuple[Name, ...]
    features: tuple[Name, ...]
    actions: tuple[Name, ...]
    observables: tuple[Name, ...]


class Begun(Struct, frozen=True):
    """The answer to `reset`: what each node has said already, and its observation."""

    effects: dict[Name, tuple[Effect, ...]]
    obs: dict[Name, View]


class Done(Struct, frozen=True):
    """The answer to `step`, `deliver` and `advance`."""

    effects: tuple[Effect, ...]
    obs: dict[Name, View]


class Observed(Struct, frozen=True):
    """The answer to `observe` and `restore`."""

    obs: dict[Name, View]


class Kept(Struct, frozen=True):
    """The answer to `snapshot`."""

    snapshot: Name


class Error(Struct, frozen=True):
    """Why something was not done."""

    code: int
    definite: bool = False
    text: str = ""


class Reply(Struct, frozen=True):
    """A reply: one of `ok` and `err`."""

    id: int
    ok: msgspec.Raw = msgspec.Raw()
    err: Error | None = None


ANSWERS: Final[dict[str, type[Struct]]] = {
    "hello": Hello,
    "reset": Begun,
    "step": Done,
    "deliver": Done,
    "advance": Done,
    "observe": Observed,
    "snapshot": Kept,
    "restore": Observed,
}
"""What `ok` holds, by command."""

encode = msgspec.json.Encoder().encode
