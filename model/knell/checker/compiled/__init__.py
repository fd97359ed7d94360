"""The compiled engine: the same search as the reference's, in native code over packed states.

==================  ====================================================================
module              does
==================  ====================================================================
``packing``         puts the cells of a state into 64-bit words
``code``            writes LLVM's assembly: values, loops, branches
``terms``           writes ground terms over packed states
``moves``           writes the successor kernel, one function an action
``questions``       writes what is asked of states: watched conditions, ends
``table``           writes hashing and the table of known states, ``growth`` how it grows
``lines``           writes what is done with a line of it
``loop``            writes the search itself: expand a block, prefetch, insert
``rounds``          writes the search on several workers, ``phases`` what they do in turn
``native``          makes machine code of it, and keeps that for the next time
``memory``          reserves memory that grows without being copied
``again``           does expansions again: parents, single steps
``edges``           keeps the steps where a leads-to is asked
``search``          drives it, under the interface of the reference's search
==================  ====================================================================

It is exact: whole states are stored. States are numbered in the reference's order of discovery,
so verdicts, counts and runs are the same by construction.
"""

import os

from knell.checker.compiled.errors import NotCompilableError
from knell.checker.compiled.native import is_installed

# There is no linear algebra here, and the threads that numpy makes for it would only spin.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

__all__ = ["NotCompilableError", "is_installed"]
