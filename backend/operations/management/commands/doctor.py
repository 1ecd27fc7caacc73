import json
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backend.operations.doctor import CHECKS, Report, examine
from backend.operations.findings import Outcome


class Command(BaseCommand):
    help = (
        "Looks whether everything this installation stands on is there and agrees: one line a check, and the exit "
        "code 1 where one failed. Changes nothing without --repair. Safe while the server runs."
    )
    # It is there for installations in which something is wrong.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [check.name for check in CHECKS]
        parser.add_argument(
            "--only", action="append", choices=names, default=[], metavar="NAME", help=", ".join(names)
        )
        parser.add_argument(
            "--repair", action="store_true", help="mend what can be mended without losing anything"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of lines")

    def handle(self, *args: Any, only: list[str], repair: bool, **options: Any) -> None:
        reports = []
        for report in examine(only=only, is_repairing=repair):
            reports.append(report)
            if not options["json"]:
                self._print(report)
        outcomes = Counter(report.finding.outcome for report in reports)
        if options["json"]:
            checks = [
                {"name": one.name, **asdict(one.finding), "mended": one.mended or None} for one in reports
            ]
            counts = {str(outcome): outcomes[outcome] for outcome in Outcome}
            self.stdout.write(json.dumps({"checks": checks, **counts}, indent=2))
        if failed := outcomes[Outcome.FAILED]:
            raise CommandError(f"{failed} of {len(reports)} checks failed")

    def _print(self, report: Report) -> None:
        finding = report.finding
        if report.mended:
            self.stdout.write(f"{'mended':8} {report.name:11} {report.mended}")
        advice = f": {finding.advice}" if finding.advice else ""
        self.stdout.write(f"{finding.outcome:8} {report.name:11} {finding.what}{advice}")
