--------------------------- MODULE TransactionCommit --------------------------

\* Resource managers that see each other commit or abort together.
\* Parameters: RM = 3.
\* Expected: 34 distinct states, depth 7.

EXTENDS Integers, FiniteSets

CONSTANTS rm1, rm2, rm3

RM == {rm1, rm2, rm3}

Phase == {"working", "prepared", "committed", "aborted"}

VARIABLES phase

vars == <<phase>>

\* Every variable holds a value of its type.
TypeOK ==
  /\ phase \in [RM -> Phase]

Init ==
  /\ phase = [x1 \in RM |-> "working"]

Prepare(r) ==
  /\ (phase[r] = "working")  \* working
  /\ phase' = [phase EXCEPT ![r] = "prepared"]

Commit(r) ==
  /\ (phase[r] = "prepared")  \* prepared
  /\ (\A q \in RM : ((phase[q] = "prepared") \/ (phase[q] = "committed")))  \* all_ready
  /\ phase' = [phase EXCEPT ![r] = "committed"]

Abort(r) ==
  /\ ((phase[r] = "working") \/ (phase[r] = "prepared"))  \* unsettled
  /\ (\A q \in RM : (phase[q] # "committed"))  \* none_committed
  /\ phase' = [phase EXCEPT ![r] = "aborted"]

Next ==
  \/ \E r \in RM : Prepare(r)
  \/ \E r \in RM : Commit(r)
  \/ \E r \in RM : Abort(r)

\* Fairness is that of each instance of an action.
Spec ==
  /\ Init
  /\ [][Next]_vars

\* Where it is right that nothing happens any more.
Ended == (\A r \in RM : ((phase[r] = "committed") \/ (phase[r] = "aborted")))

NoDeadlock == Ended \/ ENABLED Next

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
