"""Two-phase commit: a manager and the resource managers decide together about a transaction.

Each resource manager prepares, or aborts on its own. The transaction manager may commit once it
has heard that all of them are prepared, and abort at any time before. Its decision is final, and
the resource managers follow it.

A message is never removed: receiving it late, twice or not at all is receiving it when it suits
the environment. So loss, delay and duplication need no actions of their own. The manager's
decision is its own message to all.

Source: TwoPhase in the TLA+ Examples, after Gray and Lamport, "Consensus on Transaction Commit".
The transaction-commit example states what this protocol implements.
"""

from knell.language import Model, exists, forall, implies, require

m = Model("two-phase-commit", "A manager and its resource managers commit or abort together.")
RM = m.sort("RM", size=3)  # the resource managers; interchangeable
Phase = m.enum("Phase", "working", "prepared", "committed", "aborted")
Decision = m.enum("Decision", "none", "commit", "abort")

phase = m.var("phase", RM, to=Phase, init="working")  # where each resource manager is
decision = m.scalar("decision", to=Decision, init="none")  # the manager's, known to all
promised = m.rel("promised", RM)  # messages "I am prepared", one from each resource manager
heard = m.rel("heard", RM)  # those that the manager has received


@m.action
def prepare(r: RM):
    require(working=phase[r] == "working")
    phase[r] = "prepared"
    promised[r] = True


@m.action
def abort_alone(r: RM):
    require(working=phase[r] == "working")
    phase[r] = "aborted"


@m.action
def hear(r: RM):
    require(undecided=decision == "none", promised=promised[r])
    heard[r] = True


@m.action
def decide_commit():
    require(undecided=decision == "none", all_heard=forall(RM, lambda r: heard[r]))
    decision.set("commit")


@m.action
def decide_abort():
    require(undecided=decision == "none")
    decision.set("abort")


@m.action
def commit(r: RM):
    require(decided=decision == "commit")
    phase[r] = "committed"


@m.action
def abort(r: RM):
    require(decided=decision == "abort")
    phase[r] = "aborted"


m.always(
    "agreement",
    forall(RM, RM, lambda a, b: ~((phase[a] == "committed") & (phase[b] == "aborted"))),
    about="No resource manager commits what another aborts.",
    witness="a_commit",
)
m.reachable("a_commit", exists(RM, lambda r: phase[r] == "committed"))
m.reachable("an_abort", exists(RM, lambda r: phase[r] == "aborted"))

# What carries the proof of agreement for any number of resource managers: `knell prove`.
m.invariant("heard_was_sent", forall(RM, lambda r: implies(heard[r], promised[r])))
m.invariant(
    "promised_is_not_working", forall(RM, lambda r: ~(promised[r] & (phase[r] == "working")))
)
m.invariant(
    "promised_aborts_by_decision",
    forall(RM, lambda r: implies(promised[r] & (phase[r] == "aborted"), decision == "abort")),
)
m.invariant("commit_is_promised", forall(RM, lambda r: implies(decision == "commit", promised[r])))
m.invariant(
    "committed_by_decision",
    forall(RM, lambda r: implies(phase[r] == "committed", decision == "commit")),
)
