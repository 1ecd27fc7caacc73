"""A report as one HTML file that needs nothing else: styles, drawings and pictures lie in it."""

import base64
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from models.sam.evaluation.report_page.blocks import Block, Picture, Plot

_TEMPLATE = "page.html.jinja"


def page_of(title: str, lead: str, blocks: Sequence[Block]) -> str:
    """HTML of the blocks below a title and a line that leads in. All text is escaped; an SVG goes in as it is."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["data_uri"] = _data_uri
    environment.filters["drawing"] = _drawing
    shown = [(type(block).__name__, block) for block in blocks]
    return environment.get_template(_TEMPLATE).render(title=title, lead=lead, blocks=shown)


def _data_uri(picture: Picture) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(picture.jpeg).decode()


def _drawing(plot: Plot) -> Markup:
    # Of our own making, from `charts`; what precedes the element is not HTML.
    return Markup(plot.svg[plot.svg.index("<svg") :])  # nosec B704 # see above
