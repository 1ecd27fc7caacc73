"""`PrepareImage` and `ClickDecoder` as ONNX files for onnxruntime-web.

Every input's shape is fixed but the number of points, `num_points`: a session that names it (free dimension overrides)
plans its memory once. The convolutions over a mask prompt stand in a branch that runs only where there is one; without
one its features have fewer rows. Large weights are stored as float16 and cast on loading, which halves the download and
costs no time per click; of the same order is what GELU by tanh rounds, which saves a tenth of it.
"""

import copy
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from models.sam.decode.dense_prompt import MaskFeatures
from models.sam.decode.graphs import PREPARED, ClickDecoder, PrepareImage
from models.sam.modeling.labels import ABSENT
from models.sam.modeling.prompt_encoder import ImageOfPrompts
from models.sam.modeling.sam import Sam

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

OPSET = 20  # the first with Gelu as one operator
HALF_FROM = 1024  # elements; smaller weights stay float32
CLICK_OUTPUTS = ("iou_predictions", "low_res_masks")
MASK_ROWS = "mask_rows"


@dataclass(frozen=True)
class Deviation:
    """Largest differences to the PyTorch model: of low-res logits in units of their deviation, and of IoU predictions."""

    logits: float
    iou: float

    def __str__(self) -> str:
        return f"{self.logits:.2%} of the low-res logits' spread, {self.iou:.1e} of predicted IoU"


def export_graphs(sam: Sam, prepare: Path, click: Path, *, is_rounded: bool = True) -> None:
    """Write the two graphs of `sam` to the given files: with float16 weights and GELU by tanh, or, not rounded, as they
    are."""
    sam = without_encoder(sam)
    graph = PrepareImage(sam).eval()
    embedding = blank_embedding(sam)
    with torch.no_grad():
        prepared = dict(zip(graph.names, graph(embedding), strict=True))
    export_module(graph, {"image_embeddings": embedding}, graph.names, prepare, {})
    export_click(sam, ClickDecoder(sam, by_tanh=is_rounded), prepared, click)
    if is_rounded:
        round_weights(prepare, click)


def without_encoder(sam: Sam) -> Sam:
    """A copy of what is exported."""
    sam = copy.deepcopy(Sam(nn.Identity(), sam.prompt_encoder, sam.mask_decoder, sam.image_size))
    return sam.cpu().float().eval()


def blank_embedding(sam: Sam) -> Tensor:
    """An image embedding [1, C, E, E] of zeros, to trace with."""
    return torch.zeros(1, sam.prompt_encoder.embed_dim, *sam.prompt_encoder.image_embedding_size)


def round_weights(*paths: Path) -> None:
    """Store the weights of these files as float16."""
    for path in paths:
        onnx.save(store_half(onnx.load(path)), path)


def export_click(sam: Sam, decoder: ClickDecoder, prepared: dict[str, Tensor], click: Path) -> None:
    """Write the decoder for images of which `prepared` is an example."""
    prepared = dict(prepared)
    branch = MaskFeatures(sam.prompt_encoder).eval()
    prompt = example_prompt(sam, 3, 1, 0)
    mask = {"mask_input": prompt.pop("mask_input")}
    del prompt["has_mask_input"]
    with torch.no_grad():
        features = {"mask_features": branch(*mask.values())}
    free = {
        "point_coords": {1: "num_points"},
        "point_labels": {1: "num_points"},
        "mask_features": {0: MASK_ROWS},
    }
    last = {name: prepared.pop(name) for name in list(prepared) if name not in PREPARED}
    with TemporaryDirectory(dir=click.parent) as folder:
        alone = Path(folder) / "branch.onnx"
        export_module(branch, mask, list(features), alone, {})
        export_module(decoder.eval(), prepared | prompt | features | last, CLICK_OUTPUTS, click, free)
        onnx.save(with_branch(onnx.load(click), onnx.load(alone)), click)


