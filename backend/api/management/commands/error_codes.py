import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from backend.api.codes import error_codes


class Command(BaseCommand):
    help = "Prints every stable code that a refusal may carry, with its statuses and sentences."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one object per code, in a list")

    def handle(self, *args: Any, **options: Any) -> None:
        found = error_codes()
        if options["json"]:
            rows = [
                {"code": one.code, "statuses": sorted(one.statuses), "messages": one.messages}
                for one in found
            ]
            self.stdout.write(json.dumps(rows, indent=1, ensure_ascii=False))
            return
        self.stdout.write("| code | status | what is said |\n|---|---|---|")
        for one in found:
            statuses = ", ".join(map(str, sorted(one.statuses)))
            said = " / ".join(message.replace("|", "\\|") for message in one.messages)
            self.stdout.write(f"| `{one.code}` | {statuses} | {said} |")
