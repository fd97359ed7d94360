"""What can go wrong for a member; each error says what the program can do about it."""

from __future__ import annotations


class MemberError(Exception):
    """The root of what a member can meet."""


class ClusteringEnding(MemberError):  # noqa: N818 # the name that the protocol has for it
    """Clustering is ending on this node, or has ended: stop all work of this group.

    Args:
        cause: Why, as far as it was said; "unknown" if both connections just ended.
    """

    def __init__(self, cause: str) -> None:
        super().__init__(f"clustering is ending: {cause}")
        self.cause = cause


class RefusedError(MemberError):
    """The node refused a request; nothing has happened."""


class QueueFullError(MemberError):
    """Too many requests are under way; wait for some of them."""
