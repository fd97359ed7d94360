"""`python -m knell.node.runtime CONFIG`: run a node; what `knell node` does, and no more."""

from __future__ import annotations

import sys
from pathlib import Path

from knell.node.runtime import config, epoch, sentinel
from knell.spec.errors import KnellError


def main() -> int:
    """Run the node that a configuration describes."""
    try:
        return sentinel.run(epoch.prepare(config.load(Path(sys.argv[1]))))
    except KnellError as error:
        sys.stderr.write(f"knell: {error}\n")
        return 2


if __name__ == "__main__":
    sys.exit(main())
