------------------------------ MODULE QuorumVote ------------------------------

\* Nodes vote once; what a quorum votes for is decided, and nothing else.
\* Parameters: Node = 3, Value = 2.
\* Expected: 41 distinct states, depth 5.

EXTENDS Integers, FiniteSets

CONSTANTS node1, node2, node3

Node == {node1, node2, node3}

CONSTANTS value1, value2

Value == {value1, value2}

CONSTANTS q1, q2, q3

Quorum == {q1, q2, q3}

member == {<<node1, q1>>, <<node1, q2>>, <<node2, q1>>, <<node2, q3>>, <<node3,
    q2>>, <<node3, q3>>}

VARIABLES voted, vote, decided

vars == <<voted, vote, decided>>

\* Every variable holds a value of its type.
TypeOK ==
  /\ voted \in [Node -> BOOLEAN]
  /\ vote \in [Node \X Value -> BOOLEAN]
  /\ decided \in [Value -> BOOLEAN]

Init ==
  /\ voted = [x1 \in Node |-> FALSE]
  /\ vote = [x1 \in Node, x2 \in Value |-> FALSE]
  /\ decided = [x1 \in Value |-> FALSE]

Cast(n, v) ==
  /\ ~voted[n]  \* first
  /\ voted' = [voted EXCEPT ![n] = TRUE]
  /\ vote' = [vote EXCEPT ![n, v] = TRUE]
  /\ UNCHANGED <<decided>>

Decide(q, v) ==
  /\ (\A n \in Node : ((<<n, q>> \in member) => vote[n, v]))  \* agreed
  /\ decided' = [decided EXCEPT ![v] = TRUE]
  /\ UNCHANGED <<voted, vote>>

Next ==
  \/ \E n \in Node, v \in Value : Cast(n, v)
  \/ \E q \in Quorum, v \in Value : Decide(q, v)

\* Fairness is that of each instance of an action.
Spec ==
  /\ Init
  /\ [][Next]_vars

\* Where it is right that nothing happens any more.
Ended == ((\E v \in Value : decided[v]) \/ (\A n \in Node : voted[n]))

NoDeadlock == Ended \/ ENABLED Next

\* At most one value is decided.
OneDecision ==
  /\ (\A v \in Value, w \in Value : ((decided[v] /\ decided[w]) => (v = w)))  \* one_decision

ADecision ==
  /\ (\E v \in Value : decided[v])  \* a_decision

\* TLC shows the way to it by violating this.
NotReachedADecision == ~ADecision

===============================================================================
