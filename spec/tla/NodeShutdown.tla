----------------------------- MODULE NodeShutdown -----------------------------

\* how a failing node shuts itself down, and what its peers make of it
\* Configuration small. Parameters: nodes = 2, groups = 1, members = 0,
\* returning = 0, placement = same, dependent = True, signals = 2, failures =
\* 1, causes = one, components = all, crashes = 1, heartbeat_losses = 1, stops
\* = 0, member_failures = 0, goodbyes = True, critical = False, unkillable =
\* False, tokens = False, acts = True, coarse = False, isolations = 0, fences =
\* False, cold_starts = False, leases = False.
\* Expected: 3570 distinct states, depth 13.

EXTENDS Integers, FiniteSets

CONSTANTS n1, n2

Inc == {n1, n2}

CONSTANTS g1

Group == {g1}

Phase == {"absent", "active", "failing", "quiesced", "ended", "crashed"}

MemberState == {"absent", "active", "notified", "gated", "gone"}

Cause == {"fault"}

Kind == {"none", "fault", "cc", "names", "monitor", "engine", "sentinel", "member", "stop", "left"}

Times == {"never", "once", "twice"}

Component == {"cc", "names", "monitor", "engine", "sentinel"}

older == {}

hosts == {<<n1, g1>>, <<n2, g1>>}

founds == {<<n1, g1>>, <<n2, g1>>}

first == {<<n1, g1>>}

founded_before == {<<n2, g1, n1>>}

depends == {}

has_tokens == {}

is_critical == {}

VARIABLES phase, member, primary, fatal, dead, reported, reporter, warned,
    rounds, acting, distress, quiesced, reaped, member_gone, announced,
    promoted, view, heard, heard_release, left, released, heard_gone, leaves,
    partitioned, knows_primary, failures_left, crashes_left,
    heartbeat_losses_left

vars == <<phase, member, primary, fatal, dead, reported, reporter, warned,
    rounds, acting, distress, quiesced, reaped, member_gone, announced,
    promoted, view, heard, heard_release, left, released, heard_gone, leaves,
    partitioned, knows_primary, failures_left, crashes_left,
    heartbeat_losses_left>>

\* Every variable holds a value of its type.
TypeOK ==
  /\ phase \in [Inc -> Phase]
  /\ member \in [Inc \X Group -> MemberState]
  /\ primary \in [Inc \X Group -> BOOLEAN]
  /\ fatal \in [Inc \X Cause -> BOOLEAN]
  /\ dead \in [Inc \X Component -> BOOLEAN]
  /\ reported \in [Inc \X Group \X Cause -> BOOLEAN]
  /\ reporter \in [Inc \X Group -> BOOLEAN]
  /\ warned \in [Inc \X Group -> BOOLEAN]
  /\ rounds \in [Inc -> Times]
  /\ acting \in [Inc \X Group -> BOOLEAN]
  /\ distress \in [Inc -> BOOLEAN]
  /\ quiesced \in [Inc -> BOOLEAN]
  /\ reaped \in [Inc \X Group -> BOOLEAN]
  /\ member_gone \in [Inc \X Group -> BOOLEAN]
  /\ announced \in [Inc -> BOOLEAN]
  /\ promoted \in [Inc \X Group -> BOOLEAN]
  /\ view \in [Inc \X Inc -> BOOLEAN]
  /\ heard \in [Inc \X Inc -> BOOLEAN]
  /\ heard_release \in [Inc \X Inc -> BOOLEAN]
  /\ left \in [Inc \X Inc -> BOOLEAN]
  /\ released \in [Inc \X Group \X Inc -> BOOLEAN]
  /\ heard_gone \in [Inc \X Group \X Inc -> BOOLEAN]
  /\ leaves \in [Inc \X Group \X Inc -> Times]
  /\ partitioned \in [Inc \X Inc -> BOOLEAN]
  /\ knows_primary \in [Inc \X Group \X Inc -> BOOLEAN]
  /\ failures_left \in (0..1)
  /\ crashes_left \in (0..1)
  /\ heartbeat_losses_left \in (0..1)

Init ==
  /\ phase = [i \in Inc |-> (IF (\E k \in Inc : (<<k, i>> \in older)) THEN "absent" ELSE "active")]
  /\ member = [i \in Inc, g \in Group |-> (IF (<<i, g>> \in founds) THEN "active" ELSE "absent")]
  /\ primary = [i \in Inc, g \in Group |-> (<<i, g>> \in first)]
  /\ fatal = [x1 \in Inc, x2 \in Cause |-> FALSE]
  /\ dead = [x1 \in Inc, x2 \in Component |-> FALSE]
  /\ reported = [x1 \in Inc, x2 \in Group, x3 \in Cause |-> FALSE]
  /\ reporter = [x1 \in Inc, x2 \in Group |-> FALSE]
  /\ warned = [x1 \in Inc, x2 \in Group |-> FALSE]
  /\ rounds = [x1 \in Inc |-> "never"]
  /\ acting = [x1 \in Inc, x2 \in Group |-> FALSE]
  /\ distress = [x1 \in Inc |-> FALSE]
  /\ quiesced = [x1 \in Inc |-> FALSE]
  /\ reaped = [x1 \in Inc, x2 \in Group |-> FALSE]
  /\ member_gone = [x1 \in Inc, x2 \in Group |-> FALSE]
  /\ announced = [i \in Inc |-> ~(\E k \in Inc : (<<k, i>> \in older))]
  /\ promoted = [i \in Inc, g \in Group |-> (<<i, g>> \in first)]
  /\ view = [o \in Inc, i \in Inc |-> (~(\E k \in Inc : (<<k, o>> \in older)) /\ ~(\E k \in Inc : (<<k, i>> \in older)))]
  /\ heard = [x1 \in Inc, x2 \in Inc |-> FALSE]
  /\ heard_release = [x1 \in Inc, x2 \in Inc |-> FALSE]
  /\ left = [x1 \in Inc, x2 \in Inc |-> FALSE]
  /\ released = [x1 \in Inc, x2 \in Group, x3 \in Inc |-> FALSE]
  /\ heard_gone = [x1 \in Inc, x2 \in Group, x3 \in Inc |-> FALSE]
  /\ leaves = [x1 \in Inc, x2 \in Group, x3 \in Inc |-> "never"]
  /\ partitioned = [x1 \in Inc, x2 \in Inc |-> FALSE]
  /\ knows_primary = [o \in Inc, g \in Group, i \in Inc |-> (((\E g2 \in Group : ((<<g2, g>> \in depends) /\ (<<o, g2>> \in hosts))) /\ (<<i, g>> \in first)) /\ ~(\E k \in Inc : (<<k, o>> \in older)))]
  /\ failures_left = 1
  /\ crashes_left = 1
  /\ heartbeat_losses_left = 1

\* The CC member detects the fatal error; the latch closes at once.
\* (§7.3, C2, C4, C5, C19)
DetectByCc(i, c) ==
  /\ fatal[i, c]  \* fault
  /\ ~dead[i, "cc"]  \* cc_lives
  /\ ~dead[i, "engine"]  \* engine_lives
  /\ (phase[i] = "active")  \* latch_open
  /\ phase' = [phase EXCEPT ![i] = "failing"]
  /\ distress' = [distress EXCEPT ![i] = TRUE]
  /\ rounds' = [rounds EXCEPT ![i] = (IF (rounds[i] = "never") THEN "once" ELSE "twice")]
  /\ UNCHANGED <<member, primary, fatal, dead, reported, reporter, warned,
      acting, quiesced, reaped, member_gone, announced, promoted, view, heard,
      heard_release, left, released, heard_gone, leaves, partitioned,
      knows_primary, failures_left, crashes_left, heartbeat_losses_left>>

