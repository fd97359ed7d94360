"""Statements and their signatures: signing one's own, checking those of others.

Own statements are signed once and kept; those of the failure path are signed when the epoch
begins. A statement of another maker that was checked before is known by its bytes, so that
repeats cost no signature check. What must be quick, and comes from its maker itself, is taken by
the authentication code of its datagram, which is the maker's too: its signature is for those who
hear it from others (§5.1).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import Final

from nacl.signing import SigningKey, VerifyKey

from knell.node import wire
from knell.node.core import messages as ms
from knell.node.runtime import codec
from knell.node.runtime.keys import is_signed

_REMEMBERED: Final = 4096


class Proofs:
    """Signs and checks statements.

    Args:
        own: The node's private key.
        nodes: The public keys of all nodes.
        operators: The public keys of the operators.
    """

    def __init__(
        self, own: SigningKey, nodes: Mapping[str, VerifyKey], operators: Iterable[VerifyKey]
    ) -> None:
        self._own = own
        self._nodes = nodes
        self._operators = tuple(operators)
        self._signed: dict[ms.Statement, codec.Proved] = {}
        self._checked: OrderedDict[tuple[bytes, bytes], ms.Signed] = OrderedDict()

    def renew(self, nodes: Mapping[str, VerifyKey], operators: Iterable[VerifyKey]) -> None:
        """Take new keys; nothing that was checked by the old ones counts as checked."""
        self._nodes, self._operators = nodes, tuple(operators)
        self._checked.clear()

    def prove(self, signed: ms.Signed) -> codec.Proved:
        """The frame of a statement; an own one without a proof is signed."""
        if signed.proof:
            return codec.Proved(wire.encode(signed.statement), signed.proof)
        found = self._signed.get(signed.statement)
        if found is None:
            raw = wire.encode(signed.statement)
            found = codec.Proved(raw, self._own.sign(codec.SIGNING_PREFIX + raw).signature)
            self._signed[signed.statement] = found
        return found

    def check(self, frame: codec.Proved, sender: str | None = None) -> ms.Signed | None:
        """The statement of a frame, or None if its signature is not its maker's.

        Args:
            frame: The frame.
            sender: Who has sent it, in a datagram that is authentic.

        Raises:
            MalformedError: The frame holds no statement.
        """
        known = self._checked.get((frame.statement, frame.proof))
        if known is not None:
            return known
        statement = wire.decode(frame.statement)
        if isinstance(statement, ms.Distress | ms.Quiesced) and statement.node == sender:
            return ms.Signed(statement, frame.proof)
        data = codec.SIGNING_PREFIX + frame.statement
        if not any(is_signed(key, data, frame.proof) for key in self._makers(statement)):
            return None
        signed = ms.Signed(statement, frame.proof)
        self._checked[frame.statement, frame.proof] = signed
        if len(self._checked) > _REMEMBERED:
            self._checked.popitem(last=False)
        return signed

    def _makers(self, statement: ms.Statement) -> Iterable[VerifyKey]:
        """Whose signature a statement needs (§5.1)."""
        match statement:
            case ms.Fence() | ms.Bootstrap():
                return self._operators
            case ms.Distress() | ms.Quiesced() | ms.Announce():
                node = statement.node
            case ms.MemberGone():
                node = statement.member.node
            case ms.Promoted():
                node = statement.entry.node
            case ms.Lapsed():
                node = statement.maker.node
            case ms.Commit():
                node = statement.primary.node
        key = self._nodes.get(node)
        return () if key is None else (key,)
