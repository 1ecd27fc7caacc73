"""What comes back of masks that formats lose: from each format exported, imported here and read by others.

python -m tests.bench.round_trips [--database URL] [--json PATH]

Prints a table in Markdown: IoU with what was exported, `kept` or `lost` for the rest. "told" is whether the account that
lies in the archive (losses.json) says the IoU of every mask that changed. `tests/backend/formats/test_table.py` holds the
same code to exact values.
"""

import argparse
import json
from pathlib import Path

from tests.bench.installation import installation


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", default="", help="an empty one; SQLite without")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with installation(database=options.database) as folder:
        from backend.users.models import User
        from tests.backend.formats.round_trip_table import as_json, markdown, rows
        from tests.backend.formats.specials import specials_project

        owner = User.objects.get()
        table = list(rows(specials_project(owner), owner, folder))
    print(markdown(table))
    if options.json:
        options.json.write_text(json.dumps(as_json(table), ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
