"""The prompt encoder and mask decoder as one ONNX graph with the signature SAM published (spec section 10).

For other people's tools: our browser and server run two graphs instead (`models.sam.decode`). The masks are brought to
the original size in the graph; the image encoder is not in it.
"""

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor, nn

from models.sam.build import sam_from_state_dict, shapes_of
from models.sam.modeling.prompt_encoder import ImageOfPrompts
from models.sam.modeling.sam import Sam
from models.sam.postprocess import stability_score, upscale_masks
from models.sam.weights import check_shapes, load_weights

OPSET = 17
STABILITY_OFFSET = 1.0
OFFICIAL_INPUTS = (
    *("image_embeddings", "point_coords", "point_labels"),
    *("mask_input", "has_mask_input", "orig_im_size"),
)


@dataclass(frozen=True)
class OfficialOptions:
    """What the published exporter lets one choose.

    return_single_mask: one mask by the point-count rule. use_stability_score: scores are stability scores of
    the low-res masks. return_extra_metrics: adds stability scores and areas of the full-size masks.
    """

    return_single_mask: bool = False
    use_stability_score: bool = False
    return_extra_metrics: bool = False

    @property
    def output_names(self) -> tuple[str, ...]:
        """Names of the graph's outputs in order."""
        extra = ("stability_scores", "areas") if self.return_extra_metrics else ()
        return ("masks", "iou_predictions", *extra, "low_res_masks")


class LowResDecoder(nn.Module):
    """Prompts and embedding -> IoU predictions [1, 4], low-res logits [1, 4, L, L]."""

    def __init__(self, sam: Sam) -> None:
        super().__init__()
        self.prompt_encoder = sam.prompt_encoder
        self.mask_decoder = sam.mask_decoder

    def forward(
        self,
        image_embeddings: Tensor,
        point_coords: Tensor,
        point_labels: Tensor,
        mask_input: Tensor,
        has_mask_input: Tensor,
    ) -> tuple[Tensor, ...]:
        """Shapes [1, C, E, E], [1, N, 2], [1, N], [1, 1, L, L], [1], float32; points in the model's frame."""
        sparse = self.prompt_encoder.embed_points(point_coords, point_labels)
        no_mask = self.prompt_encoder.no_mask_embed.weight.reshape(1, -1, 1, 1)
        with_mask = self.prompt_encoder.embed_masks(mask_input)
        dense = has_mask_input * with_mask + (1 - has_mask_input) * no_mask
        image = ImageOfPrompts(image_embeddings)
        dense = self.prompt_encoder.draw_prompts(dense, point_coords, point_labels, image=image)
        # Computed in the graph, the positions cost the file nothing (4 MiB at width 256); runtimes fold them
        # on loading.
        image_pe = self.prompt_encoder.get_dense_pe()
        masks, iou = self.mask_decoder.predict_masks(image_embeddings, image_pe, sparse, dense)
        return iou, masks


class OfficialDecoder(nn.Module):
    """Masks at the original size as well."""

    def __init__(self, sam: Sam, options: OfficialOptions) -> None:
        super().__init__()
        self.decoder = LowResDecoder(sam)
        self.options = options
        self.image_size = sam.image_size
        self.mask_threshold = sam.mask_threshold

    def forward(
        self,
        image_embeddings: Tensor,
        point_coords: Tensor,
        point_labels: Tensor,
        mask_input: Tensor,
        has_mask_input: Tensor,
        orig_im_size: Tensor,
    ) -> tuple[Tensor, ...]:
        """As `LowResDecoder`, and `orig_im_size` [2] (H, W). Answers `OfficialOptions.output_names`."""
        scores, masks = self.decoder(image_embeddings, point_coords, point_labels, mask_input, has_mask_input)
        if self.options.use_stability_score:
            scores = stability_score(masks, self.mask_threshold, STABILITY_OFFSET)
        if self.options.return_single_mask:
            masks, scores = select_single_mask(masks, scores, point_coords.shape[1])
        upscaled = self._to_original_size(masks, orig_im_size)
        if not self.options.return_extra_metrics:
            return upscaled, scores, masks
        stability = stability_score(upscaled, self.mask_threshold, STABILITY_OFFSET)
        areas = (upscaled > self.mask_threshold).sum(dim=(-2, -1))
        return upscaled, scores, stability, areas, masks

    def _to_original_size(self, masks: Tensor, orig_im_size: Tensor) -> Tensor:
        size = orig_im_size.to(torch.float32)
        resized = torch.floor(size * (self.image_size / size.max()) + 0.5).to(torch.int64)
        original = orig_im_size.to(torch.int64)
        # Tracing keeps these scalars as graph values, so that one file serves photographs of every size.
        return upscale_masks(
            masks,
            self.image_size,
            (resized[0], resized[1]),  # type: ignore[arg-type]
            (original[0], original[1]),  # type: ignore[arg-type]
        )


