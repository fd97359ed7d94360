"""Conformance as tests of a project: ``pytest --knell-adapter 'CMD'``.

Each action of the protocol is a test; it fails where the adapter diverges in it, and is skipped,
with the reason, where the adapter does not support it. The campaign runs once, when the first of
the tests asks for it.

```sh
pytest --knell-adapter 'node my_adapter.mjs' --knell-config small
```
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("knell")
    group.addoption(
        "--knell-adapter", metavar="CMD", help="judge the implementation behind this adapter"
    )
    group.addoption(
        "--knell-config", default="small", metavar="NAME", help="configuration; default: small"
    )
    group.addoption(
        "--knell-set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter of the model, as in knell conform --set; repeatable",
    )
    group.addoption(
        "--knell-budget", type=float, metavar="S", help="end after S seconds; what is left fails"
    )
    group.addoption("--knell-known-failing", metavar="FILE", help="divergences that are known")


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add the tests of the adapter, if one is named."""
    adapter = config.getoption("--knell-adapter")
    if adapter is None:
        return
    if not adapter.strip():
        raise pytest.UsageError("--knell-adapter: no command")
    from knell.conformance.items import Run  # noqa: PLC0415 # other sessions need not wait for it

    items.extend(Run.from_parent(session, name="knell").collect())
