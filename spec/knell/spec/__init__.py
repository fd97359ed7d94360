"""What model and implementation share: words, claims, and the trace format.

The model and the implementation never import each other. Whatever both must
call by the same name stands here, and nothing else does.

* `knell.spec.vocabulary`: phases, causes, messages, and the ids of properties,
  claims and hazards.
* `knell.spec.claims`: the table from each claim to its evidence.
* `knell.spec.trace`: traces as ITF JSON.
* `knell.spec.errors`: the base of all errors that a user can mend.
"""
