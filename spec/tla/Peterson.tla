------------------------------- MODULE Peterson -------------------------------

\* Two processes share a critical section.
\* Expected: 42 distinct states, depth 11.

EXTENDS Integers, FiniteSets

CONSTANTS p1, p2

P == {p1, p2}

Label == {"idle", "wanting", "yielding", "waiting", "critical", "leaving"}

other == [x1 \in P |->
  CASE x1 = p1 -> p2
    [] x1 = p2 -> p1]

VARIABLES at, wants, turn

vars == <<at, wants, turn>>

\* Every variable holds a value of its type.
TypeOK ==
  /\ at \in [P -> Label]
  /\ wants \in [P -> BOOLEAN]
  /\ turn \in P

Init ==
  /\ at = [x1 \in P |-> "idle"]
  /\ wants = [x1 \in P |-> FALSE]
  /\ turn = p1

Start(p) ==
  /\ (at[p] = "idle")  \* idle
  /\ at' = [at EXCEPT ![p] = "wanting"]
  /\ UNCHANGED <<wants, turn>>

SaySo(p) ==
  /\ (at[p] = "wanting")  \* wanting
  /\ wants' = [wants EXCEPT ![p] = TRUE]
  /\ at' = [at EXCEPT ![p] = "yielding"]
  /\ UNCHANGED <<turn>>

GivePrecedence(p) ==
  /\ (at[p] = "yielding")  \* yielding
  /\ turn' = other[p]
  /\ at' = [at EXCEPT ![p] = "waiting"]
  /\ UNCHANGED <<wants>>

Enter(p) ==
  /\ (at[p] = "waiting")  \* waiting
  /\ (~wants[other[p]] \/ (turn = p))  \* may
  /\ at' = [at EXCEPT ![p] = "critical"]
  /\ UNCHANGED <<wants, turn>>

Finish(p) ==
  /\ (at[p] = "critical")  \* critical
  /\ at' = [at EXCEPT ![p] = "leaving"]
  /\ UNCHANGED <<wants, turn>>

Leave(p) ==
  /\ (at[p] = "leaving")  \* leaving
  /\ wants' = [wants EXCEPT ![p] = FALSE]
  /\ at' = [at EXCEPT ![p] = "idle"]
  /\ UNCHANGED <<turn>>

Next ==
  \/ \E p \in P : Start(p)
  \/ \E p \in P : SaySo(p)
  \/ \E p \in P : GivePrecedence(p)
  \/ \E p \in P : Enter(p)
  \/ \E p \in P : Finish(p)
  \/ \E p \in P : Leave(p)

\* Fairness is that of each instance of an action.
Spec ==
  /\ Init
  /\ [][Next]_vars
  /\ \A p \in P : WF_vars(SaySo(p))
  /\ \A p \in P : WF_vars(GivePrecedence(p))
  /\ \A p \in P : WF_vars(Enter(p))
  /\ \A p \in P : WF_vars(Finish(p))
  /\ \A p \in P : WF_vars(Leave(p))

MutualExclusion ==
  /\ ~(\A p \in P : ((at[p] = "critical") \/ (at[p] = "leaving")))  \* mutual_exclusion

\* The invariant that carries the proof.
Why ==
  /\ (\A p \in P : (wants[p] <=> ~((at[p] = "idle") \/ (at[p] = "wanting"))))  \* wish_is_known
  /\ (\A p \in P : (((at[p] = "critical") \/ (at[p] = "leaving")) => ((turn = p) \/ ((at[other[p]] = "idle") \/ (at[other[p]] = "wanting") \/ (at[other[p]] = "yielding")))))  \* other_held_off

WhoeverWantsEnters ==
  /\ \A p \in P : (((at[p] = "wanting")) ~> ((at[p] = "critical")))

SomeoneInside ==
  /\ (\E p \in P : ((at[p] = "critical") \/ (at[p] = "leaving")))  \* someone_inside

\* TLC shows the way to it by violating this.
NotReachedSomeoneInside == ~SomeoneInside

===============================================================================
