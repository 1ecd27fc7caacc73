"""How far a mask is from what its model gave. That is kept only where it differs: a mask that was taken as it came needs
no second copy of itself."""

from collections.abc import Mapping
from typing import Any, Final

from pycocotools import mask as coco_mask

from backend.annotations.models import Mask, MaskState

Tool = Mask.Tool

# Their shapes are the model's own; all others are people's.
_OF_MODEL: Final = frozenset({Tool.SMART, Tool.BOX, Tool.IMPORT})


def fields_of_new(
    *, has_model: bool, tool: str | None, counts: str, given: str | None, height: int, width: int
) -> dict[str, Any]:
    """`model_iou` and `model_counts` of a mask with these counts. `given`: what the model gave, where the client says so;
    a shape of a person's tool, or a part or copy of another mask, is compared with nothing else."""
    if not has_model:
        return {"model_iou": None, "model_counts": None}
    if given is not None:
        return _compared(given, counts, height, width)
    is_as_given = tool is None or tool in _OF_MODEL
    return {"model_iou": 1.0 if is_as_given else None, "model_counts": None}


def fields_of_next(mask: Mask, values: Mapping[str, Any], *, given: str | None) -> dict[str, Any]:
    """The same of the mask's next state, where `values` are those of its fields that change; none where nothing
    changes of it. A shape of the smart or box tool is a new one of the model's; one of a person's tool is compared with
    what the model gave."""
    height, width = mask.image.height, mask.image.width
    model = values.get("model_version", mask.model_version)
    counts = values.get("counts", mask.counts)
    tool = values.get("tool")
    # Clients send a shape that did not change, too.
    is_new_shape = counts != mask.counts and (
        tool in _OF_MODEL or (tool is None and "model_version" in values)
    )
    if model is None or given is not None or is_new_shape:
        return fields_of_new(
            has_model=model is not None, tool=tool, counts=counts, given=given, height=height, width=width
        )
    base = model_counts_of(mask)
    if counts == mask.counts or base is None:
        return {}
    return _compared(base, counts, height, width)


def model_counts_of(state: MaskState) -> str | None:
    """What the model gave, as counts; None where that is not known."""
    return state.counts if state.model_iou == 1 else state.model_counts


def _compared(model_counts: str, counts: str, height: int, width: int) -> dict[str, Any]:
    """Canonical counts are equal where the pixels are."""
    if model_counts == counts:
        return {"model_iou": 1.0, "model_counts": None}
    model, mask = ({"size": [height, width], "counts": one.encode()} for one in (model_counts, counts))
    # [1, 1]; compared as objects, not as a crowd.
    iou = float(coco_mask.iou([mask], [model], [0])[0][0])
    return {"model_iou": iou, "model_counts": model_counts}
