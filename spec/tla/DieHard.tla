-------------------------------- MODULE DieHard -------------------------------

\* Measure 4 gallons with two jugs: the counterexample is the solution.
\* Expected: 16 distinct states, depth 8.

EXTENDS Integers, FiniteSets

VARIABLES small, big

vars == <<small, big>>

\* Every variable holds a value of its type.
TypeOK ==
  /\ small \in (0..3)
  /\ big \in (0..5)

Init ==
  /\ small = 0
  /\ big = 0

FillSmall ==
  /\ small' = 3
  /\ UNCHANGED <<big>>

FillBig ==
  /\ big' = 5
  /\ UNCHANGED <<small>>

EmptySmall ==
  /\ small' = 0
  /\ UNCHANGED <<big>>

EmptyBig ==
  /\ big' = 0
  /\ UNCHANGED <<small>>

SmallToBig ==
  /\ big' = (IF ((small + big) <= 5) THEN (small + big) ELSE 5)
  /\ small' = (IF ((small + big) <= 5) THEN 0 ELSE ((small + big) - 5))

BigToSmall ==
  /\ small' = (IF ((small + big) <= 3) THEN (small + big) ELSE 3)
  /\ big' = (IF ((small + big) <= 3) THEN 0 ELSE ((small + big) - 3))

Next ==
  \/ FillSmall
  \/ FillBig
  \/ EmptySmall
  \/ EmptyBig
  \/ SmallToBig
  \/ BigToSmall

\* Fairness is that of each instance of an action.
Spec ==
  /\ Init
  /\ [][Next]_vars

\* The big jug never holds 4 gallons; a counterexample solves the puzzle.
NotFour ==
  /\ (big # 4)  \* not_four

Solved ==
  /\ (big = 4)  \* solved

\* TLC shows the way to it by violating this.
NotReachedSolved == ~Solved

===============================================================================
