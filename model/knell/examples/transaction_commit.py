"""Transaction commit: what it means to commit together, before any protocol does it.

Each resource manager looks at all the others at once, as no real one can: it commits when all
are prepared or have committed, and aborts while none has committed.

Source: TCommit in the TLA+ Examples, after Gray and Lamport, "Consensus on Transaction Commit".
"""

from knell.language import Model, exists, forall, require

m = Model("transaction-commit", "Resource managers that see each other commit or abort together.")
RM = m.sort("RM", size=3)  # the resource managers; interchangeable
Phase = m.enum("Phase", "working", "prepared", "committed", "aborted")

phase = m.var("phase", RM, to=Phase, init="working")  # where each resource manager is


@m.action
def prepare(r: RM):
    require(working=phase[r] == "working")
    phase[r] = "prepared"


@m.action
def commit(r: RM):
    require(
        prepared=phase[r] == "prepared",
        all_ready=forall(RM, lambda q: phase[q].is_in("prepared", "committed")),
    )
    phase[r] = "committed"


@m.action
def abort(r: RM):
    require(
        unsettled=phase[r].is_in("working", "prepared"),
        none_committed=forall(RM, lambda q: phase[q] != "committed"),
    )
    phase[r] = "aborted"


m.ends(forall(RM, lambda r: phase[r].is_in("committed", "aborted")))

m.always(
    "agreement",
    forall(RM, RM, lambda a, b: ~((phase[a] == "committed") & (phase[b] == "aborted"))),
    about="No resource manager commits what another aborts.",
    witness="a_commit",
)
m.reachable("a_commit", exists(RM, lambda r: phase[r] == "committed"))
m.reachable("an_abort", exists(RM, lambda r: phase[r] == "aborted"))