\* A member detects the fatal error and sends its shutdown message to CC.
\* (§7.2, C1, C3, C4, C5, C12, C13, C14, C19, C20, C21, C25, C26, C29)
DetectByMember(i, g, c) ==
  /\ fatal[i, c]  \* fault
  /\ (member[i, g] = "active")  \* member_active
  /\ ((phase[i] = "active") \/ (phase[i] = "failing"))  \* clustering
  /\ ~(\E k \in Cause : reported[i, g, k])  \* not_reported
  /\ reported' = [reported EXCEPT ![i, g, c] = TRUE]
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reporter, warned, rounds,
      acting, distress, quiesced, reaped, member_gone, announced, promoted,
      view, heard, heard_release, left, released, heard_gone, leaves,
      partitioned, knows_primary, failures_left, crashes_left,
      heartbeat_losses_left>>

\* CC receives the shutdown message; the first closes the latch, a later one is
\* logged.
\* (§7.4, C1, C3, C6, C12, C13, C15, C16, C19, C20, C21, C25, C26, C29)
ReportReachesCc(i, g, c) ==
  /\ reported[i, g, c]  \* reported
  /\ ~dead[i, "cc"]  \* cc_lives
  /\ ~dead[i, "engine"]  \* engine_lives
  /\ ((phase[i] = "active") \/ (phase[i] = "failing"))  \* clustering
  /\ phase' = [x1 \in Inc |->
       IF ((phase[i] = "active") /\ (i = x1)) THEN "failing"
        ELSE phase[x1]]
  /\ distress' = [x1 \in Inc |->
       IF ((phase[i] = "active") /\ (i = x1)) THEN TRUE
        ELSE distress[x1]]
  /\ rounds' = [x1 \in Inc |->
       IF ((phase[i] = "active") /\ (i = x1)) THEN (IF (rounds[i] = "never") THEN "once" ELSE "twice")
        ELSE rounds[x1]]
  /\ reporter' = [x1 \in Inc, x2 \in Group |->
       IF ((phase[i] = "active") /\ (i = x1) /\ (g = x2)) THEN TRUE
        ELSE reporter[x1, x2]]
  /\ UNCHANGED <<member, primary, fatal, dead, reported, warned, acting,
      quiesced, reaped, member_gone, announced, promoted, view, heard,
      heard_release, left, released, heard_gone, leaves, partitioned,
      knows_primary, failures_left, crashes_left, heartbeat_losses_left>>

\* An active member gets the error message: clustering is ending.
\* (§7.8, C1, C3, C9, C10, C11, C15, C16, C18, C20, C23, C26, C29)
NotifyMember(i, g) ==
  /\ (phase[i] = "failing")  \* failing
  /\ (~dead[i, "engine"] \/ ~dead[i, "sentinel"])  \* speaker
  /\ (member[i, g] = "active")  \* member_active
  /\ ~reporter[i, g]  \* not_the_reporter
  /\ member' = [member EXCEPT ![i, g] = "notified"]
  /\ warned' = [warned EXCEPT ![i, g] = TRUE]
  /\ UNCHANGED <<phase, primary, fatal, dead, reported, reporter, rounds,
      acting, distress, quiesced, reaped, member_gone, announced, promoted,
      view, heard, heard_release, left, released, heard_gone, leaves,
      partitioned, knows_primary, failures_left, crashes_left,
      heartbeat_losses_left>>

\* A member has stopped its work and says so: it is gated, and its process may
\* end.
\* (§7.9, C9, C18, C23)
MemberAcknowledges(i, g) ==
  /\ (phase[i] = "failing")  \* failing
  /\ (~dead[i, "engine"] \/ ~dead[i, "sentinel"])  \* speaker
  /\ ((member[i, g] = "notified") \/ ((member[i, g] = "active") /\ reporter[i, g]))  \* told
  /\ member' = [member EXCEPT ![i, g] = "gated"]
  /\ acting' = [acting EXCEPT ![i, g] = FALSE]
  /\ UNCHANGED <<phase, primary, fatal, dead, reported, reporter, warned,
      rounds, distress, quiesced, reaped, member_gone, announced, promoted,
      view, heard, heard_release, left, released, heard_gone, leaves,
      partitioned, knows_primary, failures_left, crashes_left,
      heartbeat_losses_left>>

\* The deadline passed: the member is gated, and its process is killed.
\* (§7.10, C1, C10, C15, C18, C20, C26, C29)
ForceOut(i, g) ==
  /\ (phase[i] = "failing")  \* failing
  /\ (~dead[i, "engine"] \/ ~dead[i, "sentinel"])  \* speaker
  /\ ((member[i, g] = "notified") \/ ((member[i, g] = "active") /\ reporter[i, g]))  \* told
  /\ member' = [member EXCEPT ![i, g] = "gated"]
  /\ acting' = [acting EXCEPT ![i, g] = FALSE]
  /\ UNCHANGED <<phase, primary, fatal, dead, reported, reporter, warned,
      rounds, distress, quiesced, reaped, member_gone, announced, promoted,
      view, heard, heard_release, left, released, heard_gone, leaves,
      partitioned, knows_primary, failures_left, crashes_left,
      heartbeat_losses_left>>

\* A gated process is surely dead at last; MEMBER_GONE says so.
\* (§7.12, C1, C10, C15, C18, C20, C26, C29)
ReapGated(i, g) ==
  /\ (member[i, g] = "gated")  \* gated
  /\ ((phase[i] = "failing") \/ (phase[i] = "quiesced"))  \* clustering
  /\ (~dead[i, "engine"] \/ ~dead[i, "sentinel"])  \* speaker
  /\ member' = [member EXCEPT ![i, g] = "gone"]
  /\ primary' = [primary EXCEPT ![i, g] = FALSE]
  /\ acting' = [acting EXCEPT ![i, g] = FALSE]
  /\ member_gone' = [member_gone EXCEPT ![i, g] = TRUE]
  /\ UNCHANGED <<phase, fatal, dead, reported, reporter, warned, rounds,
      distress, quiesced, reaped, announced, promoted, view, heard,
      heard_release, left, released, heard_gone, leaves, partitioned,
      knows_primary, failures_left, crashes_left, heartbeat_losses_left>>

