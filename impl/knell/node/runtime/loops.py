"""The event loop: uvloop where it is installed, as it saves a tenth of a round trip."""

from __future__ import annotations

import asyncio
import gc
from typing import Final

_YOUNG: Final = 50_000
"""What a core makes is free of cycles; collecting less often keeps pauses off the failure path."""


def new_loop() -> asyncio.AbstractEventLoop:
    """Make the loop of a process."""
    try:
        import uvloop  # noqa: PLC0415 # it is optional
    except ImportError:
        loop = asyncio.new_event_loop()
    else:
        loop = uvloop.new_event_loop()
    asyncio.set_event_loop(loop)
    gc.freeze()
    gc.set_threshold(_YOUNG)
    return loop
