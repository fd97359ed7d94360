"""The adapter protocol (``spec/ADAPTER.md``): implementations in any language, judged alike.

| module | what it is |
| --- | --- |
| `wire` | requests and replies as types; the JSON Schemas are made from them |
| `own` | the adapter of `knell.node` |
| `peer` | a child process that speaks the protocol; time-outs, crashes and malformed replies |
| `observation` | what an adapter shows, read in the words of the model |
| `conversation` | requests and their replies |
| `standing` | where a run stands: the states of the model that fit, what was sent |
| `judge` | one run: each step asked for, and compared |
| `taking` | what is left to take, and what was found |
| `ways` | shortest ways through the model |
| `exploring` | each state once, by snapshots |
| `pairs` | every step after every other, by snapshots |
| `cover` | runs that together take every transition |
"""
