"""Golden arrays of the tiny model: encoder, prompts, decoder internals, batches, exported decoder."""

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor, nn

from models.sam.build import build_sam
from models.sam.modeling.sam import Sam
from models.sam.onnx import OFFICIAL_INPUTS, OfficialOptions, export_decoder
from models.sam.parity.golden import EXACT, IOU_ATOL, TINY_ATOL, Check, Golden
from models.sam.predictor import SamPredictor
from models.sam.transforms import resize_image, scale_boxes, scale_coords


def load_tiny(folder: Path) -> Sam:
    """The tiny model with the golden weights, in eval mode."""
    sam = build_sam("tiny")
    weights = Golden(folder / "tiny_state_dict.npz")
    sam.load_state_dict({key: weights.tensor(key) for key in weights.keys}, strict=True)
    return sam.eval()


def tiny_checks(folder: Path) -> list[Check]:
    """All comparisons with the tiny_*.npz files in `folder`; an array nothing compares is a failure."""
    sam = load_tiny(folder)
    encoder = Golden(folder / "tiny_encoder.npz")
    prompts = Golden(folder / "tiny_prompts.npz")
    forward = Golden(folder / "tiny_forward.npz")
    exported = Golden(folder / "tiny_onnx.npz")
    with torch.no_grad():
        _check_encoder(sam, encoder)
        _check_prompts(sam, encoder, prompts)
        _check_batches(sam, encoder, prompts)
        _check_forward(sam, encoder, prompts, forward)
        _check_exported(sam, encoder, prompts, exported)
    checks = []
    for golden in (encoder, prompts, forward, exported):
        checks += golden.checks
        checks += [Check("not compared", key, float("inf"), 0.0, False) for key in golden.unused]
    return checks


def _record(module: nn.Module, into: dict[str, Tensor], name: str) -> None:
    module.register_forward_hook(lambda _module, _inputs, output: into.__setitem__(name, output))


def _check_encoder(sam: Sam, golden: Golden) -> None:
    resized = resize_image(golden["image_u8"], sam.image_size)
    golden.compare("tiny image preparation", "resized_u8", resized, EXACT)
    image = torch.tensor(resized).permute(2, 0, 1).float()
    golden.compare("tiny image preparation", "preprocessed", sam.preprocess(image)[None], TINY_ATOL)
    seen: dict[str, Tensor] = {}
    _record(sam.image_encoder.get_submodule("patch_embed"), seen, "enc_patch_embed")
    for index in range(4):
        _record(sam.image_encoder.get_submodule(f"blocks.{index}"), seen, f"enc_block{index}")
    embedding = sam.image_encoder(golden.tensor("preprocessed"))
    for key, value in seen.items():
        golden.compare("tiny encoder blocks", key, value, TINY_ATOL)
    golden.compare("tiny image embedding", "image_embedding", embedding, TINY_ATOL)
    golden.compare("tiny dense positions", "dense_pe", sam.prompt_encoder.get_dense_pe(), TINY_ATOL)


