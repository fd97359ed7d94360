"""What has to happen after each failure, and whether it did: read from what was written down.

The judge knows the outcome table of the specification (§8), not the implementation: it sees the
lines of nodes and members, and the log of the store.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from knell.node.demo.cluster import GROUPS
from knell.node.demo.failures import LEASED, Failure
from knell.node.demo.store import Written

Line = dict[str, Any]

_WAYS_OUT: Final = ("member_leaves", "reap_gated")
_LEARNED: Final = ("hear_distress", "hear_quiesced")


class Case:
    """One failure and what was seen of it.

    Args:
        failure: The failure.
        epoch: The epoch of the node when it failed.
        at: When it was brought about.
        lines: What was written down from then on.
        survivors: The nodes that have to learn of it.
        was_primary: The groups whose primary was on the node.
    """

    def __init__(
        self,
        failure: Failure,
        epoch: int,
        *,
        at: int,
        lines: list[Line],
        survivors: list[str],
        was_primary: list[str],
    ) -> None:
        self.failure = failure
        self.name = f"{failure.node}.{epoch}"
        self.epoch = epoch
        self.lines = [line for line in lines if line["t"] >= at]
        self.survivors = survivors
        self.was_primary = was_primary
        self.at = self._began(at)

    def _began(self, at: int) -> int:
        """When the node itself could first know: the report, or the end of file (§7.2, §7.6)."""
        for line in self.lines:
            if line.get("node") != self.failure.node:
                continue
            if self.failure.kind == "cause" and line.get("member") == "reported":
                return int(line["about"]["at"])
            if self.failure.kind == "kill" and line.get("note") == "engine lost":
                return int(line["t"])
        return at

    # What was seen

    def learned(self) -> dict[str, int]:
        """When each survivor's engine learned of it."""
        found: dict[str, int] = {}
        for line in self.lines:
            about = line.get("args", {})
            if line.get("action") in _LEARNED and about.get("i") == self.name:
                found.setdefault(line["node"], line["t"])
        return found

    def told(self) -> dict[tuple[str, str], list[int]]:
        """When each member on a survivor was told of the node leave."""
        found: dict[tuple[str, str], list[int]] = {}
        for line in self.lines:
            if line.get("member") == "node_left":
                node, epoch = line["about"]["news"]["epoch"]
                if f"{node}.{epoch}" == self.name:
                    found.setdefault((line["node"], line["group"]), []).append(line["t"])
        return found

    def promotions(self) -> list[tuple[int, str, str]]:
        """The promotions on survivors: when, where, in which group."""
        return [
            (line["t"], line["node"], line["args"]["g"])
            for line in self.lines
            if line.get("action") == "promote" and line["node"] in self.survivors
        ]

    def step(self, action: str) -> int | None:
        """When the failed node took a step."""
        for line in self.lines:
            if line.get("action") == action and line["args"].get("i") == self.name:
                return int(line["t"])
        return None

    def _released(self, group: str) -> int | None:
        """When the entry in a group was released: its process gone, or the gate closed (§5.4)."""
        times = [
            line["t"]
            for line in self.lines
            if line.get("action") in _WAYS_OUT and line["args"] == {"i": self.name, "g": group}
        ]
        quiesced = self.step("quiesce")
        return min([*times, *([] if quiesced is None else [quiesced])], default=None)

    def is_settled(self) -> bool:
        """Whether all that has to happen has happened."""
        if not self.failure.shuts_down:
            return self._is_quiet()
        return (
            set(self.learned()) >= set(self.survivors)
            and len(self.told()) >= len(self.survivors) * len(GROUPS)
            and {group for _, _, group in self.promotions()} >= set(self.was_primary)
            and self.step("end_clustering") is not None
        )

    def _is_quiet(self) -> bool:
        match self.failure.kind:
            case "power" | "partition":
                return len(self._partitioned()) >= len(self.survivors)
            case "member":
                return any(line.get("member") == "member_left" for line in self.lines)
            case _:
                return any(line.get("note") == "paused" for line in self.lines)

    def _partitioned(self) -> set[str]:
        return {
            line["node"]
            for line in self.lines
            if line.get("member") == "partitioned" and line["node"] in self.survivors
        }

    # Verdicts

    def faults(self, log: list[Written]) -> list[str]:
        """What should not have happened, or should have and did not."""
        found = self._shutdown_faults() if self.failure.shuts_down else self._quiet_faults()
        return [*found, *self._act_faults(log)]

    def _shutdown_faults(self) -> list[str]:
        faults = []
        learned, told = self.learned(), self.told()
        for node in self.survivors:
            if node not in learned:
                faults.append(f"the engine of {node} did not learn that {self.name} fails")
            for group in GROUPS:
                times = len(told.get((node, group), []))
                if times != 1:
                    faults.append(f"{group} on {node} was told {times} times that {self.name} left")
        order = [group for _, _, group in self.promotions() if group in self.was_primary]
        if order != self.was_primary:
            faults.append(f"failover of {self.was_primary} went {order}")
        for at, node, group in self.promotions():
            released = self._released(group)
            if self.failure.kind in LEASED:
                continue  # its lease is over, which releases nothing (§10.7)
            if group in self.was_primary and (released is None or at < released):
                faults.append(f"{node} was promoted in {group} before {self.name} was released")
        return [*faults, *self._own_faults()]

    def _own_faults(self) -> list[str]:
        """What the failed node itself did wrong."""
        faults = []
        if self.step("end_clustering") is None:
            faults.append(f"clustering did not end on {self.name}")
        for action in ("quiesce", "end_clustering"):
            times = sum(
                line.get("action") == action and line["args"].get("i") == self.name
                for line in self.lines
            )
            if times > 1:
                faults.append(f"{self.name} did {action} {times} times")
        return faults

    def _quiet_faults(self) -> list[str]:
        faults = [
            f"{group} on {node} was told that {self.name} left, though it only was silent"
            for node, group in self.told()
        ]
        promoted = Counter(group for _, _, group in self.promotions())
        if self.failure.kind != "member":
            faults += [f"somebody was promoted in {group}" for group in promoted]
        if self.failure.kind in {"power", "partition"}:
            silent = set(self.survivors) - self._partitioned()
            faults += [f"members on {node} were not told of the silence" for node in silent]
        return faults

    def _act_faults(self, log: list[Written]) -> list[str]:
        """Acts of the failed epoch after its gate closed, and acts out of the tokens' order."""
        faults = []
        closed = self.step("quiesce")
        highest: dict[str, int] = {}
        lapsed = {group: at for at, _, group in self.promotions()}
        for each in log:
            write = each.write
            mine = (write.node, write.epoch) == (self.failure.node, self.epoch)
            if each.accepted and mine and closed is not None and write.at > closed:
                faults.append(f"an act of {self.name} took effect after its gate had closed")
            if each.accepted and write.token < highest.get(write.group, 0):
                faults.append(f"the store took token {write.token} of {write.group} too late")
            if each.accepted and mine and write.at > lapsed.get(write.group, write.at):
                faults.append(f"an act of {self.name} took effect beside a later primary")
            highest[write.group] = max(highest.get(write.group, 0), write.token)
        return faults

    # Figures

    def figures(self) -> dict[str, float | None]:
        """Times in milliseconds since the failure could be known."""
        members = [times[0] for (node, _), times in self.told().items() if node in self.survivors]
        engines = [at for node, at in self.learned().items() if node in self.survivors]
        promoted = [at for at, _, group in self.promotions() if group in self.was_primary]
        quiesced = self.step("quiesce")
        return {
            "last_engine_learned_ms": self._ms(max(engines, default=None)),
            "last_member_learned_ms": self._ms(max(members, default=None)),
            "last_promoted_ms": self._ms(max(promoted, default=None)),
            "quiesced_ms": self._ms(quiesced),
            "promoted_after_quiesced_ms": (
                round((max(promoted) - quiesced) / 1e6, 3) if promoted and quiesced else None
            ),
        }

    def _ms(self, at: int | None) -> float | None:
        return None if at is None else round((at - self.at) / 1e6, 3)
