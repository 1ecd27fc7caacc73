"""What a card says, in the order in which it says it: pieces that are written as Markdown and as a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Words:
    """A paragraph. Lines of what people wrote themselves are kept."""

    text: str


@dataclass(frozen=True)
class Table:
    """Cells as text; numbers stand on the right, from the second column on."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]] = field(default_factory=list)


@dataclass(frozen=True)
class Shown:
    """A plot of this name."""

    name: str


@dataclass(frozen=True)
class Code:
    text: str


Block: TypeAlias = Heading | Words | Table | Shown | Code

# Longer tables say how many more there are; `data_card.json` has them all.
_MOST_ROWS: Final = 50
_STAGES: Final = {
    "assisted_manual": "assisted manual",
    "semi_automatic": "semi-automatic",
    "fully_automatic": "fully automatic",
}
_KINDS: Final = {"face": "faces", "plate": "licence plates"}
_READING: Final = """\
import json
from pycocotools import mask

document = json.load(open("annotations/sa_1.json"))
for entry in document["annotations"]:
    pixels = mask.decode(entry["segmentation"])  # [height, width] of images/sa_1.jpg, 0 or 1"""


def blocks_of(card: dict[str, Any]) -> list[Block]:
    """All of a card but its title."""
    return [
        *_glance(card),
        *_why(card),
        *_content(card),
        *_masks(card),
        *_quality(card),
        *_privacy(card),
        *_lost(card),
        *_licence(card),
        *_files(card),
    ]


def _glance(card: dict[str, Any]) -> Iterator[Block]:
    counts, paper = card["counts"], card["paper"]
    mean = f"{card['masks_per_image']['mean']:.1f}"
    yield Words(f"Release {card['number']} of the project {card['project']}, {card['date']}.")
    yield Table(
        ("", "here", "SA-1B, for comparison"),
        [
            ("images", _count(counts["images"]), _count(paper["images"])),
            ("masks", _count(counts["masks"]), _count(paper["masks"])),
            ("masks on an image, mean", mean, f"about {paper['masks_per_image']}"),
        ],
    )


def _why(card: dict[str, Any]) -> Iterator[Block]:
    people = card["made_by"]
    yield Heading("Why and by whom")
    yield Words(card["description"] or "Nobody wrote down what it was made for.")
    yield Words(
        f"{_several(people['people'], 'person', 'people')} made the masks, or accepted what a model made; "
        f"{_several(people['reviewers'], 'person', 'people')} reviewed the images last."
    )


def _content(card: dict[str, Any]) -> Iterator[Block]:
    made_of, per_image = card["made_of"], card["masks_per_image"]
    statuses = ", ".join(status.replace("_", " ") for status in made_of["statuses"])
    yield Heading("What is in it")
    yield Words(
        f"Images with the status: {statuses}. They have {per_image['min']} to {per_image['max']} masks; "
        f"{_count(card['counts']['images_without_masks'])} have none. How the images were chosen, and what of the "
        "world they show, a program cannot tell."
    )
    yield Shown("masks_per_image")
    yield Shown("mask_size")
    yield Shown("concavity")
    yield Shown("centres")
    yield Table(("label", "masks", "share"), _shares(card["labels"], "label", "masks", "no label"))
    if card["tags"]:
        yield Words("An image may have several tags, or none.")
        yield Table(("tag", "images", "share"), _shares(card["tags"], "tag", "images", "no tag"))
    resolution = card["resolution"]
    yield Words(_scaling(made_of["short_side"], resolution["scaled_images"]))
    yield Table(
        ("", "least", "mean", "most"),
        [
            (
                f"{name}, {side}",
                *(_number(resolution[place][side][which]) for which in ("min", "mean", "max")),
            )
            for place, name in (("as_shown", "before"), ("released", "released"))
            for side in ("width", "height", "megapixels")
        ],
    )


def _scaling(short_side: int | None, scaled: int) -> str:
    if short_side is None:
        return "Pictures have the size in which they came."
    return (
        f"Pictures with a short side of more than {_count(short_side)} pixels were scaled down to that: "
        f"{_count(scaled)} of them. Their masks were scaled along, each pixel as the nearest one of before."
    )


def _masks(card: dict[str, Any]) -> Iterator[Block]:
    unknown = card["unknown_values"]
    yield Heading("How the masks were made")
    yield Words(
        "Stages are those of the data engine of Segment Anything: assisted manual, a person asked for the mask by "
        "clicks or "
        "drew it; semi-automatic, a model proposed it to a person who worked on the image; fully automatic, a model "
        "made it. "
        f"{card['paper']['fully_automatic']:.1%} of the masks that were made for SA-1B are fully automatic, and "
        "only those were "
        "released."
    )
    yield Table(
        ("stage", "masks", "share"),
        [
            (_STAGES.get(row["stage"], row["stage"]), _count(row["masks"]), f"{row['share']:.1%}")
            for row in card["stages"]
        ],
    )
    yield Table(("model", "masks", "share"), _shares(card["models"], "model", "masks", "none, or not known"))
    yield Words(
        f"{_count(unknown['predicted_iou'])} masks have no predicted IoU and {_count(unknown['stability_score'])} "
        "no stability "
        f"score, as no model said any: they have {unknown['written_as']:g} there, which is no value of either. "
        f"{_count(unknown['point_coords'])} were made without a foreground point: their point_coords are empty."
    )