def _check_prompts(sam: Sam, encoder: Golden, golden: Golden) -> None:
    size = encoder["image_u8"].shape[:2]
    embedding, image_pe = encoder.tensor("image_embedding"), encoder.tensor("dense_pe")
    predictor = SamPredictor(sam)
    predictor.set_image(encoder["image_u8"])
    for case in golden.cases:
        if f"{case}/low_res_4" not in golden:
            continue
        coords, labels, box = _prompt(golden, case)
        mask = golden["mask_input"] if "mask" in case else None
        points = boxes = None
        if coords is not None and labels is not None:
            scaled = torch.tensor(scale_coords(coords, size, sam.image_size), dtype=torch.float32)
            points = scaled[None], torch.tensor(labels)[None]
        if box is not None:
            boxes = torch.tensor(scale_boxes(box, size, sam.image_size), dtype=torch.float32)[None]
        masks_in = None if mask is None else torch.tensor(mask)[None]
        seen: dict[str, Tensor] = {}
        if case == "point1":
            handles = _record_decoder(sam, seen)
        sparse, dense = sam.prompt_encoder(points, boxes, masks_in)
        low_res, iou = sam.mask_decoder.predict_masks(embedding, image_pe, sparse, dense)
        if case == "point1":
            for handle in handles:
                handle.remove()
            for key in ("tokens_in", "hs", "src", "upscaled"):
                golden.compare("tiny decoder internals", f"point1/{key}", seen[key], TINY_ATOL)
            hyper = torch.stack([seen[f"hyper{index}"] for index in range(4)], dim=1)
            golden.compare("tiny decoder internals", "point1/hyper", hyper, TINY_ATOL)
        golden.compare("tiny sparse prompts", f"{case}/sparse", sparse, TINY_ATOL)
        dense = dense if masks_in is not None else dense[..., :1, :1]
        golden.compare("tiny dense prompts", f"{case}/dense", dense, TINY_ATOL)
        golden.compare("tiny low-res logits", f"{case}/low_res_4", low_res, TINY_ATOL)
        golden.compare("tiny IoU predictions", f"{case}/iou_4", iou, IOU_ATOL)
        for kind in ("multi", "single"):
            logits, _, _ = predictor.predict(
                coords, labels, box, mask, multimask_output=kind == "multi", return_logits=True
            )
            areas = (logits > 0).sum(axis=(1, 2))
            golden.compare("tiny mask areas", f"{case}/{kind}_mask_area", areas, EXACT)
            if f"{case}/{kind}_masks_logits" in golden:
                golden.compare("tiny full-size logits", f"{case}/{kind}_masks_logits", logits, TINY_ATOL)


def _record_decoder(sam: Sam, seen: dict[str, Tensor]) -> list[torch.utils.hooks.RemovableHandle]:
    """Hooks that note the decoder's inner arrays in `seen`."""
    decoder = sam.mask_decoder

    def note_transformer(
        _module: nn.Module, inputs: tuple[Tensor, ...], output: tuple[Tensor, Tensor]
    ) -> None:
        seen.update(tokens_in=inputs[2], hs=output[0], src=output[1])

    handles = [decoder.transformer.register_forward_hook(note_transformer)]
    parts: dict[str, nn.Module] = {"upscaled": decoder.output_upscaling}
    parts |= {f"hyper{index}": mlp for index, mlp in enumerate(decoder.output_hypernetworks_mlps)}
    for name, module in parts.items():
        handles.append(
            module.register_forward_hook(
                lambda _module, _inputs, output, name=name: seen.__setitem__(name, output)
            )
        )
    return handles


def _prompt(golden: Golden, case: str) -> tuple[np.ndarray | None, np.ndarray | None, np.ndarray | None]:
    """Points, labels and box of a case in original pixels, None where absent."""
    keys = (f"{case}/point_coords", f"{case}/point_labels", f"{case}/box")
    coords, labels, box = (golden.find(key) for key in keys)
    return coords, labels, box


def _check_batches(sam: Sam, encoder: Golden, golden: Golden) -> None:
    predictor = SamPredictor(sam)
    predictor.set_image(encoder["image_u8"])
    coords = golden["batch_points/coords"][:, None]
    masks, iou, low_res = predictor.predict_batch(coords, np.ones((len(coords), 1)))
    golden.compare("tiny batched prompts", "batch_points/low_res", low_res, TINY_ATOL)
    golden.compare("tiny IoU predictions", "batch_points/iou", iou, IOU_ATOL)
    golden.compare("tiny mask areas", "batch_points/area", masks.sum(dim=(2, 3)), EXACT)
    _, iou, low_res = predictor.predict_batch(boxes=golden["batch_boxes/boxes"], multimask_output=False)
    golden.compare("tiny batched prompts", "batch_boxes/low_res", low_res, TINY_ATOL)
    golden.compare("tiny IoU predictions", "batch_boxes/iou", iou, IOU_ATOL)
    _, first_iou, first_low_res = predictor.predict(
        golden["point1/point_coords"], golden["point1/point_labels"]
    )
    best = int(first_iou.argmax())
    golden.compare("tiny refinement choice", "refine/best_index", best, EXACT)
    points3 = golden["points3/point_coords"][:2], golden["points3/point_labels"][:2]
    answer = predictor.predict(*points3, mask_input=first_low_res[best : best + 1], multimask_output=False)
    golden.compare("tiny refinement", "refine/low_res", answer.low_res_masks, TINY_ATOL)
    golden.compare("tiny IoU predictions", "refine/iou", answer.iou_predictions, IOU_ATOL)
    golden.compare("tiny mask areas", "refine/area", answer.masks.sum(axis=(1, 2)), EXACT)