def select_single_mask(masks: Tensor, scores: Tensor, num_points: int | Tensor) -> tuple[Tensor, Tensor]:
    """One of four masks [B, 4, L, L] by the published rule: score of mask 0 gains 1000 * (N - 2.5), then the
    best.

    Up to two tokens (one click and its padding, or a box) take the best of masks 1..3; more take mask 0.
    """
    weight = torch.tensor([[1000.0] + [0.0] * (masks.shape[1] - 1)], device=scores.device)
    best = torch.argmax(scores + (num_points - 2.5) * weight, dim=1, keepdim=True)
    chosen = masks.gather(1, best[..., None, None].expand(-1, -1, *masks.shape[2:]))
    return chosen, scores.gather(1, best)


def example_inputs(sam: Sam, num_points: int = 5, seed: int = 0) -> dict[str, Tensor]:
    """Seeded random inputs but the original size, with a mask prompt: for tracing and for comparing."""
    random = torch.Generator().manual_seed(seed)
    height, width = sam.prompt_encoder.mask_input_size
    grid = sam.prompt_encoder.image_embedding_size
    return {
        "image_embeddings": torch.randn(1, sam.prompt_encoder.embed_dim, *grid, generator=random),
        "point_coords": torch.rand(1, num_points, 2, generator=random) * sam.image_size,
        "point_labels": torch.randint(-1, 4, (1, num_points), generator=random).float(),
        "mask_input": 4 * torch.randn(1, 1, height, width, generator=random),
        "has_mask_input": torch.ones(1),
    }


def export_decoder(
    sam: Sam,
    path: Path,
    options: OfficialOptions,
    *,
    gelu_approximate: bool = False,
    quantize: bool = False,
    opset: int = OPSET,
) -> None:
    """Write the decoder of `sam` to `path`, one self-contained file.

    gelu_approximate: tanh GELU, for runtimes without erf. quantize: weights as dynamic 8-bit (QUInt8, per
    tensor).
    """
    sam = copy.deepcopy(_without_image_encoder(sam)).cpu().float().eval()
    if gelu_approximate:
        for module in sam.modules():
            if isinstance(module, nn.GELU):
                module.approximate = "tanh"
    inputs = example_inputs(sam)
    dynamic: dict[str, dict[int, str]] = {
        "point_coords": {1: "num_points"},
        "point_labels": {1: "num_points"},
    }
    inputs["orig_im_size"] = torch.tensor([sam.image_size * 0.75, sam.image_size * 1.25]).round()
    dynamic["masks"] = {2: "height", 3: "width"}
    with TemporaryDirectory(dir=path.parent) as folder, warnings.catch_warnings():
        # The tracing exporter is deprecated but gives the smaller graph of plain opset-17 operators; shapes
        # that depend on the number of points stay symbolic, which the tests check by running other counts
        # than the traced one.
        warnings.simplefilter("ignore")
        exported = Path(folder) / "decoder.onnx"
        with torch.no_grad():
            torch.onnx.export(
                OfficialDecoder(sam, options),
                tuple(inputs.values()),
                str(exported),
                input_names=list(inputs),
                output_names=list(options.output_names),
                dynamic_axes=dynamic,
                opset_version=opset,
                do_constant_folding=True,
                dynamo=False,
            )
        if quantize:
            exported = _quantize(exported)
        exported.replace(path)


def export_official(
    name: str,
    weights: Path,
    path: Path,
    options: OfficialOptions,
    *,
    gelu_approximate: bool = False,
    quantize: bool = False,
    opset: int = OPSET,
) -> float:
    """Export model `name` with the weights file `weights` to `path`.

    Returns the largest difference of low-res logits between torch and onnxruntime. ModelError if the
    weights do not fit.
    """
    state = load_weights(weights)
    check_shapes(name, shapes_of(state))
    sam = sam_from_state_dict(name, state).eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    export_decoder(sam, path, options, gelu_approximate=gelu_approximate, quantize=quantize, opset=opset)
    return max_low_res_difference(sam, path, options)


def max_low_res_difference(
    sam: Sam, path: Path, official: OfficialOptions, counts: Sequence[int] = (1, 2, 5)
) -> float:
    """Largest absolute difference of low-res logits between `sam` and the exported file at `path`.

    Runs random prompts of several lengths, with and without the mask prompt, through both. `official` are
    the options the file was exported with.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    decoder = OfficialDecoder(sam, official).eval()
    worst = 0.0
    for count in counts:
        for has_mask in (0.0, 1.0):
            inputs = example_inputs(sam, count, seed=count)
            inputs["has_mask_input"] = torch.tensor([has_mask])
            inputs["orig_im_size"] = torch.tensor([180.0, 270.0])
            with torch.no_grad():
                expected = decoder(*(value.to(sam.device) for value in inputs.values()))[-1]
            feeds = {name: value.numpy() for name, value in inputs.items()}
            (answer,) = session.run(["low_res_masks"], feeds)
            worst = max(worst, float(np.abs(answer - expected.cpu().numpy()).max()))
    return worst


def _without_image_encoder(sam: Sam) -> Sam:
    """The same prompt encoder and decoder with nothing to copy for the image."""
    return Sam(nn.Identity(), sam.prompt_encoder, sam.mask_decoder, sam.image_size)


def _quantize(path: Path) -> Path:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantized = path.with_name("quantized.onnx")
    quantize_dynamic(
        str(path), str(quantized), weight_type=QuantType.QUInt8, per_channel=False, reduce_range=False
    )
    return quantized
