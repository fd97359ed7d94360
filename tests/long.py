"""Whether the thorough variants of the tests run, which take long: ``make witnesses`` asks so."""

import os
from typing import Final

LONG: Final = os.environ.get("KNELL_LONG") == "1"
