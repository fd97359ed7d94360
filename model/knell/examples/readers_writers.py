"""Readers and writers: many may read a resource at once, but who writes is alone.

Requests wait in one queue and are served in order, so that nobody starves: a reader behind a
waiting writer waits too. An actor may have one request of each kind in the queue.

Source: ReadersWriters in the TLA+ Examples.
"""

from knell.language import Model, exists, forall, implies, require, when

m = Model("readers-writers", "Readers share a resource, writers have it alone, a queue is fair.")
N = m.number("N", 3, "number of actors", least=1)
Actor = m.sort("Actor", names=[f"a{k}" for k in range(1, N + 1)])
Kind = m.enum("Kind", "read", "write")

reading = m.rel("reading", Actor)  # who reads now
writing = m.rel("writing", Actor)  # who writes now
waiting = m.queue("waiting", Kind, Actor, capacity=2 * N)  # requests in the order of arrival

kind, first = waiting.head
nobody_reads = ~exists(Actor, lambda a: reading[a])
nobody_writes = ~exists(Actor, lambda a: writing[a])


@m.action(fair="weak")
def ask(k: Kind, a: Actor):
    require(not_waiting=~waiting.contains(k, a))
    waiting.push(k, a)


@m.action(fair="weak")
def read(a: Actor):
    require(first=~waiting.empty & (kind == "read") & (first == a), no_writer=nobody_writes)
    waiting.pop()
    reading[a] = True


@m.action(fair="weak")
def write(a: Actor):
    require(
        first=~waiting.empty & (kind == "write") & (first == a),
        no_reader=nobody_reads,
        no_writer=nobody_writes,
    )
    waiting.pop()
    writing[a] = True


@m.action(fair="weak")
def stop(a: Actor):
    require(busy=reading[a] | writing[a])
    with when(reading[a]):
        reading[a] = False
    with when(~reading[a]):
        writing[a] = False


m.always(
    "writer_alone",
    {
        "no_reader": nobody_reads | nobody_writes,
        "no_other": forall(Actor, Actor, lambda a, b: implies(writing[a] & writing[b], a == b)),
    },
    witness="a_writer",
)
m.leads_to("reads_again", Actor, lambda a: (True, reading[a]))
m.leads_to("writes_again", Actor, lambda a: (True, writing[a]))
m.leads_to("stops_reading", Actor, lambda a: (True, ~reading[a]))
m.leads_to("stops_writing", Actor, lambda a: (True, ~writing[a]))
m.reachable("a_writer", exists(Actor, lambda a: writing[a]))
m.reachable("all_read", forall(Actor, lambda a: reading[a]))