\* CC, name server, monitor or sentinel is dead: the engine itself closes the
\* latch.
\* (§7.5, C1, C2, C3, C5, C6, C12, C13, C15, C16, C20, C21, C22, C25, C26, C29,
\* C30)
InitiateByEngine(i, c) ==
  /\ (dead[i, c] /\ (c # "engine"))  \* component_dead
  /\ (\E c2 \in Component : (dead[i, c2] /\ ~(c2 = "engine")))  \* noticed
  /\ ~dead[i, "engine"]  \* engine_lives
  /\ (phase[i] = "active")  \* latch_open
  /\ phase' = [phase EXCEPT ![i] = "failing"]
  /\ distress' = [distress EXCEPT ![i] = TRUE]
  /\ rounds' = [rounds EXCEPT ![i] = (IF (rounds[i] = "never") THEN "once" ELSE "twice")]
  /\ UNCHANGED <<member, primary, fatal, dead, reported, reporter, warned,
      acting, quiesced, reaped, member_gone, announced, promoted, view, heard,
      heard_release, left, released, heard_gone, leaves, partitioned,
      knows_primary, failures_left, crashes_left, heartbeat_losses_left>>

\* The engine is dead and the latch was open: the sentinel announces.
\* (§7.6, C5, C6, C22, C25)
InitiateBySentinel(i) ==
  /\ dead[i, "engine"]  \* engine_dead
  /\ ~dead[i, "sentinel"]  \* sentinel_lives
  /\ (phase[i] = "active")  \* latch_open
  /\ phase' = [phase EXCEPT ![i] = "failing"]
  /\ distress' = [distress EXCEPT ![i] = TRUE]
  /\ rounds' = [rounds EXCEPT ![i] = (IF (rounds[i] = "never") THEN "once" ELSE "twice")]
  /\ UNCHANGED <<member, primary, fatal, dead, reported, reporter, warned,
      acting, quiesced, reaped, member_gone, announced, promoted, view, heard,
      heard_release, left, released, heard_gone, leaves, partitioned,
      knows_primary, failures_left, crashes_left, heartbeat_losses_left>>

\* Every member is reaped, or gated for good: the gate closes, QUIESCED goes.
\* (§7.11, C10, C24, C30)
Quiesce(i) ==
  /\ (phase[i] = "failing")  \* failing
  /\ (~dead[i, "engine"] \/ ~dead[i, "sentinel"])  \* speaker
  /\ (((\A g \in Group : ~((member[i, g] = "active") \/ (member[i, g] = "notified") \/ (member[i, g] = "gated"))) \/ FALSE) /\ TRUE)  \* members_out
  /\ phase' = [phase EXCEPT ![i] = "quiesced"]
  /\ quiesced' = [quiesced EXCEPT ![i] = TRUE]
  /\ reaped' = [x1 \in Inc, x2 \in Group |->
       IF (i = x1) THEN (member[i, x2] = "gone")
        ELSE reaped[x1, x2]]
  /\ UNCHANGED <<member, primary, fatal, dead, reported, reporter, warned,
      rounds, acting, distress, member_gone, announced, promoted, view, heard,
      heard_release, left, released, heard_gone, leaves, partitioned,
      knows_primary, failures_left, crashes_left, heartbeat_losses_left>>

\* Clustering ends on the node, transport last.
\* (§7.13, C10, C13, C16, C24, C30)
EndClustering(i) ==
  /\ (phase[i] = "quiesced")  \* quiesced
  /\ (~dead[i, "engine"] \/ ~dead[i, "sentinel"])  \* speaker
  /\ phase' = [phase EXCEPT ![i] = "ended"]
  /\ fatal' = [x1 \in Inc, x2 \in Cause |->
       IF (i = x1) THEN FALSE
        ELSE fatal[x1, x2]]
  /\ reported' = [x1 \in Inc, x2 \in Group, x3 \in Cause |->
       IF (i = x1) THEN FALSE
        ELSE reported[x1, x2, x3]]
  /\ dead' = [x1 \in Inc, x2 \in Component |->
       IF (i = x1) THEN FALSE
        ELSE dead[x1, x2]]
  /\ reporter' = [x1 \in Inc, x2 \in Group |->
       IF (i = x1) THEN FALSE
        ELSE reporter[x1, x2]]
  /\ warned' = [x1 \in Inc, x2 \in Group |->
       IF (i = x1) THEN FALSE
        ELSE warned[x1, x2]]
  /\ acting' = [x1 \in Inc, x2 \in Group |->
       IF (i = x1) THEN FALSE
        ELSE acting[x1, x2]]
  /\ view' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE view[x1, x2]]
  /\ heard' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE heard[x1, x2]]
  /\ heard_release' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE heard_release[x1, x2]]
  /\ left' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE left[x1, x2]]
  /\ partitioned' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE partitioned[x1, x2]]
  /\ released' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE released[x1, x2, x3]]
  /\ heard_gone' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE heard_gone[x1, x2, x3]]
  /\ knows_primary' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE knows_primary[x1, x2, x3]]
  /\ leaves' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN "never"
        ELSE leaves[x1, x2, x3]]
  /\ UNCHANGED <<member, primary, rounds, distress, quiesced, reaped,
      member_gone, announced, promoted, failures_left, crashes_left,
      heartbeat_losses_left>>

\* The engine accepts a primary's act; it holds the gate open.
\* (§4.5)
BeginAct(i, g) ==
  /\ ((((phase[i] = "active") \/ (phase[i] = "failing")) /\ ~dead[i, "engine"]) /\ ((member[i, g] = "active") \/ (member[i, g] = "notified")))  \* gate_open
  /\ primary[i, g]  \* primary
  /\ TRUE  \* leased
  /\ ~acting[i, g]  \* one_at_a_time
  /\ acting' = [acting EXCEPT ![i, g] = TRUE]
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reported, reporter,
      warned, rounds, distress, quiesced, reaped, member_gone, announced,
      promoted, view, heard, heard_release, left, released, heard_gone, leaves,
      partitioned, knows_primary, failures_left, crashes_left,
      heartbeat_losses_left>>

\* An accepted act takes effect, under a lease that is valid then.
\* (§4.5)
FinishAct(i, g) ==
  /\ acting[i, g]  \* acting
  /\ TRUE  \* leased
  /\ acting' = [acting EXCEPT ![i, g] = FALSE]
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reported, reporter,
      warned, rounds, distress, quiesced, reaped, member_gone, announced,
      promoted, view, heard, heard_release, left, released, heard_gone, leaves,
      partitioned, knows_primary, failures_left, crashes_left,
      heartbeat_losses_left>>

\* A fatal error is there, not yet detected.
\* (environment, §7.1, C1, C4, C5, C14, C20, C30)
Strike(i, c) ==
  /\ ((phase[i] = "active") \/ (phase[i] = "failing"))  \* clustering
  /\ ~fatal[i, c]  \* new
  /\ (0 < failures_left)  \* within_bound
  /\ failures_left' = (failures_left - 1)
  /\ fatal' = [fatal EXCEPT ![i, c] = TRUE]
  /\ UNCHANGED <<phase, member, primary, dead, reported, reporter, warned,
      rounds, acting, distress, quiesced, reaped, member_gone, announced,
      promoted, view, heard, heard_release, left, released, heard_gone, leaves,
      partitioned, knows_primary, crashes_left, heartbeat_losses_left>>

\* CC, name server, monitor, engine or sentinel dies or hangs, which is fatal
\* too.
\* (environment, §7.17)
ComponentDies(i, c) ==
  /\ ((phase[i] = "active") \/ (phase[i] = "failing"))  \* clustering
  /\ ~dead[i, c]  \* lives
  /\ (((c = "engine") \/ (c = "sentinel")) => (\A d \in Component : (((d = "engine") \/ (d = "sentinel")) => ~dead[i, d])))  \* one_outlives
  /\ (0 < failures_left)  \* within_bound
  /\ failures_left' = (failures_left - 1)
  /\ dead' = [dead EXCEPT ![i, c] = TRUE]
  /\ UNCHANGED <<phase, member, primary, fatal, reported, reporter, warned,
      rounds, acting, distress, quiesced, reaped, member_gone, announced,
      promoted, view, heard, heard_release, left, released, heard_gone, leaves,
      partitioned, knows_primary, crashes_left, heartbeat_losses_left>>

