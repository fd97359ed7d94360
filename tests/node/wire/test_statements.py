"""Statements as bytes: one encoding each, a frozen layout for two, and nothing else is taken."""

import random
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from knell.node.core import messages as ms
from knell.node.core.values import Entry, Epoch
from knell.node.wire import LARGEST_STATEMENT, MalformedError, decode, encode
from knell.node.wire.statements import CAUSES
from knell.spec.vocabulary import Cause
from tests.node.wire.strategies import statements

EPOCH, INCARNATION = bytes(7) + b"\x03", bytes(7) + b"\x07"


@given(statements)
def test_what_was_encoded_is_decoded(statement):
    raw = encode(statement)
    assert decode(raw) == statement
    assert encode(decode(raw)) == raw


def test_the_frozen_layouts():
    """These bytes are the same in every version; never change this test."""
    head = b"n1" + EPOCH + INCARNATION
    assert encode(ms.Distress("n1", 3, 7, Cause.OBJECT)) == b"\xc1D\x02" + head + b"\x05"
    assert encode(ms.Quiesced("n1", 3, 7)) == b"\xc1Q\x02" + head + b"\x00"
    gated = encode(ms.Quiesced("n1", 3, 7, ("db", "web")))
    assert gated == b"\xc1Q\x02" + head + b"\x02\x02db\x03web"


def test_the_numbers_of_the_causes():
    """As above: a new cause goes to the end."""
    assert [cause.value for cause in CAUSES] == [
        "communication",
        "protocol",
        "name_server",
        "cluster_control",
        "monitor",
        "object",
        "engine",
        "sentinel",
        "member",
        "planned_stop",
        "left_elsewhere",
    ]
    assert set(CAUSES) == set(Cause)


@given(st.binary(max_size=200))
@example(b"")
@example(b"\xc1")
@example(b"\xc1D")
@example(b"\xc1D\x00" + EPOCH + INCARNATION + b"\x00")
@example(b"\xc1D\x02n1" + b"\xff" * 16 + b"\x00")
@example(b"\xc1D\x02n1" + EPOCH + INCARNATION + b"\x0b")
@example(b"\xc1D\x02n1" + EPOCH + INCARNATION + b"\x00\x00")
@example(b"\xc1Q\x02n1" + EPOCH + INCARNATION + b"\x01")
@example(b"\x94\xa8DISTRESS\xa2n1\x03\x07")
def test_anything_else_is_malformed(raw):
    try:
        statement = decode(raw)
    except MalformedError:
        return
    assert encode(statement) == raw


@given(statements, st.randoms(use_true_random=False))
@settings(max_examples=300)
def test_a_damaged_statement_is_malformed_or_another_one(statement, chance):
    raw = bytearray(encode(statement))
    for _ in range(chance.randrange(1, 4)):
        raw[chance.randrange(len(raw))] ^= 1 << chance.randrange(8)
    try:
        found = decode(bytes(raw))
    except MalformedError:
        return
    assert encode(found) == raw


@given(statements, st.data())
def test_a_cut_or_extended_statement_is_malformed(statement, data):
    raw = encode(statement)
    cut = data.draw(st.integers(0, len(raw) - 1))
    for broken in (raw[:cut], raw + b"\x00"):
        with pytest.raises(MalformedError):
            decode(broken)


def test_too_many_or_too_large_are_malformed():
    entry = Entry(2**62, "n" * 63, 2**62, 2**62, 2**62)
    most = ms.Commit("g" * 63, entry, (entry,) * 256)
    assert decode(encode(most)) == most
    assert len(encode(most)) < LARGEST_STATEMENT
    more = ms.Commit("g" * 63, entry, (entry,) * 257)
    for raw in (encode(more), b"\x91" * 40_000, bytes(LARGEST_STATEMENT + 1)):
        with pytest.raises(MalformedError):
            decode(raw)


def test_many_damaged_frames():
    chance = random.Random(1)  # noqa: S311 # repeatable
    entry = Entry(1, "n1", 1, 1, 1)
    seeds = [
        encode(ms.Distress("n1", 3, 7, Cause.ENGINE)),
        encode(ms.Quiesced("n1", 3, 7, ("db",))),
        encode(ms.Commit("db", entry, (entry, entry))),
        encode(ms.Lapsed("n1", 1, Epoch("n2", 1), (ms.Lapse("db", entry, entry),))),
    ]
    taken = 0
    for _ in range(30_000):
        raw = bytearray(chance.choice(seeds))
        for _ in range(chance.randrange(1, 5)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        with suppress(MalformedError):
            taken += encode(decode(bytes(raw))) == raw
    assert 0 < taken < 20_000
