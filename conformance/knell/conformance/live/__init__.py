"""Live conformance: real processes and sockets, a network of the harness's own, logs judged.

| module | what it does |
| --- | --- |
| `links` | carries the datagrams of each directed link, and drops, delays, doubles, garbles, cuts |
| `network` | a cluster whose nodes reach each other over such links only |
| `plays` | what a run does: one failure of each kind of the model, and what is awaited then |
| `campaign` | many runs, each log held against the model, and which actions were covered |

A run awaits what it has to see; it never sleeps for it. What the nodes logged decides: a run
diverges if no behaviour of the model explains its log.
"""
