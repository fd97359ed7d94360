"""What the faces of a membership, asyncio's and the plain one, have in common."""

from __future__ import annotations

from knell.node.member.desk import Desk
from knell.node.member.errors import ClusteringEnding


class Face:
    """A membership as a program sees it."""

    _desk: Desk

    @property
    def group(self) -> str:
        """The group."""
        return self._desk.group

    @property
    def node(self) -> str:
        """The node."""
        return self._desk.node

    @property
    def epoch(self) -> int:
        """The epoch of the node."""
        return self._desk.epoch

    @property
    def ending(self) -> ClusteringEnding | None:
        """Why clustering is ending, once it is."""
        return self._desk.ending

    def report_trouble(self, text: str) -> None:
        """Have the node log an error that is not fatal to it; nothing else follows (§7.1)."""
        self._desk.trouble(text)
