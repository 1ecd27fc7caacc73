"""How many requests were sent to the API from its schema, by asker and kind of answer, below pytest's own summary."""

from collections import Counter
from typing import Any, Final

PROPERTY: Final = "requests_from_the_schema"
_KINDS: Final = ("2xx", "3xx", "4xx", "5xx")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Adds up what tests recorded under `PROPERTY`: {"asker kind": count}."""
    counts: Counter[str] = Counter()
    for reports in list(terminalreporter.stats.values()):
        for report in reports:
            if getattr(report, "when", "") == "teardown":
                counts.update(dict(report.user_properties).get(PROPERTY, {}))
    if not counts:
        return
    askers = list(dict.fromkeys(name.rpartition(" ")[0] for name in counts))
    terminalreporter.section("requests from the API's schema", sep="-")
    terminalreporter.write_line(f"{'':16}{'all':>9}" + "".join(f"{kind:>9}" for kind in _KINDS))
    for asker in askers:
        row = [counts[f"{asker} {kind}"] for kind in _KINDS]
        terminalreporter.write_line(f"{asker:16}{sum(row):9}" + "".join(f"{count:9}" for count in row))
    terminalreporter.write_line(f"{'':16}{counts.total():9}")