def with_branch(model: onnx.ModelProto, branch: onnx.ModelProto) -> onnx.ModelProto:
    """`model` with its input `mask_features` made by `branch` of `mask_input` where `has_mask_input` is 1.

    Else one row of zeros stands for them: the shape differs, as rows of zeros would cost what others cost.
    """
    (mask,), (features,) = branch.graph.input, branch.graph.output
    branch = onnx.compose.add_prefix(branch, "mask/", rename_inputs=False, rename_outputs=False)
    features.name = "mask/features"
    for node in branch.graph.node:
        node.output[:] = [features.name if name == "mask_features" else name for name in node.output]
    made = helper.make_graph(branch.graph.node, "mask", [], [features], branch.graph.initializer)
    one_row = (1, *size_of(features)[1:])
    size = numpy_helper.from_array(np.array(one_row, np.int64), "no_mask/size")
    zeros = helper.make_tensor_value_info("no_mask/features", TensorProto.FLOAT, one_row)
    none = helper.make_graph(
        [helper.make_node("ConstantOfShape", [size.name], [zeros.name])], "no_mask", [], [zeros], [size]
    )
    graph = model.graph
    inputs = [value for value in graph.input if value.name != "mask_features"]
    has_mask = helper.make_tensor_value_info("has_mask_input", TensorProto.FLOAT, [1])
    del graph.input[:]
    graph.input.extend([*inputs, mask, has_mask])
    graph.initializer.append(numpy_helper.from_array(np.array(0.5, np.float32), "mask/half"))
    nodes = [
        helper.make_node("Greater", ["has_mask_input", "mask/half"], ["mask/is_there"]),
        helper.make_node("If", ["mask/is_there"], ["mask_features"], then_branch=made, else_branch=none),
        *graph.node,
    ]
    del graph.node[:]
    graph.node.extend(nodes)
    return model


def size_of(value: onnx.ValueInfoProto) -> tuple[int, ...]:
    """The fixed shape of a graph's input or output."""
    return tuple(side.dim_value for side in value.type.tensor_type.shape.dim)


def example_prompt(sam: Sam, points: int, empty: int, seed: int, has_mask: bool = True) -> dict[str, Tensor]:
    """A seeded random prompt of `points` points and `empty` slots, with or without a mask."""
    random = torch.Generator().manual_seed(seed)
    height, width = sam.prompt_encoder.mask_input_size
    labels = torch.randint(-1, 4, (1, points), generator=random).float()
    return {
        "point_coords": torch.rand(1, points + empty, 2, generator=random) * sam.image_size,
        "point_labels": torch.cat([labels, torch.full((1, empty), float(ABSENT))], dim=1),
        "mask_input": 4 * torch.randn(1, 1, height, width, generator=random),
        "has_mask_input": torch.tensor([float(has_mask)]),
    }


