"""Which plots a card has."""

from dataclasses import dataclass
from typing import Any

from backend.release.plots import Known, Reference, bars, centre_map, intervals


@dataclass(frozen=True)
class Plot:
    """`caption` says in words what is to be seen."""

    svg: str
    caption: str


def plots_of(card: dict[str, Any]) -> dict[str, Plot]:
    """By name. That of the quality check is there where one was made."""
    check = card["quality_check"]
    found = {
        "masks_per_image": _masks_per_image(card),
        "mask_size": Plot(
            _shares_plot(
                "Size of masks",
                card["mask_size"]["bins"],
                "square root of the mask's share of the image's area",
            ),
            "Masks by their size relative to the image: on the left small ones, on the right those that fill it.",
        ),
        "concavity": Plot(
            _shares_plot(
                "Concavity of masks", card["concavity"]["bins"], "1 - area / area of the convex hull"
            ),
            f"Masks by their concavity, 0 for a convex one; on average {card['concavity']['mean']:.2f}.",
        ),
        "centres": Plot(
            centre_map("Where masks lie", card["centres"]["grid"]),
            "Where in the image the middle of a mask's box lies. SA-1B's are spread more evenly than those of data "
            "sets "
            "with few masks an image, which lie in the middle.",
        ),
    }
    if check:
        found["quality"] = Plot(
            intervals(
                "Quality of masks",
                [
                    Known(name, **check[field], paper=card["paper"][field])
                    for name, field in (("IoU over 0.90", "above_90"), ("IoU over 0.75", "above_75"))
                ],
            ),
            "Masks before and after somebody corrected them: shares above an IoU, with 95 % intervals.",
        )
    return found


def _masks_per_image(card: dict[str, Any]) -> Plot:
    told = card["masks_per_image"]
    rows = told["histogram"]
    names = [_range(row["from"], row["to"]) for row in rows]
    ticks = [((place + 0.5) / len(rows), name) for place, name in enumerate(names)]
    svg = bars(
        "Masks of an image",
        [row["images"] for row in rows],
        ticks,
        x_label="masks on an image",
        y_label="images",
        # Between the bin that ends with 100 and the one that begins after it.
        reference=Reference(4 / len(rows), "SA-1B: about 100"),
    )
    words = f"Images by how many masks they have: {told['mean']:.1f} on average, half of them at most {told['median']:g}."
    return Plot(svg, words)


def _range(low: int, high: int | None) -> str:
    if high is None:
        return f"> {low - 1}"
    return str(low) if low == high else f"{low}-{high}"


def _shares_plot(title: str, bins: list[int], x_label: str) -> str:
    ticks = [(place / 4, f"{place / 4:g}") for place in range(5)]
    return bars(title, bins, ticks, x_label=x_label, y_label="masks")