def _quality(card: dict[str, Any]) -> Iterator[Block]:
    check, paper = card["quality_check"], card["paper"]
    yield Heading("How good the masks are")
    if not check:
        yield Words("No quality check was made, or none is cited: how good the masks are is not known.")
        return
    yield Words(
        f"Quality check {check['name']}, closed on {check['date']}: "
        f"{_several(check['images'], 'accepted image', 'accepted images')} "
        f"drawn by chance, with {_several(check['masks'], 'mask', 'masks')}. Somebody corrected these as well as "
        "they could; "
        "each mask was compared with what became of it. "
        f"{_count(check['redrawn'])} were redrawn, {_count(check['relabelled'])} got another label, "
        f"{_count(check['deleted'])} were "
        f"deleted (IoU 0), and {_count(check['added'])} that were missing were added, which is in no figure."
    )
    yield Table(
        ("", "share", "95 % interval", "SA-1B"),
        [
            (
                name,
                f"{check[of]['share']:.1%}",
                f"{check[of]['low']:.1%} to {check[of]['high']:.1%}",
                f"{paper[of]:.0%}",
            )
            for name, of in (("IoU over 0.90", "above_90"), ("IoU over 0.75", "above_75"))
        ],
    )
    yield Words(
        f"Mean IoU: {check['mean_iou']:.3f}. The intervals are Wilson's and take masks for independent; as those of "
        "one image are "
        "alike, the true ones are a little wider."
    )
    taken = (
        "were taken over since, so that the masks are better now"
        if check["corrections_taken_over"]
        else "were not taken over"
    )
    yield Words(
        f"They are figures of masks that were accepted when the check began, on {check['begun']}; what was accepted "
        "later, or "
        f"is released without that, nobody checked. The corrections {taken}."
    )
    if check["own_images"]:
        yield Words(
            f"{_count(check['own_images'])} of the images were checked by the person whose work they are: "
            "people find few mistakes of their own."
        )
    yield Shown("quality")


def _privacy(card: dict[str, Any]) -> Iterator[Block]:
    privacy = card["privacy"]
    yield Heading("Privacy")
    if privacy["blurred"]:
        yield Words(
            "What a detector found was blurred before anybody saw the image; detectors miss some. "
            f"Of these images the file as it came was kept apart for {_count(privacy['originals_kept'])} and "
            "destroyed for "
            f"{_count(privacy['originals_destroyed'])}; none of those files is in this release."
        )
        yield Table(
            ("blurred", "images looked at", "regions"),
            [
                (
                    _KINDS.get(row["kind"], row["kind"]),
                    _count(row["images_looked_at"]),
                    _count(row["regions"]),
                )
                for row in privacy["blurred"]
            ],
        )
        yield Table(("detector", "images", "share"), _shares(privacy["detectors"], "detector", "images", "?"))
    if privacy["images_not_looked_at"]:
        yield Words(
            f"In {_several(privacy['images_not_looked_at'], 'image', 'images')} nothing was looked for: faces and "
            "licence plates "
            "are in them as the camera saw them."
        )
    yield Words(
        "Pictures were stored anew as JPEG files: nothing that a camera wrote beside the pixels (EXIF, place, time, "
        "thumbnails) is in them. Names of files and people are not in this release, unless somebody wrote them into "
        "a "
        "text, a tag, a label or a note."
    )


def _lost(card: dict[str, Any]) -> Iterator[Block]:
    lost = card["lost"]
    yield Heading("What was lost")
    yield Words(
        f"{_several(lost['masks_without_pixels'], 'mask', 'masks')} had no pixel left after scaling and were left "
        "out. "
        f"SA-1B's files have no place for: {', '.join(lost['fields_without_a_place'])}."
    )


def _licence(card: dict[str, Any]) -> Iterator[Block]:
    yield Heading("Licence")
    yield Words(card["licence"] or "Nobody named a licence: ask the project before you use it.")
    yield Words("What is noted of the images:")
    rows = [
        (_note(row["note"]), _count(row["images"]), f"{row['share']:.1%}")
        for row in card["image_licences"][:_MOST_ROWS]
    ]
    yield Table(("note", "images", "share"), rows)


def _note(note: str | None) -> str:
    return "other notes" if note is None else note or "none"


def _files(card: dict[str, Any]) -> Iterator[Block]:
    seed = card["made_of"]["seed"]
    order = (
        "are the project's own, and the same in its next release"
        if seed is None
        else f"follow an order drawn with the seed {seed}"
    )
    yield Heading("How to read the files")
    yield Words(
        "images/sa_<id>.jpg and annotations/sa_<id>.json belong together and are as SA-1B's: image {image_id, "
        "width, height, "
        "file_name}, annotations [{id, segmentation, bbox, area, predicted_iou, stability_score, crop_box, "
        "point_coords}]. "
        "segmentation is COCO's compressed RLE; bbox is [x, y, last column - first column, last row - first row]; "
        "crop_box is "
        f"[x, y, width, height]. Ids {order}. SHA256SUMS has the checksums of all other files (sha256sum -c "
        "SHA256SUMS); "
        "data_card.json has this card as numbers."
    )
    yield Code(_READING)


def _shares(rows: Sequence[dict[str, Any]], name: str, of: str, nothing: str) -> list[tuple[str, str, str]]:
    told = [
        (nothing if row[name] is None else row[name], _count(row[of]), f"{row['share']:.1%}")
        for row in rows[:_MOST_ROWS]
    ]
    if len(rows) > _MOST_ROWS:
        rest = rows[_MOST_ROWS:]
        told.append((f"{len(rest)} more", _count(sum(row[of] for row in rest)), ""))
    return told


def _count(number: int) -> str:
    return f"{number:,}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:,.2f}".rstrip("0").rstrip(".")


def _several(count: int, one: str, more: str) -> str:
    return f"{count:,} {one if count == 1 else more}"
