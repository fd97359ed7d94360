-------------------------------- MODULE Ewd840 --------------------------------

\* A token on a ring detects that a distributed computation has ended.
\* Parameters: N = 3.
\* Expected: 302 distinct states, depth 9.

EXTENDS Integers, FiniteSets

Color == {"white", "black"}

VARIABLES active, color, position, token

vars == <<active, color, position, token>>

\* Every variable holds a value of its type.
TypeOK ==
  /\ active \in [(0..2) -> BOOLEAN]
  /\ color \in [(0..2) -> Color]
  /\ position \in (0..2)
  /\ token \in Color

Init ==
  /\ active \in [(0..2) -> BOOLEAN]
  /\ color \in [(0..2) -> Color]
  /\ position \in (0..2)
  /\ token = "black"

StartRound ==
  /\ (position = 0)  \* at_0
  /\ ((token = "black") \/ (color[0] = "black"))  \* not_conclusive
  /\ position' = 2
  /\ token' = "white"
  /\ color' = [color EXCEPT ![0] = "white"]
  /\ UNCHANGED <<active>>

PassToken(i) ==
  /\ (0 < i)  \* not_0
  /\ (position = i)  \* has_token
  /\ ((~active[i] \/ (color[i] = "black")) \/ (token = "black"))  \* free_to_pass
  /\ position' = (i - 1)
  /\ token' = (IF (color[i] = "black") THEN "black" ELSE token)
  /\ color' = [color EXCEPT ![i] = "white"]
  /\ UNCHANGED <<active>>

Activate(i, j) ==
  /\ active[i]  \* active
  /\ (i # j)  \* another
  /\ active' = [active EXCEPT ![j] = TRUE]
  /\ color' = [x1 \in (0..2) |->
       IF ((i < j) /\ (i = x1)) THEN "black"
        ELSE color[x1]]
  /\ UNCHANGED <<position, token>>

BecomePassive(i) ==
  /\ active[i]  \* active
  /\ active' = [active EXCEPT ![i] = FALSE]
  /\ UNCHANGED <<color, position, token>>

Next ==
  \/ StartRound
  \/ \E i \in (0..2) : PassToken(i)
  \/ \E i \in (0..2), j \in (0..2) : Activate(i, j)
  \/ \E i \in (0..2) : BecomePassive(i)

\* Fairness is that of each instance of an action.
Spec ==
  /\ Init
  /\ [][Next]_vars
  /\ WF_vars(StartRound)
  /\ \A i \in (0..2) : WF_vars(PassToken(i))

\* Where it is right that nothing happens any more.
Ended == ((((position = 0) /\ (token = "white")) /\ (color[0] = "white")) /\ ~active[0])

NoDeadlock == Ended \/ ENABLED Next

DetectionIsRight ==
  /\ (((((position = 0) /\ (token = "white")) /\ (color[0] = "white")) /\ ~active[0]) => (\A i \in (0..2) : ~active[i]))  \* detection_is_right

\* Dijkstra's invariant: passed nodes are passive, or a node or the token
\* tells.
Why ==
  /\ ((\A i \in (0..2) : ((position < i) => ~active[i])) \/ (\E j \in (0..2) : ((j <= position) /\ (color[j] = "black"))) \/ (token = "black"))  \* why

TerminationIsDetected ==
  /\ (((\A i \in (0..2) : ~active[i])) ~> (((((position = 0) /\ (token = "white")) /\ (color[0] = "white")) /\ ~active[0])))

ADetection ==
  /\ ((((position = 0) /\ (token = "white")) /\ (color[0] = "white")) /\ ~active[0])  \* a_detection

\* TLC shows the way to it by violating this.
NotReachedADetection == ~ADetection

===============================================================================