def _check_forward(sam: Sam, encoder: Golden, prompts: Golden, golden: Golden) -> None:
    size = encoder["image_u8"].shape[:2]
    image = encoder["image_u8"]
    resized = [resize_image(x, sam.image_size) for x in (image, np.ascontiguousarray(image[:, ::-1]))]
    tensors = [torch.tensor(x).permute(2, 0, 1).float() for x in resized]
    point = scale_coords(np.array([[[170.0, 105.0]]]), size, sam.image_size)
    boxes = scale_boxes(prompts["batch_boxes/boxes"], size, sam.image_size)
    outputs = sam(
        [
            {
                "image": tensors[0],
                "original_size": size,
                "point_coords": torch.tensor(point, dtype=torch.float32),
                "point_labels": torch.ones(1, 1),
            },
            {
                "image": tensors[1],
                "original_size": size,
                "boxes": torch.tensor(boxes, dtype=torch.float32),
            },
        ],
        multimask_output=True,
    )
    for index, output in enumerate(outputs):
        golden.compare("tiny forward", f"{index}/low_res", output["low_res_logits"], TINY_ATOL)
        golden.compare("tiny IoU predictions", f"{index}/iou", output["iou_predictions"], IOU_ATOL)
        masks = output["masks"].numpy()
        golden.compare("tiny forward masks", f"{index}/masks_shape", masks.shape, EXACT)
        logits = sam.postprocess_masks(output["low_res_logits"], resized[index].shape[:2], size).numpy()
        golden.compare_packed_masks("tiny forward masks", f"{index}/masks_packed", masks, logits)


def _check_exported(sam: Sam, encoder: Golden, prompts: Golden, golden: Golden) -> None:
    """Runs the exported files in onnxruntime, not the torch wrapper."""
    import onnxruntime

    variants = {
        "multi": OfficialOptions(return_extra_metrics=True),
        "single": OfficialOptions(return_single_mask=True),
        "stab": OfficialOptions(return_single_mask=True, use_stability_score=True),
    }
    with TemporaryDirectory() as folder:
        for kind, options in variants.items():
            path = Path(folder) / f"{kind}.onnx"
            export_decoder(sam, path, options)
            session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
            for case in golden.cases:
                given = {key: golden[f"{case}/{key}"] for key in ("point_coords", "point_labels")}
                given["has_mask_input"] = golden[f"{case}/has_mask_input"]
                mask = prompts["mask_input"][None] * given["has_mask_input"]
                given["mask_input"] = mask.astype(np.float32)
                given["image_embeddings"] = encoder["image_embedding"]
                given["orig_im_size"] = np.array(encoder["image_u8"].shape[:2], dtype=np.float32)
                feeds = {name: given[name].astype(np.float32) for name in OFFICIAL_INPUTS}
                answers = session.run(list(options.output_names), feeds)
                output = dict(zip(options.output_names, answers, strict=True))
                _compare_exported(golden, case, kind, output)


def _compare_exported(golden: Golden, case: str, kind: str, output: dict[str, np.ndarray]) -> None:
    golden.compare(
        "tiny exported low-res logits", f"{case}/{kind}_lowres", output["low_res_masks"], TINY_ATOL
    )
    golden.compare("tiny exported scores", f"{case}/{kind}_iou", output["iou_predictions"], IOU_ATOL)
    areas = (output["masks"] > 0).sum(axis=(2, 3))
    golden.compare("tiny exported areas", f"{case}/{kind}_area", areas, EXACT)
    if kind != "multi":
        return
    if f"{case}/multi_masks" in golden:
        golden.compare("tiny exported masks", f"{case}/multi_masks", output["masks"], TINY_ATOL)
    golden.compare("tiny exported scores", f"{case}/extra_stability", output["stability_scores"], IOU_ATOL)
    golden.compare("tiny exported areas", f"{case}/extra_areas", output["areas"], EXACT)
