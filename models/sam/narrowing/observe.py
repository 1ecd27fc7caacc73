"""What a decoder does with its width, seen in its answers to prompts on photographs.

Shape letters: N prompts, S cells drawn of each prompt, C width, F features that prompts draw, M masks, K width of pixels,
R rows.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from models.sam.boxes import tight_box
from models.sam.evaluation.clicks import farthest_point, next_click
from models.sam.modeling.sam import Sam
from models.sam.predictor import SamPredictor
from models.sam.rle import area, decode
from models.sam.training.data_sources import AnnotatedImage


@dataclass(frozen=True)
class NarrowConfig:
    """Widths afterwards, and settings of the fit. `passive` channels of the first convolution are there for its norm."""

    prompt_rank: int = 16
    upscaling_widths: tuple[int, int] = (16, 8)
    passive: int = 4
    masks_per_image: int = 4
    min_area: int = 100
    cells_per_prompt: int = 512
    steps: int = 6000
    learning_rate: float = 3e-3
    seed: int = 0


@dataclass(frozen=True)
class Observations:
    """`moments` [F, F]: mean products of the features that prompts drew. `cells` [N, S, C], half precision, of what the
    transformer made of the image, and `vectors` [N, M, K], what the masks of each prompt multiply pixels by."""

    moments: Tensor
    cells: Tensor
    vectors: Tensor


def check(sam: Sam, config: NarrowConfig) -> None:
    """ValueError unless the model has what is narrowed, and is wider."""
    encoder, upscaling = sam.prompt_encoder, sam.mask_decoder.output_upscaling
    if (
        encoder.prompt_maps is None
        or encoder.prompt_similarity is None
        or encoder.prompt_widening is not None
    ):
        raise ValueError(
            "only a model that draws and compares its prompts, at its own width, can be narrowed"
        )
    if not (0 < config.prompt_rank < encoder.embed_dim):
        raise ValueError(f"the rank is between 0 and {encoder.embed_dim}, got {config.prompt_rank}")
    for wanted, layer in zip(config.upscaling_widths, (upscaling[0], upscaling[3]), strict=True):
        assert isinstance(layer, nn.ConvTranspose2d)
        if not 0 < wanted <= layer.out_channels:
            raise ValueError(f"the upscaling is {layer.out_channels} wide and cannot be narrowed to {wanted}")
    if not 0 <= config.passive < config.upscaling_widths[0]:
        raise ValueError(f"{config.passive} of {config.upscaling_widths[0]} channels cannot be passive")
    if not isinstance(upscaling[2], nn.ReLU):
        raise ValueError("only channels of ReLU are off: GELU's cannot be left out")


@torch.no_grad()
def observe(
    predictor: SamPredictor,
    images: Iterable[AnnotatedImage],
    config: NarrowConfig,
    progress: Callable[[int], None] | None = None,
) -> Observations:
    """A central click, a correction and a box on masks of `images`, as the model answers them now.

    `progress(done)` is called after each photograph. ValueError as `check`, and where there is not one mask of the least
    area.
    """
    check(predictor.model, config)
    rng = np.random.default_rng(config.seed)
    drawn: list[Tensor] = []
    states: list[tuple[Tensor, Tensor]] = []
    with _watched(predictor.model, drawn, states, config):
        for done, image in enumerate(images, start=1):
            masks = [rle for rle in image.segmentations if area(rle) >= config.min_area]
            if masks:
                chosen = rng.permutation(len(masks))[: config.masks_per_image]
                predictor.set_image(image.pixels())
                ask(predictor, [decode(masks[i]) for i in chosen])
            if progress:
                progress(done)
    if not states:
        raise ValueError("there is no mask to ask about")
    cells, vectors = (torch.cat(column) for column in zip(*states, strict=True))
    return Observations(torch.stack(drawn).mean(dim=0), cells, vectors)


def ask(predictor: SamPredictor, targets: list[np.ndarray]) -> None:
    """The image that is set, about each target: a central click, a second one where that went wrong, a box."""
    coords = np.array([[farthest_point(target)[0]] for target in targets], np.float64)
    labels = np.ones((len(targets), 1), np.int64)
    masks, iou, low_res = (answer.cpu() for answer in predictor.predict_batch(coords, labels))
    rows, top = torch.arange(len(targets)), iou.argmax(dim=1)
    pairs = zip(masks[rows, top].numpy(), targets, strict=True)
    following = [next_click(answer, target) for answer, target in pairs]
    predictor.predict_batch(
        np.concatenate([coords, [[point] for point, _ in following]], axis=1),
        np.concatenate([labels, [[label] for _, label in following]], axis=1),
        mask_inputs=low_res[rows, top][:, None],
    )
    predictor.predict_batch(boxes=np.array([tight_box(target) for target in targets], np.float64))


@contextmanager
def _watched(
    sam: Sam, drawn: list[Tensor], states: list[tuple[Tensor, Tensor]], config: NarrowConfig
) -> Iterator[None]:
    """Adds to `drawn` the mean products of each decode's features, to `states` its cells and mask vectors."""
    generator = torch.Generator().manual_seed(config.seed)
    maps: list[Tensor] = []

    def see_features(_: nn.Module, given: tuple[Tensor, ...]) -> None:
        features_RF = torch.cat([maps.pop(), given[0]], dim=1).transpose(1, 2).flatten(0, 1).cpu()
        drawn.append((features_RF.T @ features_RF).double() / len(features_RF))

    def see_state(_: nn.Module, __: tuple[Tensor, ...], answer: tuple[Tensor, Tensor]) -> None:
        tokens, cells_NPC = answer
        vectors = [mlp(tokens[:, 1 + i]) for i, mlp in enumerate(sam.mask_decoder.output_hypernetworks_mlps)]
        some = torch.randperm(cells_NPC.shape[1], generator=generator)[: config.cells_per_prompt]
        states.append((cells_NPC.cpu()[:, some].half(), torch.stack(vectors, dim=1).cpu()))

    encoder = sam.prompt_encoder
    assert encoder.prompt_maps is not None
    assert encoder.prompt_similarity is not None
    handles = [
        encoder.prompt_maps.register_forward_pre_hook(lambda _, given: maps.append(given[0])),
        encoder.prompt_similarity.register_forward_pre_hook(see_features),
        sam.mask_decoder.transformer.register_forward_hook(see_state),
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
