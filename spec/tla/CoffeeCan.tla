------------------------------- MODULE CoffeeCan ------------------------------

\* Beans are taken out until one is left; its colour is known before.
\* Parameters: M = 100.
\* Expected: 5150 distinct states, depth 1.

EXTENDS Integers, FiniteSets

VARIABLES black, white

vars == <<black, white>>

\* Every variable holds a value of its type.
TypeOK ==
  /\ black \in (0..100)
  /\ white \in (0..100)

Init ==
  /\ black \in (0..100)
  /\ white \in (0..100)
  /\ (1 <= (black + white))  \* some
  /\ ((black + white) <= 100)  \* not_too_many

TakeTwoBlack ==
  /\ (2 <= black)  \* two_black
  /\ black' = (black - 1)
  /\ UNCHANGED <<white>>

TakeTwoWhite ==
  /\ (2 <= white)  \* two_white
  /\ white' = (white - 2)
  /\ black' = (black + 1)

TakeOneOfEach ==
  /\ (1 <= black)  \* black
  /\ (1 <= white)  \* white
  /\ black' = (black - 1)
  /\ UNCHANGED <<white>>

Rest ==
  /\ ((black + white) = 1)  \* one_left
  /\ UNCHANGED <<black, white>>

Next ==
  \/ TakeTwoBlack
  \/ TakeTwoWhite
  \/ TakeOneOfEach
  \/ Rest

\* Fairness is that of each instance of an action.
Spec ==
  /\ Init
  /\ [][Next]_vars
  /\ WF_vars(TakeTwoBlack)
  /\ WF_vars(TakeTwoWhite)
  /\ WF_vars(TakeOneOfEach)

Fewer ==
  /\ [][((1 < (black + white)) => ((black' + white') < (black + white)))]_vars  \* fewer

ParityStays ==
  /\ [][(((white % 2) = 0) <=> ((white' % 2) = 0))]_vars  \* parity_stays

OneLeft ==
  /\ ((TRUE) ~> (((black + white) = 1)))

EvenEndsBlack ==
  /\ ((((white % 2) = 0)) ~> (((black = 1) /\ (white = 0))))

OddEndsWhite ==
  /\ ((((white % 2) # 0)) ~> (((black = 0) /\ (white = 1))))

Odd ==
  /\ ((white % 2) # 0)  \* odd

\* TLC shows the way to it by violating this.
NotReachedOdd == ~Odd

===============================================================================
