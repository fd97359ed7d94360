"""What runs a core: processes, sockets, disk and clock around the pure function.

A node is a small tree of processes. The *sentinel* (`sentinel`) is the root: it prepares the
epoch, binds the sockets, and forks everything else before it starts a loop of its own. The
*engine* (`engine`) runs the core (`driver`) behind the transport (`transport`, `sessions`,
`codec`) and the local sockets (`serving`). CC, name server and monitor are small processes
(`components`). All of them watch each other through one shared page and process descriptors
(`watch`).

| module | what it holds |
| --- | --- |
| `config` | the TOML file, validated |
| `keys`, `codec`, `sessions` | signatures, the bytes of datagrams, proofs of presence |
| `transport` | two UDP sockets: one for traffic, one for what is urgent |
| `disk` | epoch, lists, kept statements, audit; each write synced |
| `driver` | events into the core, effects out of it |
| `serving`, `channel` | members and operators on Unix sockets |
| `epoch` | what one start of a node prepares before anything runs |
"""
