"""Statements of every kind, as a node could make them."""

from hypothesis import strategies as st

from knell.node.core import messages as ms
from knell.node.core.values import Entry, Epoch, Membership
from knell.spec.vocabulary import Cause

counts = st.integers(0, 2**63 - 1)
names = st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,62}\Z").map(lambda text: text.rstrip("\n"))
entries = st.builds(Entry, counts, names, counts, counts, counts)
lists = st.lists(entries, max_size=6).map(tuple)
lapses = st.lists(st.builds(ms.Lapse, names, entries, entries), max_size=3).map(tuple)

statements = st.one_of(
    st.builds(ms.Distress, names, counts, counts, st.sampled_from(Cause)),
    st.builds(ms.Quiesced, names, counts, counts, st.lists(names, max_size=5).map(tuple)),
    st.builds(ms.MemberGone, names, st.builds(Membership, names, counts, counts), counts),
    st.builds(ms.Promoted, names, entries),
    st.builds(ms.Fence, names, counts),
    st.builds(ms.Lapsed, names, counts, st.builds(Epoch, names, counts), lapses),
    st.builds(ms.Announce, names, counts, counts),
    st.builds(ms.Bootstrap, names, lists, entries),
    st.builds(ms.Commit, names, entries, lists),
)