def store_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """The model with every float32 weight of `HALF_FROM` elements or more kept as float16 behind a cast."""
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if weight.data_type != TensorProto.FLOAT or values.size < HALF_FROM:
            continue
        name = weight.name
        with np.errstate(over="ignore"):  # such a model is found by its deviation
            half = values.astype(np.float16)
        weight.CopyFrom(numpy_helper.from_array(half, f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = [*casts, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def measure_deviation(
    sam: Sam, prepare: Path, click: Path, counts: Sequence[int] = (1, 2, 5), seeds: Sequence[int] = (0,)
) -> Deviation:
    """Run random embeddings and prompts through `sam` and through the files, with and without empty slots."""
    graphs = Graphs(prepare, click)
    worst_logits = worst_iou = 0.0
    grid, device = sam.prompt_encoder.image_embedding_size, sam.device
    for seed in seeds:
        embedding = torch.randn(
            1, sam.prompt_encoder.embed_dim, *grid, generator=torch.Generator().manual_seed(seed)
        )
        prepared = graphs.prepare(embedding)
        for case, count in enumerate(counts):
            for has_mask in (False, True):
                coords, labels, mask, _ = example_prompt(sam, count, case, seed * 100 + count).values()
                chosen = mask if has_mask else None
                masks, iou = graphs.click(prepared, coords, labels, chosen)
                expected, expected_iou = run_model(
                    sam, embedding.to(device), coords[:, :count], labels[:, :count], chosen
                )
                difference = (masks - expected).abs().max() / expected.std()
                worst_logits = max(worst_logits, or_infinite(difference))
                worst_iou = max(worst_iou, or_infinite((iou - expected_iou).abs().max()))
    return Deviation(worst_logits, worst_iou)


def run_graph(graph: "InferenceSession", inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """A graph's outputs by name."""
    names = [output.name for output in graph.get_outputs()]
    return dict(zip(names, graph.run(names, inputs), strict=True))


def open_graph(path: Path) -> "InferenceSession":
    """A file in onnxruntime, on the processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class Graphs:
    """The two files in onnxruntime, on the processor."""

    def __init__(self, prepare: Path, click: Path) -> None:
        self._prepare, self._click = open_graph(prepare), open_graph(click)

    def prepare(self, embedding: Tensor) -> dict[str, np.ndarray]:
        """Embedding [1, C, E, E] -> the prepared tensors by name."""
        return run_graph(self._prepare, {"image_embeddings": embedding.numpy()})

    def click(
        self, prepared: dict[str, np.ndarray], coords: Tensor, labels: Tensor, mask: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Points [1, n, 2] and labels [1, n], mask logits [1, 1, L, L] or none -> logits [1, M, L, L], IoU [1, M].

        `prepared` may hold what the graph of a word answered, too."""
        size = next(given.shape for given in self._click.get_inputs() if given.name == "mask_input")
        prompt = {
            "point_coords": coords.numpy(),
            "point_labels": labels.numpy(),
            "mask_input": np.zeros(size, np.float32) if mask is None else mask.cpu().numpy(),
            "has_mask_input": np.array([mask is not None], np.float32),
        }
        iou, masks = self._click.run(list(CLICK_OUTPUTS), prepared | prompt)
        return torch.from_numpy(masks), torch.from_numpy(iou)


def or_infinite(difference: Tensor) -> float:
    """The number, infinite for NaN, which no comparison would find large."""
    return float(difference.nan_to_num(nan=torch.inf))


@torch.no_grad()
def run_model(
    sam: Sam,
    embedding: Tensor,
    coords: Tensor,
    labels: Tensor,
    mask: Tensor | None,
    text: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """What the PyTorch model says to a prompt without empty slots: logits [1, M, L, L] and IoU [1, M], on the CPU."""
    encoder, device = sam.prompt_encoder, sam.device
    coords, labels = coords.to(device), labels.to(device)
    embedding = embedding.to(device)
    image = ImageOfPrompts(embedding)
    dense = encoder.embed_dense(coords, labels, None if mask is None else mask.to(device), image=image)
    sparse = encoder.embed_points(coords, labels)
    if text is not None:
        token, drawn = encoder.embed_text(text.to(device), image)
        sparse = torch.cat([sparse, token], dim=1)
        dense = dense if drawn is None else dense + drawn
    masks, iou = sam.mask_decoder.predict_masks(embedding, encoder.get_dense_pe(), sparse, dense)
    return masks.cpu(), iou.cpu()


def export_module(
    module: nn.Module,
    inputs: dict[str, Tensor],
    outputs: Sequence[str],
    path: Path,
    dynamic: dict[str, dict[int, str]],
) -> None:
    with torch.no_grad(), warnings.catch_warnings():
        # The tracing exporter is deprecated but writes plain operators; measure_deviation runs other counts of
        # points than the traced one.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (),
            str(path),
            kwargs=inputs,  # by name, as a model may lack some of them
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=dynamic,
            opset_version=OPSET,
            do_constant_folding=True,
            dynamo=False,
        )
