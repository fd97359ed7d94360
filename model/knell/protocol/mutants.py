"""Planted faults: one for each hazard that the model can express, and one for each property.

Each names the configuration that shows it and the properties that must tell it.
"""

from knell.language import Mutant


def _hazard(hazard: str, id: str, config: str, killed_by: str, about: str) -> Mutant:
    return Mutant(id, about, tuple(killed_by.split()), config, hazard)


def _fault(id: str, config: str, killed_by: str, about: str) -> Mutant:
    return Mutant(id, about, tuple(killed_by.split()), config)


MUTANTS: tuple[Mutant, ...] = (
    _hazard(
        "H1",
        "stop-releases-first",
        "planned-stop",
        "S2",
        "a planned stop declares the node quiesced before its members have stopped",
    ),
    _hazard(
        "H2",
        "gate-ignores-acts",
        "small",
        "S1 S2",
        "a member is cut off and its node quiesces while an act of it is still under way",
    ),
    _hazard(
        "H2",
        "lease-ignored-by-acts",
        "lease-acts",
        "S1",
        "an accepted act takes effect though the lease has run out meanwhile",
    ),
    _hazard(
        "H3",
        "first-only",
        "double-failure",
        "S2",
        "a backup waits for the release of the first entry; a later one need only be failing",
    ),
    _hazard(
        "H4",
        "left-means-released",
        "default",
        "S2",
        "DISTRESS alone releases what the failing node still holds",
    ),
    _hazard(
        "H5",
        "acts-after-gate",
        "default",
        "S1",
        "the engine accepts acts of an epoch whose gate is closed",
    ),
    _hazard(
        "H5",
        "gate-left-open",
        "default",
        "S1",
        "QUIESCED goes once members are warned, and the gate stays open until the end",
    ),
    _hazard(
        "H6",
        "leave-outranks-epoch",
        "two-epochs",
        "S4",
        "a late DISTRESS of an old epoch takes the new one out",
    ),
    _hazard(
        "H7",
        "partitioned-counts-as-failed",
        "default",
        "S9",
        "a peer that was partitioned is recorded as failed: its DISTRESS delivers no leave",
    ),
    _hazard(
        "H8",
        "transport-first",
        "default",
        "L2",
        "ending the transport throws away each signal that no peer has received yet",
    ),
    _hazard(
        "H9",
        "bounce-unseen",
        "two-epochs",
        "S5",
        "a new epoch replaces the old one in the view without a leave",
    ),
    _hazard(
        "H10",
        "ghost-admitted",
        "two-epochs",
        "S8",
        "a join admits an epoch whose DISTRESS was heard already",
    ),
    _hazard(
        "H11",
        "timeout-aborts",
        "default",
        "L1",
        "what follows the broadcast is not done if a peer did not acknowledge it",
    ),
    _hazard(
        "H12",
        "mark-survives-restart",
        "daemon",
        "S3 S15",
        "the mark of the last shutdown shuts the restarted node down again",
    ),
    _hazard(
        "H13",
        "forged-accepted",
        "default",
        "S6 S14",
        "a DISTRESS is believed without its origin's signature",
    ),
    _hazard(
        "H14",
        "no-deadline",
        "default",
        "L1",
        "the shutdown waits for a member that never answers",
    ),
    _hazard(
        "H15",
        "work-to-the-draining",
        "default",
        "S13",
        "work is routed to a node until it has quiesced",
    ),
    _hazard(
        "H16",
        "sentinel-spares-members",
        "default",
        "S2",
        "the engine is dead and the node is declared quiesced while its members run on",
    ),
    _hazard(
        "H16",
        "restart-spares-members",
        "daemon",
        "S2",
        "the daemon is dead, its members run on, and the next start leaves them alone",
    ),
    _hazard(
        "H17",
        "leave-misses-a-group",
        "default",
        "S7",
        "node leave never reaches the members of one group",
    ),
    _fault("quiesce-early", "default", "S2", "QUIESCED goes once members are warned, not out"),
    _fault(
        "gone-before-its-act",
        "members-acts",
        "S2",
        "MEMBER_GONE goes while an act of the member is still under way",
    ),
    _fault("leave-after-gone", "members", "S7", "a member that left already is left once more"),
    _fault("no-relay", "partition", "L2", "survivors do not pass on what they heard"),
    _fault(
        "ended-while-cut",
        "partition",
        "L2",
        "who was cut off while a node ended is told nothing of it once the network heals",
    ),
    _fault("silence-promotes", "default", "S2", "a backup is promoted past a silent entry"),
    _fault(
        "grants-without-a-member",
        "lease-members",
        "S2",
        "an entry grants leases though its member is gone and the next one is successor",
    ),
    _fault(
        "gated-counts-as-reaped",
        "members",
        "S2",
        "a process cut off from the engine only is declared surely dead",
    ),
    _fault(
        "latch-reopens", "default", "S3", "a second report starts a second shutdown of the node"
    ),
    _fault(
        "latch-at-member",
        "causes",
        "L1",
        "the latch closes where the member reports, so that a report to a dead CC blocks the rest",
    ),
    _fault(
        "latch-closes-late",
        "planned-stop",
        "S3 S10",
        "DISTRESS goes before the latch closes",
    ),
    _fault(
        "left-stays-in-view",
        "default",
        "S7 S13",
        "a node that was left stays in the view",
    ),
    _fault("leave-twice", "default", "S7", "a repeated DISTRESS delivers the node leave again"),
    _fault("latched-promotes", "double-failure", "S10", "a failing node is promoted"),
    _fault("order-ignored", "default", "S11", "a dependent group fails over before what it needs"),
    _fault(
        "primary-presumed",
        "default",
        "S11",
        "the entry after one that was left is taken for primary, without its PROMOTED",
    ),
    _fault(
        "promoter-peeks",
        "default",
        "S11",
        "a dependent group fails over before its node has heard of the primary that it needs",
    ),
    _fault(
        "gone-stays-primary",
        "members",
        "S11",
        "MEMBER_GONE of a primary leaves it the one that a dependent group relies on",
    ),
    _fault("member-unwarned", "default", "S12", "members are killed without the error message"),
    _fault("warned-member-reports", "default", "S12", "a notified member reports a failure"),
    _fault(
        "warned-stays-active",
        "default",
        "S12",
        "a member that was told that clustering is ending goes on as before",
    ),
    _fault("silence-is-failure", "default", "S14 S6", "lost heartbeats deliver a node leave"),
    _fault("end-at-once", "default", "S15", "clustering ends before the members are out"),
    _fault("any-error-is-fatal", "members", "S15", "an ordinary member failure ends the node"),
    _fault("never-promotes", "default", "L3", "no backup ever takes over"),
    _fault("sentinel-idle", "default", "L4", "nobody speaks for a node whose engine is dead"),
    _fault("cc-death-unseen", "causes", "L4", "the engine does not watch CC"),
    _fault("silence-unseen", "default", "L5", "a node that lost power is never missed"),
    _fault("newcomer-ignored", "two-epochs", "L6", "only the first primary admits returning nodes"),
    _fault(
        "primary-admits-alone",
        "two-epochs",
        "S2",
        "the primary commits an admission without the other entries",
    ),
    _fault(
        "list-unconfirmed",
        "two-epochs",
        "L6",
        "a new primary extends its list before the others accepted that list",
    ),
    _fault(
        "accepts-earlier-primary",
        "two-epochs",
        "S2",
        "an entry accepts the proposal of a primary that has been superseded",
    ),
    _fault(
        "own-list-suffices",
        "cold-start",
        "S2",
        "a group starts from the list that one node stored, which may be out of date",
    ),
    _fault(
        "anybody-founds",
        "cold-start",
        "S2",
        "any returned node may found the group, not the last primary's alone",
    ),
    _fault(
        "given-up-yet-learnt",
        "cold-start",
        "S2",
        "a node that gave an entry up learns the COMMIT of that entry after all",
    ),
    _fault("fence-lies", "fence", "S2", "an operator fences an epoch that still runs"),
    _fault("lapse-at-once", "lease", "S2", "the successor announces LAPSED without waiting"),
    _fault(
        "lapse-of-another",
        "lease",
        "S2",
        "a backup trusts the wait of the node that announced LAPSED, and may grant meanwhile",
    ),
    _fault(
        "lapses-in-a-chain",
        "lease",
        "S2",
        "LAPSED releases the entry for everybody, so that the next successor may lapse as well",
    ),
    _fault(
        "lease-from-receipt",
        "lease",
        "S2",
        "a lease is counted from the receipt of the acknowledgement",
    ),
    _fault(
        "lapsed-lets-nobody-pass",
        "lease",
        "L3 S2_lapsed",
        "a successor that has outwaited the lease is not promoted",
    ),
    _fault(
        "grant-renews-nothing",
        "lease",
        "S2_granted",
        "an acknowledgement does not extend the lease",
    ),
    _fault(
        "lapses-the-healthy",
        "lease",
        "lapses",
        "a successor stops granting to an entry that it hears, and lapses it",
    ),
    _fault(
        "waits-too-early",
        "lease",
        "S2",
        "the wait begins before the waiting entry is the direct successor",
    ),
)
