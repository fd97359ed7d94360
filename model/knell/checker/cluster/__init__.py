"""The search over several processes or machines, with Ray (the extra ``ray``).

============  ==========================================================================
module        does
============  ==========================================================================
``part``      one worker's share: the states whose hash is its own
``team``      calls workers: as actors of Ray, or here, one after the other
``search``    drives them, under the interface of the reference's search
============  ==========================================================================

States are partitioned by their hash. A level of the search is expanded in three calls: each part
makes the moves of its newest states and hands them to their owners; each owner takes those that
are new, by order of parents and instances; and each gives its new states their numbers, which
follow from how many of all parts' come before. So states have the numbers of the reference, and
counts, verdicts and runs are the same.
"""

import importlib.util


def is_installed() -> bool:
    """Whether Ray is there, and what the compiled engine needs."""
    return all(importlib.util.find_spec(name) for name in ("ray", "llvmlite", "numpy", "scipy"))
