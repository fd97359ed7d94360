"""The protocol as a pure function: this is the contract between the core and what runs it.

```python
core, effects = start(settings, epoch=4, incarnation=8321, durable=lists, kept=kept, now=clock())
perform(effects)
perform(core.drain(event, clock()))  # for whatever happens
```

**What a core is.** `receive(event, now)` returns a list of effects and replaces `core.state`. It
has no clock, socket, randomness or log. `core.state` is a value: never changed in place once
`receive` has returned, compared with `==`, kept by keeping a reference. An event that cannot
occur raises `IllegalEventError` and leaves the state as it was; so does any failure of the core
itself, and an engine should then end itself, which lets the sentinel announce it.

**One event, one action.** `receive` does exactly one action of the protocol. What the core wants
to do next on its own it lists in `core.due(now)`, the most urgent first; each is an event to hand
back. `drain(event, now)` does that until nothing is due: what a runtime calls. Whoever replays
the model calls `receive` and `due`, and so decides the interleaving.

**Time.** `now` is nanoseconds of a clock that counts suspend (`CLOCK_BOOTTIME`), the same for
all calls, never backwards. Timers leave as `Arm` and `Cancel` and come back as `TimerFired`; a
timer that fires late costs time only, as leases are judged by `now` alone. Read the clock for
each event, *after* the event was received; for `ActEnds` just before the effect.

**Two roles.** The engine runs a core made by `start`; the sentinel one made by `sentinel`, which
is told `MemberJoins`, `MemberReaped` and the like as well, and nothing else until `EngineLost`.
From then on it does §7.6 by the same rules. It says QUIESCED only after `EngineReaped`.

**What the runtime owes.**

1. Carry out effects in their order. What stands behind `Persist` or `Keep` in its list waits for
   the sync; nothing else does, as a slow disk must not delay DISTRESS (§4.8).
2. Answer `Persist` with `Persisted(group, record)` when synced: a primary acts only then (§7.22).
3. Check proof, key and incarnation before `Heard`; MAC and sequence before `Arrived`; challenge
   and response before `PeerProved` (§5.1, §9.2). The core trusts what it is told.
4. Hand over the frames of one datagram in their order: what travels ahead must arrive ahead
   (§10.7).
5. Sign an own statement whose proof is empty; DISTRESS and QUIESCED go out as the frames that
   were prepared at epoch start (§7.5).
6. Answer `Kill` by `MemberReaped` once the process is surely dead (§2.6), or by `KillFailed`.
7. Make the epoch durable before `start`, once nothing of earlier ones runs (§9.1).
8. Tell `Paused` before anything else after a gap of T_pause (§10.10).
9. Let an act take effect right after an `ActEnds` that was not refused, and never else (§4.5).
10. After `End`, send what is queued, then stop (§7.13).

**What the core does by itself.** Retransmission of statements until acknowledged, acknowledgement
of what it hears, heartbeats and echoes, relay by digest, contact with peers, leases, founding.
So a runtime needs no protocol knowledge: frames, processes, disk, clock.

**The trace seam.** Each event that is an action of the protocol emits one `Trace`, with the
model's name for the action and its parameters. Nothing else names actions.

**Where to find what.** `phases` (theory and table), `values`, `messages`, `events`, `effects`,
`state`; the rules in `shutdown` (§7.1-§7.17), `acts` (§4.5), `leaving` (§7.18-§7.21), `promotion`
(§7.22-§7.25), `lists` (§9), `silence` (§10.1-§10.2, §10.10), `leases` (§10.3-§10.7), `operator`
(§10.8, §11.5), `cold` (§11), `relay` (§5.1); `due` lists the steps, `core` puts it together.
"""

from knell.node.core.core import Core, apply
from knell.node.core.initial import founded, sentinel, start
from knell.node.core.phases import IllegalEventError

__all__ = ["Core", "IllegalEventError", "apply", "founded", "sentinel", "start"]
