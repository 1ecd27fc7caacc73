"""A card as Markdown."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from backend.release.card_blocks import Block, Code, Heading, Shown, Table, Words
from backend.release.card_plots import Plot

_SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#~])")


def markdown_of(title: str, blocks: Sequence[Block], plots: Mapping[str, Plot]) -> str:
    """Plots are named by their path in the archive. What people wrote is text, whatever it looks like."""
    parts = [f"# {_plain(title)}", *(_written(block, plots) for block in blocks)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _written(block: Block, plots: Mapping[str, Plot]) -> str:
    match block:
        case Heading(text):
            return f"## {_plain(text)}"
        case Words(text):
            # Two spaces keep a line that people ended.
            return "  \n".join(_plain(line) for line in text.splitlines())
        case Table(head, rows):
            marks = ["---", *["---:"] * (len(head) - 1)]
            lines = [[_plain(cell) for cell in row] for row in (head, *rows)]
            return (
                "\n".join(f"| {' | '.join(row)} |" for row in (lines[0], marks, *lines[1:])) if rows else ""
            )
        case Shown(name):
            return f"![{_plain(plots[name].caption)}](plots/{name}.svg)\n\n{_plain(plots[name].caption)}"
        case Code(text):
            return f"```python\n{text}\n```"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
