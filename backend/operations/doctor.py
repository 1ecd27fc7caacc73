"""All checks, and one visit: what is looked at, what is mended, what is found then."""

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from backend.operations.checks import (
    broker,
    clock,
    database,
    disk,
    embeddings,
    files,
    formats,
    leases,
    models,
    orphans,
    storage,
    tallies,
)
from backend.operations.findings import Check, Finding, Outcome, failed

logger = logging.getLogger("anymask.doctor")

# In this order: what others stand on first, the sums of what others mend last.
CHECKS: Final = (
    database.CHECK,
    broker.CHECK,
    storage.CHECK,
    disk.CHECK,
    clock.CHECK,
    formats.CHECK,
    models.CHECK,
    files.CHECK,
    orphans.CHECK,
    embeddings.CHECK,
    leases.CHECK,
    tallies.CHECK,
)


@dataclass(frozen=True)
class Report:
    """What a check says; after mending, what it says then, and what was done."""

    name: str
    finding: Finding
    mended: str = ""


def examine(*, only: Collection[str] = (), is_repairing: bool = False) -> Iterator[Report]:
    """Makes the checks of these names, or all, one after the other. Never raises for what a check comes upon."""
    for check in CHECKS:
        if not only or check.name in only:
            yield _visit(check, is_repairing)


def _visit(check: Check, is_repairing: bool) -> Report:
    finding = _look(check)
    if not is_repairing or check.mend is None or finding.outcome == Outcome.OK:
        return Report(check.name, finding)
    try:
        mended = check.mend()
    except Exception as error:
        logger.exception("mend_failed check=%s", check.name)
        return Report(check.name, finding, f"could not be mended: {_said(error)}")
    logger.warning("mended check=%s what=%s", check.name, mended)
    return Report(check.name, _look(check), mended)


def _look(check: Check) -> Finding:
    try:
        return check.look()
    except Exception as error:
        # A part that is away says so in words of its own, and keeps no other check from being made.
        logger.info("check_failed check=%s", check.name, exc_info=True)
        return failed(_said(error), advice="see the log of the part that is named")


def _said(error: Exception) -> str:
    """The first line of what it says: the rest is for logs."""
    return f"{type(error).__name__}: {str(error).strip()}".splitlines()[0]
