"""Statements as bytes: what is signed, what travels, and what is refused.

`statements` is all there is: `encode` and `decode`. DISTRESS and QUIESCED have a layout that is
frozen for all versions, so that nodes of different versions understand each other when it
matters most; the rest is MessagePack. A statement has exactly one encoding, so whoever relays one
may encode it anew and the signature still holds.
"""

from knell.node.wire.statements import LARGEST_STATEMENT, MalformedError, decode, encode

__all__ = ["LARGEST_STATEMENT", "MalformedError", "decode", "encode"]
