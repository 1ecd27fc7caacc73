"""Data sets in COCO's format brought in and written again: the same pictures, masks, run lengths, names and numbers.

python -m tests.bench.coco_round_trip --data DIR [--only NAME ...] [--database URL] [--json PATH]

DIR holds a folder a data set, each with `images/` and `annotations.json` or `annotations.json.gz`. Each goes through
`import_dataset` and `export_dataset` as anybody would call them; the export goes with its pictures into a second project
and is exported once more. Prints a table in Markdown, a row a data set.
"""

import argparse
import json
from pathlib import Path

from tests.bench.installation import installation


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--only", nargs="+", help="data sets, by the names of their folders")
    parser.add_argument("--database", default="", help="an empty one; SQLite without")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    found = sorted(path.parent for path in options.data.glob("*/annotations.json*"))
    wanted = [folder for folder in found if not options.only or folder.name in options.only]
    with installation(database=options.database) as work:
        from backend.users.models import User
        from tests.backend.formats.coco_again import HEAD, again, line, total

        owner = User.objects.get()
        rows = []
        print(HEAD, flush=True)
        for folder in wanted:
            rows.append(again(folder, owner, work / folder.name))
            print(line(rows[-1]), flush=True)
    print(line(total(rows)))
    if options.json:
        options.json.write_text(json.dumps([vars(row) for row in rows], indent=1) + "\n")


if __name__ == "__main__":
    main()
