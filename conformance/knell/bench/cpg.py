"""A client of Corosync's closed process groups: `python -m knell.bench.cpg FILE`.

It joins a group and adds a line to the file for each view: the time, and the ids of the nodes. On
a line of standard input it leaves.
"""

from __future__ import annotations

import ctypes
import os
import select
import sys
import time
from typing import Any, Final

_OK: Final = 1
_DISPATCH_ALL: Final = 2
_GROUP: Final = b"bench"


class _Name(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint32), ("value", ctypes.c_char * 128))


class _Address(ctypes.Structure):
    _fields_ = (("node", ctypes.c_uint32), ("pid", ctypes.c_uint32), ("reason", ctypes.c_uint32))


_List = ctypes.POINTER(_Address)
_Views = ctypes.CFUNCTYPE(
    None,
    ctypes.c_uint64,
    ctypes.POINTER(_Name),
    *(_List, ctypes.c_size_t) * 3,
)
_Deliver = ctypes.CFUNCTYPE(
    None,
    ctypes.c_uint64,
    ctypes.POINTER(_Name),
    ctypes.c_uint32,
    ctypes.c_uint32,
    ctypes.c_void_p,
    ctypes.c_size_t,
)


class _Callbacks(ctypes.Structure):
    _fields_ = (("deliver", _Deliver), ("views", _Views))


def main() -> int:
    """Be a client until standard input ends."""
    library = ctypes.CDLL("libcpg.so.4")
    out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def say(*words: object) -> None:
        line = " ".join(map(str, (time.clock_gettime_ns(time.CLOCK_BOOTTIME), *words)))
        os.write(out, f"{line}\n".encode())

    def views(_handle: int, _group: Any, members: Any, count: int, *_rest: Any) -> None:
        say("view", *(members[i].node for i in range(count)))

    callbacks = _Callbacks(_Deliver(lambda *_: None), _Views(views))
    handle = ctypes.c_uint64()
    while library.cpg_initialize(ctypes.byref(handle), ctypes.byref(callbacks)) != _OK:
        time.sleep(0.05)
    group = _Name(len(_GROUP), _GROUP)
    while library.cpg_join(handle, ctypes.byref(group)) != _OK:
        time.sleep(0.05)
    descriptor = ctypes.c_int()
    library.cpg_fd_get(handle, ctypes.byref(descriptor))
    while True:
        ready, _, _ = select.select([descriptor.value, sys.stdin], [], [])
        if sys.stdin in ready:
            if not sys.stdin.readline():
                return 0
            say("leaving")
            library.cpg_leave(handle, ctypes.byref(group))
        elif library.cpg_dispatch(handle, _DISPATCH_ALL) != _OK:
            return 1


if __name__ == "__main__":
    sys.exit(main())
