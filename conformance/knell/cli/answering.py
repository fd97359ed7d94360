"""What a node has answered to an operator's order, in one line and an exit code."""

from __future__ import annotations

from typing import Any

from knell.cli.exits import Exit
from knell.cli.outputs import human


def tell(answer: dict[str, Any] | None, done: str) -> int:
    """Say what became of an order.

    Args:
        answer: The node's answer; None if there was none.
        done: What is true if the node did not refuse.
    """
    console = human(None)
    if answer is None:
        console.line("the node does not answer")
    elif answer["refused"] is not None:
        console.line(f"refused: {answer['refused']}")
    else:
        console.line(done)
    console.flush()
    if answer is None:
        return Exit.INCONCLUSIVE
    return Exit.HOLDS if answer["refused"] is None else Exit.VIOLATED
