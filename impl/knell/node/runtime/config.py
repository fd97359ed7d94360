"""The configuration of a node: one TOML file, checked as a whole before anything starts.

```toml
[node]
name = "n1"
key = "n1.key"        # made by `knell keygen`; paths are relative to this file
state = "state"       # what survives: the epoch, lists, statements
run = "run"           # sockets; the folder is the node's own, mode 0700
realtime = true       # the daemon comes before ordinary processes, where it may
wire = 2              # 1 while other nodes of the cluster can't read version 2 yet
log = "info"          # on standard error: off, error, warning or info

[timers]              # milliseconds; each has a default
beat = 100

[limits]
requests = 20000      # a second, of one member

[operators]
keys = ["…"]          # who may fence and bootstrap

[[peer]]              # every node of the cluster, this one too
name = "n1"
address = "10.0.0.1:7100"
urgent = "10.0.0.1:7101"
key = "…"

[[group]]
name = "orders"
nodes = ["n1", "n2"]
command = ["orders-server"]   # the member that the node starts, if it shall
```
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Literal

import msgspec

from knell.node.core.values import MILLISECOND, Fencing, GroupSettings, Settings, Takeover
from knell.spec.errors import KnellError

SOCKETS: Final = ("engine.sock", "sentinel.sock", "operator.sock")
"""What a node puts into its folder of sockets."""

_LONGEST_SOCKET: Final = 107
"""How many bytes the name of a socket may have: `sun_path` with its end (unix(7))."""

_LONGEST: Final = 24 * 3600 * 1000
_LEAST_WATCH: Final = 100
_BROADCAST: Final = ipaddress.ip_address("255.255.255.255")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


class NodeTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[node]`."""

    name: str
    key: str
    state: str
    run: str
    lab: bool = False
    realtime: bool = True
    wire: Literal[1, 2] = 2
    log: Literal["off", "error", "warning", "info"] = "info"


class Timers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[timers]`, in milliseconds (§6)."""

    beat: int = 100
    lost: int = 1000
    resend: int = 10
    resend_limit: int = 100
    signal: int = 2000
    member: int = 500
    watch: int = 150
    pause: int = 200
    comm: int = 1000
    lease: int = 3000
    drift: int = 500


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[limits]`: what a member may ask; one that asks more is hung up on, which is a leave."""

    requests: int = 20_000


class Operators(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[operators]`."""

    keys: tuple[str, ...] = ()


class PeerTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[peer]]`."""

    name: str
    address: str
    urgent: str
    key: str


class GroupTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[group]]`."""

    name: str
    nodes: tuple[str, ...]
    takeover: Takeover = Takeover.QUIESCE
    fencing: Fencing = Fencing.NONE
    critical: bool = False
    depends_on: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    users: tuple[int, ...] = ()


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    node: NodeTable
    peer: tuple[PeerTable, ...]
    group: tuple[GroupTable, ...] = ()
    timers: Timers = Timers()
    limits: Limits = Limits()
    operators: Operators = Operators()
    path: Path = Path()

    def at(self, name: str) -> Path:
        """A path that the file names, relative to the file."""
        return self.path.parent / name

    @property
    def settings(self) -> Settings:
        """What the core has to know."""
        t = self.timers
        return Settings(
            me=self.node.name,
            nodes=tuple(each.name for each in self.peer),
            groups=tuple(
                GroupSettings(
                    each.name,
                    each.nodes,
                    each.takeover,
                    each.fencing,
                    each.critical,
                    each.depends_on,
                )
                for each in self.group
            ),
            beat=t.beat * MILLISECOND,
            lost=t.lost * MILLISECOND,
            resend=t.resend * MILLISECOND,
            resend_limit=t.resend_limit * MILLISECOND,
            signal=t.signal * MILLISECOND,
            member=t.member * MILLISECOND,
            lease=t.lease * MILLISECOND,
            drift=t.drift * MILLISECOND,
        )


def endpoint(text: str, place: str) -> tuple[str, int]:
    """Read `address:port`; names are not resolved, as a resolver can fail too."""
    host, colon, port = text.rpartition(":")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
        number = int(port)
    except ValueError:
        colon, address, number = "", None, 0
    if not colon or not 0 < number < 65_536 or address is None:
        raise KnellError(
            f"{text!r} is no address", place=place, mend="write ADDRESS:PORT, as in 10.0.0.1:7100"
        )
    if address.is_unspecified or address.is_multicast or address == _BROADCAST:
        raise KnellError(
            f"{text!r} is no address of one host",
            place=place,
            mend="write the address at which the others reach it",
        )
    return str(address), number


def load(path: Path) -> Config:
    """Read and check a configuration.

    Raises:
        KnellError: Something is wrong; the error is one line.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise KnellError(
            f"cannot be read: {error.strerror}", place=str(path), mend="name the node's TOML file"
        ) from None
    try:
        config = msgspec.toml.decode(raw, type=Config)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at ")
        place = f"{path}: {where.strip('`').removeprefix('$.')}" if where else str(path)
        raise KnellError(what, place=place, mend="correct the entry") from None
    except RecursionError:
        raise KnellError("is nested too deeply", place=str(path), mend="correct it") from None
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError) as error:
        raise KnellError(f"is no TOML: {error}", place=str(path), mend="correct it") from None
    config = msgspec.structs.replace(config, path=path.absolute())
    check(config, str(path))
    return config


