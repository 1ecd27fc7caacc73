"""Results as a picture: photographs beside the masks of one click, a box and three clicks, as the protocol gives them."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import binary_dilation, binary_erosion

from models.sam.boxes import tight_box
from models.sam.evaluation.clicks import farthest_point, iou, next_click
from models.sam.predictor import SamPredictor

COLUMNS = ("photograph, true outline", "1 click, top-ranked", "box", "3 clicks")
MASK_RGB, TRUTH_RGB = (255, 96, 32), (255, 255, 255)
CLICK_RGB = {0: (230, 30, 60), 1: (40, 200, 90)}
CELL, GAP, CAPTION = 224, 6, 18  # pixels


@dataclass(frozen=True)
class Answer:
    """A mask [H, W], its IoU with the true one, and the prompt that made it (pixels of the photograph)."""

    mask: np.ndarray
    iou: float
    clicks: tuple[tuple[tuple[int, int], int], ...] = ()
    box: tuple[int, int, int, int] | None = None


def answers_of(predictor: SamPredictor, photograph: np.ndarray, target: np.ndarray) -> list[Answer]:
    """One click, box and three clicks for the mask `target` [H, W] of a photograph [H, W, 3]."""
    predictor.set_image(photograph)
    clicks = [(farthest_point(target)[0], 1)]
    found: list[Answer] = []
    logits: np.ndarray | None = None
    while True:
        coords = np.array([point for point, _ in clicks], np.float64)
        labels = np.array([label for _, label in clicks])
        prediction = predictor.predict(coords, labels, mask_input=logits, multimask_output=len(clicks) == 1)
        best = int(prediction.iou_predictions.argmax())
        mask, logits = prediction.masks[best], prediction.low_res_masks[best : best + 1]
        found.append(Answer(mask, iou(mask, target), tuple(clicks)))
        if len(clicks) == 3:
            break
        point, label = next_click(mask, target)
        clicks.append((point, label))
    box = tight_box(target)
    prediction = predictor.predict(box=np.array(box, np.float64))
    mask = prediction.masks[int(prediction.iou_predictions.argmax())]
    return [found[0], Answer(mask, iou(mask, target), box=box), found[2]]


def draw_row(photograph: np.ndarray, target: np.ndarray, answers: list[Answer]) -> Image.Image:
    """The photograph with the true outline, then each answer with its prompt and IoU; cells of `CELL` pixels."""
    cells = [_cell(_outlined(photograph, target), None)]
    cells += [_cell(_prompted(photograph, answer), f"IoU {answer.iou:.2f}") for answer in answers]
    row = Image.new("RGB", ((CELL + GAP) * len(cells) - GAP, CELL + CAPTION), "white")
    for index, cell in enumerate(cells):
        row.paste(cell, (index * (CELL + GAP), 0))
    return row


def draw_gallery(rows: list[Image.Image], columns: tuple[str, ...] = COLUMNS) -> Image.Image:
    """Rows below one line of headings, in two blocks side by side when there are more than five."""
    blocks = 2 if len(rows) > 5 else 1
    height = -(-len(rows) // blocks)
    width = rows[0].width
    step = rows[0].height + GAP
    sheet = Image.new("RGB", (blocks * width + (blocks - 1) * 4 * GAP, CAPTION + height * step), "white")
    draw = ImageDraw.Draw(sheet)
    for block in range(blocks):
        left = block * (width + 4 * GAP)
        for index, title in enumerate(columns):
            draw.text((left + index * (CELL + GAP), 2), title, "black", _font())
        for index, row in enumerate(rows[block * height : (block + 1) * height]):
            sheet.paste(row, (left, CAPTION + index * step))
    return sheet


def _outlined(photograph: np.ndarray, mask: np.ndarray) -> Image.Image:
    """The photograph with a white line on a black one around the mask."""
    pixels = photograph.copy()
    pixels[binary_dilation(mask, iterations=3) & ~mask] = 0
    pixels[binary_dilation(mask, iterations=2) & ~mask] = TRUTH_RGB
    return Image.fromarray(pixels)


def _prompted(photograph: np.ndarray, answer: Answer) -> Image.Image:
    """The photograph with the mask laid over it and the prompt drawn in."""
    pixels = photograph.astype(np.float32)
    pixels[answer.mask] = 0.45 * pixels[answer.mask] + 0.55 * np.array(MASK_RGB, np.float32)
    pixels[answer.mask & ~binary_erosion(answer.mask, iterations=2)] = MASK_RGB
    image = Image.fromarray(pixels.astype(np.uint8))
    draw, radius = ImageDraw.Draw(image), max(4, max(image.size) // 70)
    if answer.box:
        draw.rectangle(answer.box, outline=TRUTH_RGB, width=max(2, radius // 2))
    for (x, y), label in answer.clicks:
        if label >= 0:
            corners = (x - radius, y - radius, x + radius, y + radius)
            draw.ellipse(corners, fill=CLICK_RGB[label], outline=TRUTH_RGB, width=2)
    return image


def _cell(image: Image.Image, caption: str | None) -> Image.Image:
    """The image fitted into a white cell with a caption below it."""
    cell = Image.new("RGB", (CELL, CELL + CAPTION), "white")
    fitted = image.copy()
    fitted.thumbnail((CELL, CELL), Image.Resampling.LANCZOS)
    cell.paste(fitted, ((CELL - fitted.width) // 2, (CELL - fitted.height) // 2))
    if caption:
        ImageDraw.Draw(cell).text((4, CELL + 2), caption, "black", _font())
    return cell


def _font() -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    return ImageFont.load_default(12)
