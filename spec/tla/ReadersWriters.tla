---------------------------- MODULE ReadersWriters ----------------------------

\* Readers share a resource, writers have it alone, a queue is fair.
\* Parameters: N = 3.
\* Expected: 21527 distinct states, depth 13.

EXTENDS Integers, FiniteSets

CONSTANTS a1, a2, a3

Actor == {a1, a2, a3}

Kind == {"read", "write"}

VARIABLES reading, writing, waiting_length, waiting_0, waiting_1

vars == <<reading, writing, waiting_length, waiting_0, waiting_1>>

\* Every variable holds a value of its type.
TypeOK ==
  /\ reading \in [Actor -> BOOLEAN]
  /\ writing \in [Actor -> BOOLEAN]
  /\ waiting_length \in (0..6)
  /\ waiting_0 \in [(0..5) -> Kind]
  /\ waiting_1 \in [(0..5) -> Actor]

Init ==
  /\ reading = [x1 \in Actor |-> FALSE]
  /\ writing = [x1 \in Actor |-> FALSE]
  /\ waiting_length = 0
  /\ waiting_0 = [x1 \in (0..5) |-> "read"]
  /\ waiting_1 = [x1 \in (0..5) |-> a1]

Ask(k, a) ==
  /\ ~(\E position \in (0..5) : ((position < waiting_length) /\ ((waiting_0[position] = k) /\ (waiting_1[position] = a))))  \* not_waiting
  /\ waiting_0' = [waiting_0 EXCEPT ![waiting_length] = k]
  /\ waiting_1' = [waiting_1 EXCEPT ![waiting_length] = a]
  /\ waiting_length' = (waiting_length + 1)
  /\ UNCHANGED <<reading, writing>>

Read(a) ==
  /\ (((waiting_length # 0) /\ (waiting_0[0] = "read")) /\ (waiting_1[0] = a))  \* first
  /\ ~(\E a4 \in Actor : writing[a4])  \* no_writer
  /\ waiting_0' = [x1 \in (0..5) |->
       (IF ((x1 + 1) < waiting_length) THEN waiting_0[(x1 + 1)] ELSE "read")]
  /\ waiting_1' = [x1 \in (0..5) |->
       (IF ((x1 + 1) < waiting_length) THEN waiting_1[(x1 + 1)] ELSE a1)]
  /\ waiting_length' = (waiting_length - 1)
  /\ reading' = [reading EXCEPT ![a] = TRUE]
  /\ UNCHANGED <<writing>>

Write(a) ==
  /\ (((waiting_length # 0) /\ (waiting_0[0] = "write")) /\ (waiting_1[0] = a))  \* first
  /\ ~(\E a4 \in Actor : reading[a4])  \* no_reader
  /\ ~(\E a4 \in Actor : writing[a4])  \* no_writer
  /\ waiting_0' = [x1 \in (0..5) |->
       (IF ((x1 + 1) < waiting_length) THEN waiting_0[(x1 + 1)] ELSE "read")]
  /\ waiting_1' = [x1 \in (0..5) |->
       (IF ((x1 + 1) < waiting_length) THEN waiting_1[(x1 + 1)] ELSE a1)]
  /\ waiting_length' = (waiting_length - 1)
  /\ writing' = [writing EXCEPT ![a] = TRUE]
  /\ UNCHANGED <<reading>>

Stop(a) ==
  /\ (reading[a] \/ writing[a])  \* busy
  /\ reading' = [x1 \in Actor |->
       IF (reading[a] /\ (a = x1)) THEN FALSE
        ELSE reading[x1]]
  /\ writing' = [x1 \in Actor |->
       IF (~reading[a] /\ (a = x1)) THEN FALSE
        ELSE writing[x1]]
  /\ UNCHANGED <<waiting_length, waiting_0, waiting_1>>

Next ==
  \/ \E k \in Kind, a \in Actor : Ask(k, a)
  \/ \E a \in Actor : Read(a)
  \/ \E a \in Actor : Write(a)
  \/ \E a \in Actor : Stop(a)

\* Fairness is that of each instance of an action.
Spec ==
  /\ Init
  /\ [][Next]_vars
  /\ \A k \in Kind, a \in Actor : WF_vars(Ask(k, a))
  /\ \A a \in Actor : WF_vars(Read(a))
  /\ \A a \in Actor : WF_vars(Write(a))
  /\ \A a \in Actor : WF_vars(Stop(a))

WriterAlone ==
  /\ (~(\E a \in Actor : reading[a]) \/ ~(\E a \in Actor : writing[a]))  \* no_reader
  /\ (\A a \in Actor, b \in Actor : ((writing[a] /\ writing[b]) => (a = b)))  \* no_other

ReadsAgain ==
  /\ \A a \in Actor : ((TRUE) ~> (reading[a]))

WritesAgain ==
  /\ \A a \in Actor : ((TRUE) ~> (writing[a]))

StopsReading ==
  /\ \A a \in Actor : ((TRUE) ~> (~reading[a]))

StopsWriting ==
  /\ \A a \in Actor : ((TRUE) ~> (~writing[a]))

AWriter ==
  /\ (\E a \in Actor : writing[a])  \* a_writer

\* TLC shows the way to it by violating this.
NotReachedAWriter == ~AWriter

AllRead ==
  /\ (\A a \in Actor : reading[a])  \* all_read

\* TLC shows the way to it by violating this.
NotReachedAllRead == ~AllRead

===============================================================================
