"""Golden arrays of vit_b, vit_l, vit_h and mobile_sam with procedural weights.

Each takes one encoder run: 10 to 70 s on two CPU cores, 3 s for mobile_sam. Its arrays were made with the published
MobileSAM code (Apache-2.0) on one thread, of the same picture and prompts as the others'.
"""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from models.sam.build import sam_from_state_dict, state_dict_shapes
from models.sam.modeling.sam import Sam
from models.sam.parity.golden import EXACT, FULLSIZE_ATOL, IOU_ATOL, Check, Golden
from models.sam.parity.procedural import procedural_state_dict
from models.sam.predictor import SamPredictor

CASES = ("point1", "points2", "box", "box_point")


def load_procedural(name: str) -> Sam:
    """The model `name` with procedural weights, in eval mode."""
    return sam_from_state_dict(name, procedural_state_dict(state_dict_shapes(name))).eval()


def fullsize_checks(folder: Path, name: str, device: str = "cpu") -> list[Check]:
    """All comparisons with fullsize_`name`.npz in `folder`; an array nothing compares is a failure."""
    golden = Golden(folder / f"fullsize_{name}.npz")
    predictor = SamPredictor(load_procedural(name).to(device))
    predictor.set_image(np.asarray(Image.open(folder / "fullsize_image.png").convert("RGB")))
    golden["encoder_seconds_2cpu"]  # a remark about the reference, nothing to reproduce

    embedding = predictor.images[0].embedding[0]
    golden.compare(f"{name} image embedding", "embedding_stride4", embedding[:, ::4, ::4], FULLSIZE_ATOL)
    values = embedding.double()
    stats = [values.mean(), values.std(correction=0), values.min(), values.max(), values.abs().sum()]
    golden.compare(f"{name} image embedding statistics", "embedding_stats", _numbers(stats), FULLSIZE_ATOL)
    with torch.no_grad():
        dense_pe = predictor.model.prompt_encoder.get_dense_pe()[0, :, ::8, ::8]
    golden.compare(f"{name} dense positions", "dense_pe_stride8", dense_pe, FULLSIZE_ATOL)
    for case in CASES:
        for kind in ("multi", "single"):
            _check_case(golden, predictor, name, case, kind)
    _check_refinement(golden, predictor, name)
    left = [Check("not compared", key, float("inf"), 0.0, False) for key in golden.unused]
    return golden.checks + left


def _check_case(golden: Golden, predictor: SamPredictor, name: str, case: str, kind: str) -> None:
    keys = (f"{case}/point_coords", f"{case}/point_labels", f"{case}/box")
    coords, labels, box = (golden.find(key) for key in keys)
    logits, iou, low_res = predictor.predict(
        coords, labels, box, multimask_output=kind == "multi", return_logits=True
    )
    prefix = f"{case}/{kind}"
    golden.compare(f"{name} IoU predictions", f"{prefix}_iou", iou, IOU_ATOL)
    golden.compare(f"{name} low-res logits", f"{prefix}_lowres_stride4", low_res[:, ::4, ::4], FULLSIZE_ATOL)
    values = low_res.astype(np.float64)
    stats = np.array([values.mean(), values.std(), values.min(), values.max()])
    golden.compare(f"{name} low-res statistics", f"{prefix}_lowres_stats", stats, FULLSIZE_ATOL)
    golden.compare_areas(f"{name} mask areas (px)", f"{prefix}_area", logits)
    golden.compare(
        f"{name} full-size logits", f"{prefix}_masks_stride16", logits[:, ::16, ::16], FULLSIZE_ATOL
    )


def _check_refinement(golden: Golden, predictor: SamPredictor, name: str) -> None:
    first = predictor.predict(golden["point1/point_coords"], golden["point1/point_labels"])
    best = int(first.iou_predictions.argmax())
    golden.compare(f"{name} refinement choice", "refine/best", best, EXACT)
    refined = predictor.predict(
        golden["points2/point_coords"],
        golden["points2/point_labels"],
        mask_input=first.low_res_masks[best : best + 1],
        multimask_output=False,
    )
    golden.compare(f"{name} IoU predictions", "refine/iou", refined.iou_predictions, IOU_ATOL)
    low_res = refined.low_res_masks[:, ::4, ::4]
    golden.compare(f"{name} refinement", "refine/lowres_stride4", low_res, FULLSIZE_ATOL)


def _numbers(values: list[torch.Tensor]) -> np.ndarray:
    return np.array([value.item() for value in values])
