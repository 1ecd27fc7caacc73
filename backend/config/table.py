"""The table of settings, as docs/configuration.md shows it."""

from collections.abc import Iterable

from backend.config.variables import Variable


def markdown(variables: Iterable[Variable]) -> list[str]:
    """One row for each variable, in the order of their declaration."""
    return ["| variable | type | default | read by | secret | what it is |", "|---|---|---|---|---|---|"] + [
        f"| `{one.name}` | {one.kind} | {_shown(one.default)} | {one.read_by} | {'yes' if one.is_secret else ''} "
        f"| {one.sentence} |"
        for one in variables
    ]


def _shown(default: str) -> str:
    """A value as code; what is already told in words stays as it is."""
    return default if not default or " " in default or "`" in default else f"`{default}`"
