"""`python3 -m backend.launch COMMAND`: refuses an old Python in one line before newer syntax is parsed."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the whole point of this file
    found = ".".join(str(part) for part in sys.version_info[:3])
    sys.exit(
        "anymask: Python 3.11 or newer is needed, this is "
        + found
        + "; try `make PYTHON=python3.11 ...` with a newer one."
    )

from backend.launch.commands import main

sys.exit(main(sys.argv[1:]))