\* The whole node loses power, without a word.
\* (environment, §7.17)
NodeCrashes(i) ==
  /\ ((phase[i] = "active") \/ (phase[i] = "failing") \/ (phase[i] = "quiesced"))  \* up
  /\ (0 < crashes_left)  \* within_bound
  /\ crashes_left' = (crashes_left - 1)
  /\ phase' = [phase EXCEPT ![i] = "crashed"]
  /\ member' = [x1 \in Inc, x2 \in Group |->
       IF ((member[i, x2] # "absent") /\ (i = x1)) THEN "gone"
        ELSE member[x1, x2]]
  /\ primary' = [x1 \in Inc, x2 \in Group |->
       IF ((member[i, x2] # "absent") /\ (i = x1)) THEN FALSE
        ELSE primary[x1, x2]]
  /\ acting' = [x1 \in Inc, x2 \in Group |->
       IF (i = x1) THEN FALSE
        ELSE IF ((member[i, x2] # "absent") /\ (i = x1)) THEN FALSE
        ELSE acting[x1, x2]]
  /\ fatal' = [x1 \in Inc, x2 \in Cause |->
       IF (i = x1) THEN FALSE
        ELSE fatal[x1, x2]]
  /\ reported' = [x1 \in Inc, x2 \in Group, x3 \in Cause |->
       IF (i = x1) THEN FALSE
        ELSE reported[x1, x2, x3]]
  /\ dead' = [x1 \in Inc, x2 \in Component |->
       IF (i = x1) THEN FALSE
        ELSE dead[x1, x2]]
  /\ reporter' = [x1 \in Inc, x2 \in Group |->
       IF (i = x1) THEN FALSE
        ELSE reporter[x1, x2]]
  /\ warned' = [x1 \in Inc, x2 \in Group |->
       IF (i = x1) THEN FALSE
        ELSE warned[x1, x2]]
  /\ view' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE view[x1, x2]]
  /\ heard' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE heard[x1, x2]]
  /\ heard_release' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE heard_release[x1, x2]]
  /\ left' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE left[x1, x2]]
  /\ partitioned' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE partitioned[x1, x2]]
  /\ released' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE released[x1, x2, x3]]
  /\ heard_gone' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE heard_gone[x1, x2, x3]]
  /\ knows_primary' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE knows_primary[x1, x2, x3]]
  /\ leaves' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN "never"
        ELSE leaves[x1, x2, x3]]
  /\ UNCHANGED <<rounds, distress, quiesced, reaped, member_gone, announced,
      promoted, failures_left, heartbeat_losses_left>>

\* Engine and sentinel die together, without a word; the members outlive them.
\* (environment, §7.17)
DaemonDies(i) ==
  /\ ((phase[i] = "active") \/ (phase[i] = "failing") \/ (phase[i] = "quiesced"))  \* up
  /\ (0 < crashes_left)  \* within_bound
  /\ crashes_left' = (crashes_left - 1)
  /\ phase' = [phase EXCEPT ![i] = "crashed"]
  /\ fatal' = [x1 \in Inc, x2 \in Cause |->
       IF (i = x1) THEN FALSE
        ELSE fatal[x1, x2]]
  /\ reported' = [x1 \in Inc, x2 \in Group, x3 \in Cause |->
       IF (i = x1) THEN FALSE
        ELSE reported[x1, x2, x3]]
  /\ dead' = [x1 \in Inc, x2 \in Component |->
       IF (i = x1) THEN FALSE
        ELSE dead[x1, x2]]
  /\ reporter' = [x1 \in Inc, x2 \in Group |->
       IF (i = x1) THEN FALSE
        ELSE reporter[x1, x2]]
  /\ warned' = [x1 \in Inc, x2 \in Group |->
       IF (i = x1) THEN FALSE
        ELSE warned[x1, x2]]
  /\ acting' = [x1 \in Inc, x2 \in Group |->
       IF (i = x1) THEN FALSE
        ELSE acting[x1, x2]]
  /\ view' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE view[x1, x2]]
  /\ heard' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE heard[x1, x2]]
  /\ heard_release' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE heard_release[x1, x2]]
  /\ left' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE left[x1, x2]]
  /\ partitioned' = [x1 \in Inc, x2 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE partitioned[x1, x2]]
  /\ released' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE released[x1, x2, x3]]
  /\ heard_gone' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE heard_gone[x1, x2, x3]]
  /\ knows_primary' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN FALSE
        ELSE knows_primary[x1, x2, x3]]
  /\ leaves' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (i = x1) THEN "never"
        ELSE leaves[x1, x2, x3]]
  /\ UNCHANGED <<member, primary, rounds, distress, quiesced, reaped,
      member_gone, announced, promoted, failures_left, heartbeat_losses_left>>

\* A member that has lost both channels ends; nobody is there to say so.
\* (§7.17)
OrphanEnds(i, g) ==
  /\ (phase[i] = "crashed")  \* orphan
  /\ ((member[i, g] = "active") \/ (member[i, g] = "notified") \/ (member[i, g] = "gated"))  \* lives
  /\ member' = [member EXCEPT ![i, g] = "gone"]
  /\ primary' = [primary EXCEPT ![i, g] = FALSE]
  /\ acting' = [acting EXCEPT ![i, g] = FALSE]
  /\ UNCHANGED <<phase, fatal, dead, reported, reporter, warned, rounds,
      distress, quiesced, reaped, member_gone, announced, promoted, view,
      heard, heard_release, left, released, heard_gone, leaves, partitioned,
      knows_primary, failures_left, crashes_left, heartbeat_losses_left>>

\* DISTRESS of a peer arrives: node leave.
\* (§5.2, C1, C6, C7, C8, C15, C17, C20, C22, C26, C27, C29)
HearDistress(o, i) ==
  /\ ((phase[o] = "active") /\ ~dead[o, "engine"])  \* observer_up
  /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older))  \* peers
  /\ distress[i]  \* sent
  /\ TRUE  \* connected
  /\ heard' = [x1 \in Inc, x2 \in Inc |->
       IF (((x2 = i) \/ (<<x2, i>> \in older)) /\ (o = x1)) THEN TRUE
        ELSE heard[x1, x2]]
  /\ left' = [x1 \in Inc, x2 \in Inc |->
       IF (((x2 = i) \/ (<<x2, i>> \in older)) /\ view[o, x2] /\ (o = x1)) THEN TRUE
        ELSE left[x1, x2]]
  /\ view' = [x1 \in Inc, x2 \in Inc |->
       IF (((x2 = i) \/ (<<x2, i>> \in older)) /\ view[o, x2] /\ (o = x1)) THEN FALSE
        ELSE view[x1, x2]]
  /\ partitioned' = [x1 \in Inc, x2 \in Inc |->
       IF (((x2 = i) \/ (<<x2, i>> \in older)) /\ view[o, x2] /\ (o = x1)) THEN FALSE
        ELSE partitioned[x1, x2]]
  /\ leaves' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (((x3 = i) \/ (<<x3, i>> \in older)) /\ view[o, x3] /\ ((member[o, x2] = "active") \/ (member[o, x2] = "notified")) /\ (<<o, x2>> \in founds) /\ (<<o, x2>> \in founds) /\ (<<o, x2>> \in founds) /\ (<<x3, x2>> \in founds) /\ ~heard_gone[o, x2, x3] /\ (o = x1)) THEN (IF (leaves[o, x2, x3] = "never") THEN "once" ELSE "twice")
        ELSE leaves[x1, x2, x3]]
  /\ heard_release' = [x1 \in Inc, x2 \in Inc |->
       IF ((<<x2, i>> \in older) /\ (o = x1)) THEN TRUE
        ELSE heard_release[x1, x2]]
  /\ released' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF ((<<x3, i>> \in older) /\ (o = x1)) THEN TRUE
        ELSE released[x1, x2, x3]]
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reported, reporter,
      warned, rounds, acting, distress, quiesced, reaped, member_gone,
      announced, promoted, heard_gone, knows_primary, failures_left,
      crashes_left, heartbeat_losses_left>>

