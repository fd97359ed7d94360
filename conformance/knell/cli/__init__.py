"""The `knell` command.

One thin file a command, and beside them what they share:

* `main`: the entry, and the one place where errors become exit codes.
* `registry`: which models there are by name, and how a model is loaded.
* `request`, `execute`: one check, as plain data in and plain data out, so that it
  can run in this process or in one of its own.
* `suite`: many checks, each in a process of its own.
* `console`, `summary`, `matrix`, `story`, `progress`: what a person reads.
* `outputs`, `report`, `junit`, `traces`: what a machine reads.
* `docs`: the documents that are generated from all this.
"""
