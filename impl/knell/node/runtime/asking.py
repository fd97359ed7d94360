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


def fence_node(path: str, key: str, node: str, epoch: int) -> dict[str, Any] | None:
    """Sign a FENCE and give it to the node of a configuration.

    Raises:
        KnellError: Configuration, key or name is wrong.
    """
    loaded = config.load(Path(path))
    if node not in {each.name for each in loaded.peer}:
        raise KnellError(f"no node is called {node!r}", place="NODE", mend="see [[peer]]")
    raw = wire.encode(ms.Fence(node, epoch))
    proof = read_key(Path(key)).sign(codec.SIGNING_PREFIX + raw).signature
    request = {
        "op": "statement",
        "statement": base64.b64encode(raw).decode(),
        "proof": base64.b64encode(proof).decode(),
    }
    return ask_node(path, request)