\* QUIESCED of a peer arrives: its entries are released where that says so.
\* (§5.3, C7, C8, C17, C27, C28)
HearQuiesced(o, i) ==
  /\ ((phase[o] = "active") /\ ~dead[o, "engine"])  \* observer_up
  /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older))  \* peers
  /\ quiesced[i]  \* sent
  /\ TRUE  \* connected
  /\ heard' = [x1 \in Inc, x2 \in Inc |->
       IF (((x2 = i) \/ (<<x2, i>> \in older)) /\ (o = x1)) THEN TRUE
        ELSE heard[x1, x2]]
  /\ left' = [x1 \in Inc, x2 \in Inc |->
       IF (((x2 = i) \/ (<<x2, i>> \in older)) /\ view[o, x2] /\ (o = x1)) THEN TRUE
        ELSE left[x1, x2]]
  /\ view' = [x1 \in Inc, x2 \in Inc |->
       IF (((x2 = i) \/ (<<x2, i>> \in older)) /\ view[o, x2] /\ (o = x1)) THEN FALSE
        ELSE view[x1, x2]]
  /\ partitioned' = [x1 \in Inc, x2 \in Inc |->
       IF (((x2 = i) \/ (<<x2, i>> \in older)) /\ view[o, x2] /\ (o = x1)) THEN FALSE
        ELSE partitioned[x1, x2]]
  /\ leaves' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (((x3 = i) \/ (<<x3, i>> \in older)) /\ view[o, x3] /\ ((member[o, x2] = "active") \/ (member[o, x2] = "notified")) /\ (<<o, x2>> \in founds) /\ (<<o, x2>> \in founds) /\ (<<o, x2>> \in founds) /\ (<<x3, x2>> \in founds) /\ ~heard_gone[o, x2, x3] /\ (o = x1)) THEN (IF (leaves[o, x2, x3] = "never") THEN "once" ELSE "twice")
        ELSE leaves[x1, x2, x3]]
  /\ heard_release' = [x1 \in Inc, x2 \in Inc |->
       IF (((<<x2, i>> \in older) \/ (x2 = i)) /\ (o = x1)) THEN TRUE
        ELSE heard_release[x1, x2]]
  /\ released' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF (((<<x3, i>> \in older) \/ ((x3 = i) /\ (reaped[i, x2] \/ (x2 \in has_tokens)))) /\ (o = x1)) THEN TRUE
        ELSE released[x1, x2, x3]]
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reported, reporter,
      warned, rounds, acting, distress, quiesced, reaped, member_gone,
      announced, promoted, heard_gone, knows_primary, failures_left,
      crashes_left, heartbeat_losses_left>>

\* MEMBER_GONE arrives: the entry is released, for that group only.
\* (§5.4)
HearMemberGone(o, g, i) ==
  /\ ((phase[o] = "active") /\ ~dead[o, "engine"])  \* observer_up
  /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older))  \* peers
  /\ member_gone[i, g]  \* sent
  /\ TRUE  \* connected
  /\ heard_gone' = [heard_gone EXCEPT ![o, g, i] = TRUE]
  /\ released' = [released EXCEPT ![o, g, i] = TRUE]
  /\ knows_primary' = [knows_primary EXCEPT ![o, g, i] = FALSE]
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reported, reporter,
      warned, rounds, acting, distress, quiesced, reaped, member_gone,
      announced, promoted, view, heard, heard_release, left, leaves,
      partitioned, failures_left, crashes_left, heartbeat_losses_left>>

\* A forged DISTRESS reaches a node: its signature is not the peer's, so it is
\* dropped.
\* (environment, §5.1)
Forge(o, i) ==
  /\ ((phase[o] = "active") /\ ~dead[o, "engine"])  \* observer_up
  /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older))  \* peers
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reported, reporter,
      warned, rounds, acting, distress, quiesced, reaped, member_gone,
      announced, promoted, view, heard, heard_release, left, released,
      heard_gone, leaves, partitioned, knows_primary, failures_left,
      crashes_left, heartbeat_losses_left>>

\* A backup becomes primary: each earlier entry is released, dependencies have
\* primaries.
\* (§7.22, C8, C28, C29, C30)
Promote(o, g) ==
  /\ ((phase[o] = "active") /\ ~dead[o, "engine"])  \* unlatched
  /\ (member[o, g] = "active")  \* member_active
  /\ (<<o, g>> \in founds)  \* an_entry
  /\ ~primary[o, g]  \* not_primary
  /\ (\A k \in Inc : ((<<o, g, k>> \in founded_before) => released[o, g, k]))  \* earlier_released
  /\ (\A h \in Group : ((<<g, h>> \in depends) => (\E k \in Inc : ((knows_primary[o, h, k] /\ ((k # o) \/ primary[o, h])) /\ ~heard[o, k]))))  \* primaries_known
  /\ primary' = [primary EXCEPT ![o, g] = TRUE]
  /\ promoted' = [promoted EXCEPT ![o, g] = TRUE]
  /\ knows_primary' = [x1 \in Inc, x2 \in Group, x3 \in Inc |->
       IF ((\E g2 \in Group : ((<<g2, g>> \in depends) /\ (<<o, g2>> \in hosts))) /\ (o = x1) /\ (g = x2) /\ (o = x3)) THEN TRUE
        ELSE knows_primary[x1, x2, x3]]
  /\ UNCHANGED <<phase, member, fatal, dead, reported, reporter, warned,
      rounds, acting, distress, quiesced, reaped, member_gone, announced, view,
      heard, heard_release, left, released, heard_gone, leaves, partitioned,
      failures_left, crashes_left, heartbeat_losses_left>>

\* New work is routed to a member on a peer that is in the view.
\* (§7.21)
RouteWork(o, i) ==
  /\ ((phase[o] = "active") /\ ~dead[o, "engine"])  \* observer_up
  /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older))  \* peers
  /\ view[o, i]  \* in_view
  /\ (\E g \in Group : ((<<i, g>> \in hosts) /\ ~released[o, g, i]))  \* a_member_there
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reported, reporter,
      warned, rounds, acting, distress, quiesced, reaped, member_gone,
      announced, promoted, view, heard, heard_release, left, released,
      heard_gone, leaves, partitioned, knows_primary, failures_left,
      crashes_left, heartbeat_losses_left>>

\* A silent peer's heartbeats stay out: it is partitioned, and members are
\* told.
\* (§10.1)
MissHeartbeats(o, i) ==
  /\ ((phase[o] = "active") /\ ~dead[o, "engine"])  \* observer_up
  /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older))  \* peers
  /\ view[o, i]  \* in_view
  /\ (phase[i] = "crashed")  \* silent
  /\ partitioned' = [partitioned EXCEPT ![o, i] = TRUE]
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reported, reporter,
      warned, rounds, acting, distress, quiesced, reaped, member_gone,
      announced, promoted, view, heard, heard_release, left, released,
      heard_gone, leaves, knows_primary, failures_left, crashes_left,
      heartbeat_losses_left>>

\* Heartbeats of a healthy peer are lost: partitioned, not failed.
\* (environment, §10.1, C26)
LoseHeartbeats(o, i) ==
  /\ ((phase[o] = "active") /\ ~dead[o, "engine"])  \* observer_up
  /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older))  \* peers
  /\ view[o, i]  \* in_view
  /\ ~partitioned[o, i]  \* new
  /\ (0 < heartbeat_losses_left)  \* within_bound
  /\ heartbeat_losses_left' = (heartbeat_losses_left - 1)
  /\ partitioned' = [partitioned EXCEPT ![o, i] = TRUE]
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reported, reporter,
      warned, rounds, acting, distress, quiesced, reaped, member_gone,
      announced, promoted, view, heard, heard_release, left, released,
      heard_gone, leaves, knows_primary, failures_left, crashes_left>>

