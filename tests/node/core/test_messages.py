"""What makes two statements the same, and what they are about (§5.1)."""

import pytest

from knell.node.core import messages as ms
from knell.node.core.values import Entry, Epoch, Membership
from knell.spec.vocabulary import Cause

ONE, TWO = Entry(4, "n1", 3, 2, 7), Entry(6, "n2", 1, 1, 8)
N1 = Epoch("n1", 3)

TABLE: list[tuple[ms.Statement, str, tuple[str | int, ...], Epoch | None]] = [
    (ms.Distress("n1", 3, 7, Cause.OBJECT), "DISTRESS", ("n1", 3, 7), N1),
    (ms.Quiesced("n1", 3, 7, ("g1",)), "QUIESCED", ("n1", 3, 7), N1),
    (ms.MemberGone("g1", Membership("n1", 3, 2), 7), "MEMBER_GONE", ("g1", "n1", 3, 2, 7), N1),
    (ms.Promoted("g1", ONE), "PROMOTED", ("g1", 4, "n1", 3, 2, 7), N1),
    (ms.Fence("n1", 3), "FENCE", ("n1", 3), N1),
    (
        ms.Lapsed("n1", 3, Epoch("n2", 1), (ms.Lapse("g1", ONE, TWO), ms.Lapse("g2", ONE, TWO))),
        "LAPSED",
        ("n1", 3, "n2", 1, "g1", "g2"),
        N1,
    ),
    (ms.Announce("n1", 3, 7), "ANNOUNCE", ("n1", 3, 7), N1),
    (ms.Bootstrap("g1", (ONE,), TWO), "BOOTSTRAP", ("g1", 6, "n2", 1, 1, 8), None),
    (ms.Commit("g1", ONE, (ONE, TWO)), "COMMIT", ("g1", 4, "n1", 6), None),
]


@pytest.mark.parametrize(
    ("said", "kind", "subject", "about"), TABLE, ids=[kind for _, kind, _, _ in TABLE]
)
def test_what_a_statement_is(said, kind, subject, about):
    assert ms.key_of(said) == (kind, subject)
    assert ms.subject_of(said) == about


def test_nodes_of_all_versions_number_a_statement_alike():
    assert ms.number_of(ms.Key("DISTRESS", ("n1", 3, 7))) == 8665278810338094673
