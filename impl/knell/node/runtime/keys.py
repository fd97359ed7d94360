"""Keys: Ed25519 signatures of nodes and operators, and a secret for each pair of nodes.

The secret of a pair follows from the two nodes' own keys (X25519 on the same curve), so it needs
no exchange. It authenticates datagrams cheaply, before any signature is looked at; from it and
two fresh nonces each session derives keys of its own.
"""

from __future__ import annotations

import os
import stat
from hashlib import blake2b
from pathlib import Path
from typing import Final

from nacl.bindings import crypto_scalarmult
from nacl.exceptions import BadSignatureError, CryptoError
from nacl.signing import SigningKey, VerifyKey

from knell.spec.errors import KnellError

MAC_SIZE: Final = 16


def make_key(path: Path) -> str:
    """Write a new private key, readable by its owner only; return the public key in hex."""
    key = SigningKey.generate()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise KnellError(
            "exists already", place=str(path), mend="name a new file; keys are never overwritten"
        ) from None
    except OSError as error:
        raise KnellError(
            f"cannot be written: {error.strerror}", place=str(path), mend="name another place"
        ) from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(bytes(key).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return bytes(key.verify_key).hex()


def read_key(path: Path) -> SigningKey:
    """Read a private key; a file that others can read is refused."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        text = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise KnellError(
            "cannot be read as a key", place=str(path), mend="make one with 'knell keygen'"
        ) from None
    if mode & 0o077:
        raise KnellError("is readable by others", place=str(path), mend=f"run chmod 600 {path}")
    try:
        return SigningKey(bytes.fromhex(text.strip()))
    except (ValueError, CryptoError):
        raise KnellError(
            "holds no key", place=str(path), mend="make one with 'knell keygen'"
        ) from None


def public_key(text: str, place: str) -> VerifyKey:
    """Read a public key in hex."""
    try:
        key = VerifyKey(bytes.fromhex(text))
        key.to_curve25519_public_key()
    except (ValueError, CryptoError, RuntimeError):
        raise KnellError(
            "is no public key", place=place, mend="copy the 64 hex digits that 'knell keygen' shows"
        ) from None
    return key


def pair_secret(own: SigningKey, other: VerifyKey) -> bytes:
    """The secret that only these two nodes can know."""
    shared = crypto_scalarmult(
        bytes(own.to_curve25519_private_key()), bytes(other.to_curve25519_public_key())
    )
    return blake2b(shared, digest_size=32, person=b"knell pair").digest()


def derive(secret: bytes, *parts: str | bytes) -> bytes:
    """A key for one use, from a secret and what names the use."""
    state = blake2b(key=secret, digest_size=32)
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        state.update(len(raw).to_bytes(4) + raw)
    return state.digest()


def mac(key: bytes, data: bytes) -> bytes:
    """The authentication code of a datagram."""
    return blake2b(data, key=key, digest_size=MAC_SIZE).digest()


def is_signed(key: VerifyKey, data: bytes, signature: bytes) -> bool:
    """Whether a signature is genuine."""
    try:
        key.verify(data, signature)
    except (BadSignatureError, CryptoError, ValueError, TypeError):
        return False
    return True
