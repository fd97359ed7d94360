"""The event loop: uvloop where it is installed, as it saves a tenth of a round trip."""

from __future__ import annotations

import asyncio
import gc


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
    return loop
