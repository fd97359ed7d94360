"""The other end of the operators' socket: what the command line asks of a node."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
from pathlib import Path
from typing import Any, Final

from knell.node import wire
from knell.node.core import messages as ms
from knell.node.runtime import codec, config
from knell.node.runtime.keys import read_key
from knell.spec.errors import KnellError

_LARGEST: Final = 1 << 20
_PATIENCE: Final = 30.0


def ask(run: Path, request: dict[str, Any], timeout: float = 5.0) -> dict[str, Any]:
    """Ask the operator socket in a node's folder of sockets.

    Raises:
        OSError: Nobody answers.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.settimeout(timeout)
        sock.connect(str(run / "operator.sock"))
        sock.send(json.dumps(request).encode())
        packet = sock.recv(_LARGEST)
    if not packet:
        raise ConnectionResetError("the node has ended")
    answer: dict[str, Any] = json.loads(packet)
    return answer


def ask_node(path: str, request: dict[str, Any], timeout: float = 5.0) -> dict[str, Any] | None:
    """Ask the node of a configuration; None if it does not answer.

    Raises:
        KnellError: The configuration is wrong.
    """
    loaded = config.load(Path(path))
    with contextlib.suppress(OSError):
        return ask(loaded.at(loaded.node.run), request, timeout)
    return None


def stop_node(path: str, *, now: bool) -> bool:
    """Stop the node of a configuration; return whether clustering ended in order."""
    if now:
        with contextlib.suppress(OSError):
            # The first request is answered only at the end, so it isn't waited for.
            loaded = config.load(Path(path))
            ask(loaded.at(loaded.node.run), {"op": "stop"}, 0.1)
    answer = ask_node(path, {"op": "stop"}, _PATIENCE)
    return answer is not None and bool(answer.get("ended"))


def reload_node(path: str) -> dict[str, Any] | None:
    """Let the node of a configuration read keys and addresses again."""
    return ask_node(path, {"op": "reload"})


def switch_group(path: str, group: str) -> dict[str, Any] | None:
    """Let the next entry of a group take over from the node of a configuration."""
    return ask_node(path, {"op": "switchover", "group": group})


def fence_node(path: str, key: str, node: str, epoch: int) -> dict[str, Any] | None:
    """Sign a FENCE and give it to the node of a configuration.

    Raises:
        KnellError: Configuration, key or name is wrong.
    """
    loaded = config.load(Path(path))
    if node not in {each.name for each in loaded.peer}:
        raise KnellError(f"no node is called {node!r}", place="NODE", mend="see [[peer]]")
    return _order(path, key, wire.encode(ms.Fence(node, epoch)))


def bootstrap_group(path: str, key: str, group: str) -> dict[str, Any] | None:
    """Sign a BOOTSTRAP of a group on the node of a configuration, and give it to that node.

    The node says first what there is to sign: the list that is given up, and its own new entry.

    Raises:
        KnellError: Configuration, key or name is wrong.
    """
    loaded = config.load(Path(path))
    if group not in {each.name for each in loaded.group}:
        raise KnellError(f"no group is called {group!r}", place="GROUP", mend="see [[group]]")
    read_key(Path(key))
    answer = ask_node(path, {"op": "order", "group": group})
    if answer is None:
        return None
    if answer["order"] is None:
        return {"refused": "this node has no active member in the group"}
    raw = base64.b64decode(answer["order"])
    said = wire.decode(raw)
    outcome = _order(path, key, raw)
    if outcome is not None and isinstance(said, ms.Bootstrap):
        outcome["entry"] = said.entry.name
        outcome["given_up"] = [each.name for each in said.domain]
    return outcome


def _order(path: str, key: str, raw: bytes) -> dict[str, Any] | None:
    """Give a node what an operator has signed."""
    proof = read_key(Path(key)).sign(codec.SIGNING_PREFIX + raw).signature
    request = {
        "op": "statement",
        "statement": base64.b64encode(raw).decode(),
        "proof": base64.b64encode(proof).decode(),
    }
    return ask_node(path, request)
