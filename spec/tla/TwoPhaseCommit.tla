---------------------------- MODULE TwoPhaseCommit ----------------------------

\* A manager and its resource managers commit or abort together.
\* Parameters: RM = 3.
\* Expected: 288 distinct states, depth 11.

EXTENDS Integers, FiniteSets

CONSTANTS rm1, rm2, rm3

RM == {rm1, rm2, rm3}

Phase == {"working", "prepared", "committed", "aborted"}

Decision == {"none", "commit", "abort"}

VARIABLES phase, decision, promised, heard

vars == <<phase, decision, promised, heard>>

\* Every variable holds a value of its type.
TypeOK ==
  /\ phase \in [RM -> Phase]
  /\ decision \in Decision
  /\ promised \in [RM -> BOOLEAN]
  /\ heard \in [RM -> BOOLEAN]

Init ==
  /\ phase = [x1 \in RM |-> "working"]
  /\ decision = "none"
  /\ promised = [x1 \in RM |-> FALSE]
  /\ heard = [x1 \in RM |-> FALSE]

Prepare(r) ==
  /\ (phase[r] = "working")  \* working
  /\ phase' = [phase EXCEPT ![r] = "prepared"]
  /\ promised' = [promised EXCEPT ![r] = TRUE]
  /\ UNCHANGED <<decision, heard>>

AbortAlone(r) ==
  /\ (phase[r] = "working")  \* working
  /\ phase' = [phase EXCEPT ![r] = "aborted"]
  /\ UNCHANGED <<decision, promised, heard>>

Hear(r) ==
  /\ (decision = "none")  \* undecided
  /\ promised[r]  \* promised
  /\ heard' = [heard EXCEPT ![r] = TRUE]
  /\ UNCHANGED <<phase, decision, promised>>

DecideCommit ==
  /\ (decision = "none")  \* undecided
  /\ (\A r \in RM : heard[r])  \* all_heard
  /\ decision' = "commit"
  /\ UNCHANGED <<phase, promised, heard>>

DecideAbort ==
  /\ (decision = "none")  \* undecided
  /\ decision' = "abort"
  /\ UNCHANGED <<phase, promised, heard>>

Commit(r) ==
  /\ (decision = "commit")  \* decided
  /\ phase' = [phase EXCEPT ![r] = "committed"]
  /\ UNCHANGED <<decision, promised, heard>>

Abort(r) ==
  /\ (decision = "abort")  \* decided
  /\ phase' = [phase EXCEPT ![r] = "aborted"]
  /\ UNCHANGED <<decision, promised, heard>>

Next ==
  \/ \E r \in RM : Prepare(r)
  \/ \E r \in RM : AbortAlone(r)
  \/ \E r \in RM : Hear(r)
  \/ DecideCommit
  \/ DecideAbort
  \/ \E r \in RM : Commit(r)
  \/ \E r \in RM : Abort(r)

\* Fairness is that of each instance of an action.
Spec ==
  /\ Init
  /\ [][Next]_vars

\* No resource manager commits what another aborts.
Agreement ==
  /\ (\A a \in RM, b \in RM : ~((phase[a] = "committed") /\ (phase[b] = "aborted")))  \* agreement

ACommit ==
  /\ (\E r \in RM : (phase[r] = "committed"))  \* a_commit

\* TLC shows the way to it by violating this.
NotReachedACommit == ~ACommit

AnAbort ==
  /\ (\E r \in RM : (phase[r] = "aborted"))  \* an_abort

\* TLC shows the way to it by violating this.
NotReachedAnAbort == ~AnAbort

===============================================================================