def check(config: Config, place: str) -> None:
    """Find what types alone can't show.

    Raises:
        KnellError: Something is wrong.
    """
    nodes = [each.name for each in config.peer]
    groups = [each.name for each in config.group]
    _check_names(nodes, f"{place}: peer")
    _check_names(groups, f"{place}: group")
    if config.node.name not in nodes:
        raise KnellError(
            f"{config.node.name!r} is not among the peers",
            place=f"{place}: node.name",
            mend="list every node of the cluster as [[peer]], this one too",
        )
    if "cluster_control" in groups:
        raise KnellError(
            "'cluster_control' is a name of the node's own", place=f"{place}: group", mend="rename"
        )
    _check_sockets(config.at(config.node.run), f"{place}: node.run")
    _check_addresses(config.peer, f"{place}: peer")
    _check_timers(config.timers, f"{place}: timers")
    if config.limits.requests <= 0:
        raise KnellError("must be above 0", place=f"{place}: limits.requests", mend="correct it")
    for group in config.group:
        _check_group(group, nodes, groups, f"{place}: group {group.name}")
    _check_order({each.name: each.depends_on for each in config.group}, f"{place}: group")


def _check_sockets(run: Path, place: str) -> None:
    longest = max(len(bytes(run / name)) for name in SOCKETS)
    if longest > _LONGEST_SOCKET:
        raise KnellError(
            f"is too long for sockets, by {longest - _LONGEST_SOCKET} bytes",
            place=place,
            mend="name a folder with a shorter path",
        )


def _check_addresses(peers: Iterable[PeerTable], place: str) -> None:
    ends = [
        endpoint(text, f"{place} {each.name}")
        for each in peers
        for text in (each.address, each.urgent)
    ]
    if len(set(ends)) < len(ends):
        raise KnellError("two addresses are the same", place=place, mend="change one")
    if len({":" in host for host, _ in ends}) > 1:
        raise KnellError(
            "some addresses are IPv4 and some IPv6", place=place, mend="use one of them for all"
        )


def _check_timers(timers: Timers, place: str) -> None:
    for name, value in msgspec.structs.asdict(timers).items():
        if not 0 < value <= _LONGEST:
            raise KnellError(
                f"must be above 0 and at most {_LONGEST}",
                place=f"{place}.{name}",
                mend="correct it",
            )
    if timers.lost < 5 * timers.beat:
        raise KnellError(
            "is less than 5 beats", place=f"{place}.lost", mend="raise it, or lower beat"
        )
    if timers.watch < _LEAST_WATCH:
        raise KnellError(
            f"is less than {_LEAST_WATCH}, two looks of a watcher",
            place=f"{place}.watch",
            mend="raise it",
        )


def _check_names(names: Iterable[str], place: str) -> None:
    seen: set[str] = set()
    for name in names:
        if not _NAME.fullmatch(name):
            raise KnellError(
                f"{name!r} is no name", place=place, mend="use a-z, 0-9, '.', '_', '-', 63 at most"
            )
        if name in seen:
            raise KnellError(f"{name!r} stands there twice", place=place, mend="remove one")
        seen.add(name)


def _check_group(group: GroupTable, nodes: list[str], groups: list[str], place: str) -> None:
    if not group.nodes:
        raise KnellError("has no nodes", place=place, mend="name the nodes that may host it")
    for what, names, known in (
        ("node", group.nodes, nodes),
        ("group", group.depends_on, groups),
    ):
        for name in names:
            if name not in known:
                raise KnellError(
                    f"no {what} is called {name!r}", place=place, mend=f"known: {', '.join(known)}"
                )
        if len(set(names)) < len(names):
            raise KnellError(f"names a {what} twice", place=place, mend="remove one")


def _check_order(depends: dict[str, tuple[str, ...]], place: str) -> None:
    done: set[str] = set()
    while len(done) < len(depends):
        ready = {g for g, on in depends.items() if g not in done and done.issuperset(on)}
        if not ready:
            left = ", ".join(sorted(set(depends) - done))
            raise KnellError(
                f"dependencies form a cycle among {left}", place=place, mend="remove one of them"
            )
        done |= ready