\* Heartbeats return before a leave was delivered: active again.
\* (§10.2)
RegainHeartbeats(o, i) ==
  /\ ((phase[o] = "active") /\ ~dead[o, "engine"])  \* observer_up
  /\ partitioned[o, i]  \* partitioned
  /\ view[o, i]  \* in_view
  /\ (((phase[i] = "active") \/ (phase[i] = "failing")) /\ (phase[i] # "crashed"))  \* beats
  /\ partitioned' = [partitioned EXCEPT ![o, i] = FALSE]
  /\ UNCHANGED <<phase, member, primary, fatal, dead, reported, reporter,
      warned, rounds, acting, distress, quiesced, reaped, member_gone,
      announced, promoted, view, heard, heard_release, left, released,
      heard_gone, leaves, knows_primary, failures_left, crashes_left,
      heartbeat_losses_left>>

Next ==
  \/ \E i \in Inc, c \in Cause : DetectByCc(i, c)
  \/ \E i \in Inc, g \in Group, c \in Cause : DetectByMember(i, g, c)
  \/ \E i \in Inc, g \in Group, c \in Cause : ReportReachesCc(i, g, c)
  \/ \E i \in Inc, g \in Group : NotifyMember(i, g)
  \/ \E i \in Inc, g \in Group : MemberAcknowledges(i, g)
  \/ \E i \in Inc, g \in Group : ForceOut(i, g)
  \/ \E i \in Inc, g \in Group : ReapGated(i, g)
  \/ \E i \in Inc, c \in Component : InitiateByEngine(i, c)
  \/ \E i \in Inc : InitiateBySentinel(i)
  \/ \E i \in Inc : Quiesce(i)
  \/ \E i \in Inc : EndClustering(i)
  \/ \E i \in Inc, g \in Group : BeginAct(i, g)
  \/ \E i \in Inc, g \in Group : FinishAct(i, g)
  \/ \E i \in Inc, c \in Cause : Strike(i, c)
  \/ \E i \in Inc, c \in Component : ComponentDies(i, c)
  \/ \E i \in Inc : NodeCrashes(i)
  \/ \E i \in Inc : DaemonDies(i)
  \/ \E i \in Inc, g \in Group : OrphanEnds(i, g)
  \/ \E o \in Inc, i \in Inc : HearDistress(o, i)
  \/ \E o \in Inc, i \in Inc : HearQuiesced(o, i)
  \/ \E o \in Inc, g \in Group, i \in Inc : HearMemberGone(o, g, i)
  \/ \E o \in Inc, i \in Inc : Forge(o, i)
  \/ \E o \in Inc, g \in Group : Promote(o, g)
  \/ \E o \in Inc, i \in Inc : RouteWork(o, i)
  \/ \E o \in Inc, i \in Inc : MissHeartbeats(o, i)
  \/ \E o \in Inc, i \in Inc : LoseHeartbeats(o, i)
  \/ \E o \in Inc, i \in Inc : RegainHeartbeats(o, i)

\* Fairness is that of each instance of an action.
Spec ==
  /\ Init
  /\ [][Next]_vars
  /\ \A i \in Inc, g \in Group, c \in Cause : WF_vars(ReportReachesCc(i, g, c))
  /\ \A i \in Inc, g \in Group : WF_vars(NotifyMember(i, g))
  /\ \A i \in Inc, g \in Group : WF_vars(ForceOut(i, g))
  /\ \A i \in Inc, g \in Group : WF_vars(ReapGated(i, g))
  /\ \A i \in Inc, c \in Component : WF_vars(InitiateByEngine(i, c))
  /\ \A i \in Inc : WF_vars(InitiateBySentinel(i))
  /\ \A i \in Inc : WF_vars(Quiesce(i))
  /\ \A i \in Inc : WF_vars(EndClustering(i))
  /\ \A i \in Inc, g \in Group : WF_vars(FinishAct(i, g))
  /\ \A o \in Inc, i \in Inc : WF_vars(HearDistress(o, i))
  /\ \A o \in Inc, i \in Inc : WF_vars(HearQuiesced(o, i))
  /\ \A o \in Inc, g \in Group, i \in Inc : WF_vars(HearMemberGone(o, g, i))
  /\ \A o \in Inc, g \in Group : WF_vars(Promote(o, g))
  /\ \A o \in Inc, i \in Inc : WF_vars(MissHeartbeats(o, i))
  /\ \A o \in Inc, i \in Inc : WF_vars(RegainHeartbeats(o, i))

\* Where it is right that nothing happens any more.
Ended == (\A i \in Inc : ~((phase[i] = "failing") \/ (phase[i] = "quiesced")))

NoDeadlock == Ended \/ ENABLED Next

\* Once the gate of an epoch is closed, no act of that epoch takes effect.
\* (C1, C10, C13, C15, C16, C20, C24, C26, C29)
S1 ==
  /\ [][(\A i \in Inc : ((phase[i] = "ended") => ((phase'[i] = "ended") /\ (\A g \in Group : (primary'[i, g] => primary[i, g])) /\ (\A k \in Inc : (~heard'[i, k] /\ ~view'[i, k])))))]_vars  \* over
  /\ [][\A i \in Inc, g \in Group : FinishAct(i, g) => (~quiesced[i] /\ ~((phase[i] = "absent") \/ (phase[i] = "ended") \/ (phase[i] = "crashed")))]_vars  \* gate
  /\ [][\A i \in Inc, g \in Group : FinishAct(i, g) => ((member[i, g] = "active") \/ (member[i, g] = "notified"))]_vars  \* cut_off
  /\ [][\A i \in Inc, g \in Group : FinishAct(i, g) => (\A j \in Inc : (((primary[j, g] /\ (((member[j, g] = "active") \/ (member[j, g] = "notified")) \/ ((member[j, g] = "gated") /\ ~(g \in has_tokens)))) \/ acting[j, g]) => (i = j)))]_vars  \* alone

\* the gate has closed on a primary, whose process may even live on
S1Closed ==
  /\ (\E i \in Inc, g \in Group : ((phase[i] = "quiesced") /\ promoted[i, g] /\ (member[i, g] = "gone")))  \* S1_closed

\* TLC shows the way to it by violating this.
NotReachedS1Closed == ~S1Closed

\* At any moment at most one node can act as primary of a group.
\* (C8, C28, C29, C30)
S2 ==
  /\ (\A o \in Inc, k \in Inc, g \in Group : ((primary[o, g] /\ (<<o, g, k>> \in founded_before) /\ ~FALSE) => ((quiesced[k] /\ (reaped[k, g] \/ (g \in has_tokens))) \/ member_gone[k, g] \/ (\E j \in Inc : ((<<k, j>> \in older) /\ announced[j])))))  \* after_release
  /\ (\A i \in Inc, j \in Inc, g \in Group : ((((primary[i, g] /\ (((member[i, g] = "active") \/ (member[i, g] = "notified")) \/ ((member[i, g] = "gated") /\ ~(g \in has_tokens)))) \/ acting[i, g]) /\ ((primary[j, g] /\ (((member[j, g] = "active") \/ (member[j, g] = "notified")) \/ ((member[j, g] = "gated") /\ ~(g \in has_tokens)))) \/ acting[j, g])) => (i = j)))  \* one_primary

S2Failover ==
  /\ (\E i \in Inc, g \in Group : (~(<<i, g>> \in first) /\ ((primary[i, g] /\ (((member[i, g] = "active") \/ (member[i, g] = "notified")) \/ ((member[i, g] = "gated") /\ ~(g \in has_tokens)))) \/ acting[i, g])))  \* S2_failover

\* TLC shows the way to it by violating this.
NotReachedS2Failover == ~S2Failover

\* An epoch has one latch, one distress round and one shutdown.
\* (C5, C12, C19, C25)
S3 ==
  /\ (\A i \in Inc : (rounds[i] # "twice"))  \* one_round
  /\ (\A i \in Inc : (((phase[i] = "failing") \/ (phase[i] = "quiesced")) => distress[i]))  \* latched
  /\ (\A i \in Inc : (distress[i] => (rounds[i] # "never")))  \* unmarked

S3Second ==
  /\ (\E i \in Inc, g \in Group, c \in Cause : ((distress[i] /\ reported[i, g, c]) /\ ~reporter[i, g]))  \* S3_second

\* TLC shows the way to it by violating this.
NotReachedS3Second == ~S3Second

\* Only a node's own key announces its distress and its quiescence.
\* (C6, C22)
S6 ==
  /\ (\A o \in Inc, i \in Inc : (heard[o, i] => ((distress[i] \/ (quiesced[i] \/ (\E j \in Inc : ((<<i, j>> \in older) /\ announced[j])))) \/ (\E j \in Inc : ((<<i, j>> \in older) /\ (announced[j] \/ distress[j]))))))  \* heard_is_said
  /\ (\A o \in Inc, i \in Inc : (heard_release[o, i] => ((quiesced[i] \/ (\E j \in Inc : ((<<i, j>> \in older) /\ announced[j]))) \/ (\E j \in Inc : ((<<i, j>> \in older) /\ (announced[j] \/ distress[j]))))))  \* release_is_said

S6Heard ==
  /\ (\E o \in Inc, i \in Inc : (heard[o, i] /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older))))  \* S6_heard

\* TLC shows the way to it by violating this.
NotReachedS6Heard == ~S6Heard

\* A node leave goes at most once to each member concerned, and to no other.
\* (C1, C7, C17, C27)
S7 ==
  /\ [][(\A o \in Inc, g \in Group, i \in Inc : (leaves'[o, g, i] # "twice"))]_vars  \* at_most_once
  /\ [][(\A o \in Inc, g \in Group, i \in Inc : (((leaves[o, g, i] = "never") /\ (leaves'[o, g, i] # "never")) => (((member[o, g] = "active") \/ (member[o, g] = "notified")) /\ (((<<o, g>> \in founds) /\ (<<o, g>> \in founds)) /\ ((<<o, g>> \in founds) /\ (<<i, g>> \in founds))) /\ ~heard_gone[o, g, i])))]_vars  \* shared_only
  /\ [][(\A o \in Inc, g \in Group, i \in Inc : ((~left[o, i] /\ left'[o, i] /\ (((member[o, g] = "active") \/ (member[o, g] = "notified")) /\ (((<<o, g>> \in founds) /\ (<<o, g>> \in founds)) /\ ((<<o, g>> \in founds) /\ (<<i, g>> \in founds))) /\ ~heard_gone[o, g, i])) => (leaves'[o, g, i] # "never")))]_vars  \* all_who_share

S7Told ==
  /\ (\E o \in Inc, g \in Group, i \in Inc : (leaves[o, g, i] = "once"))  \* S7_told

\* TLC shows the way to it by violating this.
NotReachedS7Told == ~S7Told

\* Whether an epoch is left or released does not depend on the order of
\* arrival.
\* (C6, C7, C22)
S9 ==
  /\ (\A o \in Inc, i \in Inc : ((((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older)) => (left[o, i] <=> (heard[o, i] /\ TRUE))))  \* left_iff_heard
  /\ (\A o \in Inc, g \in Group, i \in Inc : ((((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older)) => (released[o, g, i] <=> (heard_gone[o, g, i] \/ FALSE \/ FALSE \/ (heard_release[o, i] /\ (reaped[i, g] \/ (g \in has_tokens)))))))  \* released_iff_heard
  /\ (\A o \in Inc, i \in Inc : ~(partitioned[o, i] /\ heard[o, i]))  \* silence_is_overruled

S9Overruled ==
  /\ (\E o \in Inc, i \in Inc : (left[o, i] /\ heard_release[o, i]))  \* S9_overruled

\* TLC shows the way to it by violating this.
NotReachedS9Overruled == ~S9Overruled

\* A node whose latch is closed, or that was left, is never promoted.
\* (C8, C28)
S10 ==
  /\ [][\A o \in Inc, g \in Group : Promote(o, g) => ~distress[o]]_vars  \* unlatched

\* a backup is held back by its own latch, though nothing else is in its way
S10Held ==
  /\ (\E o \in Inc, i \in Inc, g \in Group : (distress[o] /\ ((member[o, g] = "active") \/ (member[o, g] = "notified")) /\ ~primary[o, g] /\ (<<i, g>> \in first) /\ (<<o, g, i>> \in founded_before) /\ distress[o]))  \* S10_held

\* TLC shows the way to it by violating this.
NotReachedS10Held == ~S10Held

\* A group is promoted only after the groups that it depends on.
\* (C8, C28)
S11 ==
  /\ [][(\A i \in Inc, g \in Group : ((~primary[i, g] /\ primary'[i, g]) => ((((phase[i] = "active") /\ ~dead[i, "engine"]) /\ (member[i, g] = "active")) /\ ((<<i, g>> \in founds) /\ (<<i, g>> \in founds)))))]_vars  \* roles_by_promotion

\* the primary was left and nobody may take its place: the group is in doubt
S11InDoubt ==
  /\ (\E o \in Inc, i \in Inc, g \in Group : (((phase[o] = "active") /\ ~dead[o, "engine"]) /\ left[o, i] /\ promoted[i, g] /\ (\A k \in Inc : ~((primary[k, g] /\ (((member[k, g] = "active") \/ (member[k, g] = "notified")) \/ ((member[k, g] = "gated") /\ ~(g \in has_tokens)))) \/ acting[k, g])) /\ ((<<o, g, i>> \in founded_before) /\ ~released[o, g, i])))  \* S11_in_doubt

\* TLC shows the way to it by violating this.
NotReachedS11InDoubt == ~S11InDoubt

\* Members are told before they detect the failure themselves.
\* (C1, C9, C11, C12, C15, C18, C19, C20, C23, C26, C29)
S12 ==
  /\ [][\A i \in Inc : EndClustering(i) => (\A g \in Group : ((member[i, g] # "absent") => (warned[i, g] \/ reporter[i, g] \/ FALSE)))]_vars  \* warned
  /\ [][\A i \in Inc, g \in Group, c \in Cause : DetectByMember(i, g, c) => ~warned[i, g]]_vars  \* warned_is_silent
  /\ [][\A i \in Inc, g \in Group, c \in Cause : ReportReachesCc(i, g, c) => ((phase[i] # "active") => ((phase'[i] = phase[i]) /\ (rounds'[i] = rounds[i]) /\ (reporter'[i, g] <=> reporter[i, g]) /\ TRUE /\ (member'[i, g] = member[i, g])))]_vars  \* later_only_logged

S12Preempted ==
  /\ (\E i \in Inc, g \in Group, c \in Cause : (((fatal[i, c] /\ warned[i, g]) /\ (member[i, g] = "gone")) /\ ~reported[i, g, c]))  \* S12_preempted

\* TLC shows the way to it by violating this.
NotReachedS12Preempted == ~S12Preempted

\* No new work is routed to a node whose DISTRESS was seen.
\* (C1, C26)
S13 ==
  /\ [][\A o \in Inc, i \in Inc : RouteWork(o, i) => ~heard[o, i]]_vars  \* not_to_the_leaving

\* a member could still work on a node whose leave was heard
S13Draining ==
  /\ (\E o \in Inc, i \in Inc, g \in Group : (((phase[o] = "active") /\ ~dead[o, "engine"]) /\ heard[o, i] /\ ((phase[i] = "active") \/ (phase[i] = "failing")) /\ ((member[i, g] = "active") \/ (member[i, g] = "notified")) /\ ((<<o, g>> \in founds) /\ (<<i, g>> \in founds))))  \* S13_draining

\* TLC shows the way to it by violating this.
NotReachedS13Draining == ~S13Draining

\* No epoch is left that did not signal, lapse, restart, or get fenced.
\* (C4, C7)
S14 ==
  /\ (\A o \in Inc, i \in Inc : (left[o, i] => ((distress[i] \/ (quiesced[i] \/ (\E j \in Inc : ((<<i, j>> \in older) /\ announced[j])))) \/ (\E j \in Inc : ((<<i, j>> \in older) /\ (announced[j] \/ distress[j]))))))  \* left_for_a_reason

S14Silent ==
  /\ (\E o \in Inc, i \in Inc : partitioned[o, i])  \* S14_silent

\* TLC shows the way to it by violating this.
NotReachedS14Silent == ~S14Silent

\* Clustering ends only for a reason, and after the other members were told.
\* (C2, C3, C4, C5, C9, C10, C13, C14, C16, C21, C24)
S15 ==
  /\ [][(\A i \in Inc : (((phase[i] = "active") /\ (phase'[i] = "failing")) => ((\E c \in Cause : fatal[i, c]) \/ (\E c \in Component : dead[i, c]))))]_vars  \* for_cause
  /\ [][(\A i \in Inc : (((phase[i] # "ended") /\ (phase'[i] = "ended")) => distress[i]))]_vars  \* by_shutdown
  /\ [][\A i \in Inc : EndClustering(i) => (\A g \in Group : ((member[i, g] = "absent") \/ (member[i, g] = "gated") \/ (member[i, g] = "gone")))]_vars  \* members_first

S15Ended ==
  /\ (\E i \in Inc : (phase[i] = "ended"))  \* S15_ended

\* TLC shows the way to it by violating this.
NotReachedS15Ended == ~S15Ended

\* A known fatal failure, or a dead part of clustering, ends clustering on that
\* node.
\* (C2, C3, C10, C13, C14, C16, C21, C24)
L1 ==
  /\ \A i \in Inc : (((((phase[i] = "failing") \/ (phase[i] = "quiesced")) \/ (\E g \in Group, c \in Cause : reported[i, g, c]) \/ (\E c \in Component : dead[i, c]))) ~> (((phase[i] = "ended") \/ (phase[i] = "crashed"))))

\* A known fatal failure leads to a node leave at every connected correct peer.
\* (C1, C6, C7, C15, C17, C20, C22, C26, C27, C29)
L2 ==
  /\ \A o \in Inc, i \in Inc : (((((((phase[o] = "active") /\ ~dead[o, "engine"]) /\ view[o, i]) /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older))) /\ ((((phase[i] = "failing") \/ (phase[i] = "quiesced")) \/ (\E g \in Group, c \in Cause : reported[i, g, c]) \/ (\E c \in Component : dead[i, c])) \/ distress[i]))) ~> ((left[o, i] \/ ~((phase[o] = "active") /\ ~dead[o, "engine"]) \/ ~TRUE \/ ((phase[i] = "crashed") /\ ~distress[i]))))

\* A node leave leads to a new primary of each affected group that can have
\* one.
\* (C8, C28)
L3 ==
  /\ \A o \in Inc, g \in Group : ((((\E i \in Inc : (left[o, i] /\ promoted[i, g] /\ (<<o, g, i>> \in founded_before) /\ ~(\E k \in Inc : (primary[k, g] /\ (<<k, g, i>> \in founded_before))))) /\ ((((phase[o] = "active") /\ ~dead[o, "engine"]) /\ (member[o, g] = "active")) /\ (<<o, g>> \in founds)))) ~> ((~(\E i \in Inc : (left[o, i] /\ promoted[i, g] /\ (<<o, g, i>> \in founded_before) /\ ~(\E k \in Inc : (primary[k, g] /\ (<<k, g, i>> \in founded_before))))) \/ ~((((phase[o] = "active") /\ ~dead[o, "engine"]) /\ (member[o, g] = "active")) /\ (<<o, g>> \in founds)) \/ ((\E k \in Inc : ((<<o, g, k>> \in founded_before) /\ ~((released[o, g, k] \/ (((quiesced[k] /\ (reaped[k, g] \/ (g \in has_tokens))) \/ member_gone[k, g] \/ (\E j \in Inc : ((<<k, j>> \in older) /\ announced[j]))) /\ TRUE)) \/ FALSE))) \/ (\E h \in Group : ((<<g, h>> \in depends) /\ ~(\E k \in Inc : (((promoted[k, h] /\ primary[k, h]) /\ (phase[k] = "active")) /\ ~heard[o, k]))))))))

\* The death of a part of clustering itself leads to the node leave too.
\* (C5, C16)
L4 ==
  /\ \A o \in Inc, i \in Inc : (((((((phase[o] = "active") /\ ~dead[o, "engine"]) /\ view[o, i]) /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older))) /\ (\E c \in Component : dead[i, c]))) ~> ((left[o, i] \/ ~((phase[o] = "active") /\ ~dead[o, "engine"]) \/ ~TRUE \/ ((phase[i] = "crashed") /\ ~distress[i]))))

\* A node that fell silent is partitioned at each peer, and nobody is promoted.
\* (C26)
L5 ==
  /\ \A o \in Inc, i \in Inc : (((((phase[o] = "active") /\ ~dead[o, "engine"]) /\ view[o, i] /\ (((o # i) /\ ~(<<o, i>> \in older)) /\ ~(<<i, o>> \in older)) /\ (phase[i] = "crashed"))) ~> ((partitioned[o, i] \/ heard[o, i] \/ ~((phase[o] = "active") /\ ~dead[o, "engine"]) \/ (phase[i] # "crashed"))))

\* A partitioned peer whose heartbeats return is active again.
Heals ==
  /\ \A o \in Inc, i \in Inc : ((partitioned[o, i]) ~> ((~partitioned[o, i] \/ ~((phase[i] = "active") \/ (phase[i] = "failing")) \/ ~((phase[o] = "active") /\ ~dead[o, "engine"]) \/ (phase[i] = "crashed"))))

===============================================================================
