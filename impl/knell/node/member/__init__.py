"""How a program takes part in a cluster: as a member of a group.

```python
from knell.node.member import ClusteringEnding, join

async with await join("orders") as member:
    async for event in member:
        ...
```

* `client`: the asyncio face; `plain`: the blocking one.
* `messages`: the protocol of the sockets, for members in any language.
"""

from knell.node.member.client import Member, join
from knell.node.member.desk import Act
from knell.node.member.errors import ClusteringEnding, MemberError, QueueFullError, RefusedError
from knell.node.member.plain import PlainMember

__all__ = [
    "Act",
    "ClusteringEnding",
    "Member",
    "MemberError",
    "PlainMember",
    "QueueFullError",
    "RefusedError",
    "join",
]
