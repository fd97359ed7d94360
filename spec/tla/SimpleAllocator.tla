---------------------------- MODULE SimpleAllocator ---------------------------

\* Clients ask for sets of resources and get them piece by piece.
\* Parameters: Client = 3, Resource = 2.
\* Expected: 400 distinct states, depth 6.

EXTENDS Integers, FiniteSets

CONSTANTS client1, client2, client3

Client == {client1, client2, client3}

CONSTANTS resource1, resource2

Resource == {resource1, resource2}

Some == {"resource1", "resource2", "resource1+resource2"}

has == {<<"resource1", resource1>>, <<"resource2", resource2>>,
    <<"resource1+resource2", resource1>>, <<"resource1+resource2", resource2>>}

VARIABLES unsatisfied, held

vars == <<unsatisfied, held>>

\* Every variable holds a value of its type.
TypeOK ==
  /\ unsatisfied \in [Client \X Resource -> BOOLEAN]
  /\ held \in [Client \X Resource -> BOOLEAN]

Init ==
  /\ unsatisfied = [x1 \in Client, x2 \in Resource |-> FALSE]
  /\ held = [x1 \in Client, x2 \in Resource |-> FALSE]

Ask(c, s) ==
  /\ ~(\E r \in Resource : unsatisfied[c, r])  \* satisfied
  /\ ~(\E r \in Resource : held[c, r])  \* empty_handed
  /\ unsatisfied' = [x1 \in Client, x2 \in Resource |->
       IF (c = x1) THEN (<<s, x2>> \in has)
        ELSE unsatisfied[x1, x2]]
  /\ UNCHANGED <<held>>

Grant(c, s) ==
  /\ (\A r \in Resource : ((<<s, r>> \in has) => unsatisfied[c, r]))  \* asked
  /\ (\A r \in Resource : ((<<s, r>> \in has) => ~(\E c2 \in Client : held[c2, r])))  \* free
  /\ unsatisfied' = [x1 \in Client, x2 \in Resource |->
       IF ((<<s, x2>> \in has) /\ (c = x1)) THEN FALSE
        ELSE unsatisfied[x1, x2]]
  /\ held' = [x1 \in Client, x2 \in Resource |->
       IF ((<<s, x2>> \in has) /\ (c = x1)) THEN TRUE
        ELSE held[x1, x2]]

GiveBack(c, s) ==
  /\ (\A r \in Resource : ((<<s, r>> \in has) => held[c, r]))  \* held
  /\ held' = [x1 \in Client, x2 \in Resource |->
       IF ((<<s, x2>> \in has) /\ (c = x1)) THEN FALSE
        ELSE held[x1, x2]]
  /\ UNCHANGED <<unsatisfied>>

Next ==
  \/ \E c \in Client, s \in Some : Ask(c, s)
  \/ \E c \in Client, s \in Some : Grant(c, s)
  \/ \E c \in Client, s \in Some : GiveBack(c, s)

\* Fairness is that of each instance of an action.
Spec ==
  /\ Init
  /\ [][Next]_vars
  /\ \A c \in Client, s \in Some : SF_vars(Grant(c, s))
  /\ \A c \in Client, s \in Some : WF_vars(GiveBack(c, s))

MutualExclusion ==
  /\ (\A c \in Client, d \in Client, r \in Resource : ((held[c, r] /\ held[d, r]) => (c = d)))  \* mutual_exclusion

GivesBack ==
  /\ \A c \in Client : ((~(\E r \in Resource : unsatisfied[c, r])) ~> (~(\E r \in Resource : held[c, r])))

Obtains ==
  /\ \A c \in Client, r \in Resource : ((unsatisfied[c, r]) ~> (held[c, r]))

SatisfiedAgain ==
  /\ \A c \in Client : ((TRUE) ~> (~(\E r \in Resource : unsatisfied[c, r])))

AGrant ==
  /\ (\E c \in Client : (\E r \in Resource : held[c, r]))  \* a_grant

\* TLC shows the way to it by violating this.
NotReachedAGrant == ~AGrant

===============================================================================
