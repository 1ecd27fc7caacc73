"""A card as one HTML file that needs nothing else."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

from backend.release.card_blocks import Block, Code, Heading, Shown, Table, Words
from backend.release.card_plots import Plot
from backend.release.plots import STYLE

_PAGE: Final = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
h1{line-height:1.2}h2{margin-top:2.5rem}.lines{white-space:pre-line;overflow-wrap:anywhere}
table{border-collapse:collapse;margin:1rem 0}th,td{padding:.25rem .75rem;border-bottom:1px solid #ccc;text-align:right}
th:first-child,td:first-child{text-align:left;padding-left:0;overflow-wrap:anywhere}
figure{margin:1.5rem 0}figcaption{color:#555;font-size:.9rem}
pre{overflow-x:auto;background:#f3f3f3;padding:1rem;border-radius:6px}
@media (prefers-color-scheme: dark){body{color:#ddd;background:#1a1b1e}th,td{border-color:#444}figcaption{color:#aaa}
pre{background:#26272b}}
"""


def page_of(title: str, blocks: Sequence[Block], plots: Mapping[str, Plot]) -> str:
    """Light or dark as the reader has it."""
    body = "\n".join(_written(block, plots) for block in blocks)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_PAGE}{STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{escape(title)}</h1>\n{body}\n</body>\n</html>\n"
    )


def _written(block: Block, plots: Mapping[str, Plot]) -> str:
    match block:
        case Heading(text):
            return f"<h2>{escape(text)}</h2>"
        case Words(text):
            return f'<p class="lines">{escape(text)}</p>'
        case Table(head, rows):
            return _table(head, rows) if rows else ""
        case Shown(name):
            caption = escape(plots[name].caption)
            return f"<figure>{plots[name].svg}<figcaption>{caption}</figcaption></figure>"
        case Code(text):
            return f"<pre>{escape(text)}</pre>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    names = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    lines = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"
