"""Validation: whether the model explains what running nodes have logged (`spec/LOGS.md`).

| module | what it does |
| --- | --- |
| `lines` | reads logs and refuses what is malformed |
| `history` | puts the lines of a run in a partial order, by number and cause |
| `universe` | names of a log as elements of the model, and its states; folds old epochs |
| `moves` | which steps of the model a line may be, and the hidden ones before it |
| `records` | what nodes told of their records, held against a state |
| `search` | goes through a history, and finds out where the model cannot follow |
| `verdict` | the answer, for people and for programs |

The model is `knell.protocol`, with the steps that it merges apart (`knell.protocol.apart`).
"""

from knell.conformance.validation.lines import MalformedLogError
from knell.conformance.validation.verdict import Rejection, RunVerdict, Verdict, validate

__all__ = ["MalformedLogError", "Rejection", "RunVerdict", "Verdict", "validate"]
