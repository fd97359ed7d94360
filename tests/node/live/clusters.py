"""Clusters for live tests, and programs that are members of them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys

from knell.node.demo.cluster import Cluster


@contextlib.asynccontextmanager
async def running(count, *, workers=True, **options):
    """A cluster that stands; when it has ended, nothing may be left of it."""
    cluster = Cluster(count, workers=workers, **options)
    try:
        cluster.start()
        nodes = cluster.nodes.values()
        await cluster.until(
            "the cluster stands",
            cluster.is_whole if workers else lambda: all(meets(node, count - 1) for node in nodes),
        )
        yield cluster
    finally:
        left = await cluster.close()
    assert left == []


def meets(node, count):
    """Whether a node has admitted so many peers."""
    status = node.status()
    return status is not None and sum(bool(each["epoch"]) for each in status["peers"]) == count


class Program:
    """A member that a test wrote, as a process of its own; `lines` is what it has said."""

    def __init__(self, process):
        self.process = process
        self.lines = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self):
        while line := await self.process.stdout.readline():
            self.lines.append(line.decode().rstrip())

    async def end(self):
        """Wait until it has ended; return what it said."""
        await asyncio.wait_for(self.process.wait(), 30)
        await self._reader
        return self.lines

    async def kill(self):
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        return await self.end()


async def member(node, program):
    """Run a program as a member of a node."""
    return Program(
        await asyncio.create_subprocess_exec(
            sys.executable,
            "-u",
            "-c",
            program,
            env={**os.environ, "KNELL_RUN": str(node.folder / "run")},
            stdout=asyncio.subprocess.PIPE,
        )
    )


def notes(cluster, what):
    """The lines of the journals that note something."""
    return [line for line in cluster.lines() if line.get("note") == what]
