"""What a replay has covered, and what it leaves out on request."""

from collections import Counter

from knell.conformance.adapter.taking import _meant
from knell.conformance.replay.coverage import Coverage
from knell.conformance.replay.divergence import Divergence


def test_only_some_actions_hides_no_difference_at_reset():
    """An adapter that says nothing at reset was inconclusive, without a reason."""
    found = [
        Divergence(name, (), (), enabled=True, findings=())
        for name in ("reset/a", "act/b", "quiesce/c")
    ]
    coverage = Coverage(
        model=5, supported=5, by_action=Counter(act=2, quiesce=3), divergences=found
    )
    coverage.keep_only(("act",))
    assert coverage.model == 2
    assert [each.id for each in coverage.divergences] == ["reset/a", "act/b"]


def test_a_misspelt_name_is_guessed_only_from_names_that_are_none():
    assert _meant("detect_by_cc", {"detect_by_cx"}) == "; it says 'detect_by_cx'"
    assert _meant("hear_commit", set()) == ""
