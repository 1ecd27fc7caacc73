"""The ONNX files that are compared: SAM's published export and our two graphs, for two widths of decoder."""

from dataclasses import dataclass, replace
from pathlib import Path

import torch

from models.sam.artifact import shipped_weights
from models.sam.build import SamConfig, build_sam, model_config, sam_from_state_dict
from models.sam.decode.export import export_graphs
from models.sam.modeling.sam import Sam
from models.sam.onnx import OfficialOptions, export_decoder
from models.sam.weights import load_weights

GRAPHS = ("official_single", "official_multi", "prepare", "click")


@dataclass(frozen=True)
class BenchModel:
    """One model's four files in `folder`, named <model>.<graph>.onnx; sides as the feeds need them."""

    name: str
    embedding_shape: tuple[int, int, int, int]
    image_size: int
    low_res_side: int
    bytes: dict[str, int]


class NoEncoder:
    """A model's encoder without its weights, which no decoder's time depends on."""

    def __init__(self, config: SamConfig) -> None:
        self._side = config.embedding_side

    def embedding_side(self, image_size: int) -> int:
        return self._side

    def build(self, image_size: int, out_channels: int) -> torch.nn.Module:
        return torch.nn.Identity()


def export_all(folder: Path) -> list[BenchModel]:
    """The default model with its shipped weights and the decoder of SAM's ViT-B with random ones."""
    default = sam_from_state_dict("anymask_s", load_weights(shipped_weights("anymask_s")))
    config = model_config("vit_b")
    torch.manual_seed(0)
    full_width = build_sam(replace(config, encoder=NoEncoder(config)))
    return [export(name, sam, folder) for name, sam in (("anymask_s", default), ("vit_b", full_width))]


def export(name: str, sam: Sam, folder: Path) -> BenchModel:
    """Write the four files of `sam`."""
    sam.eval()
    paths = {graph: folder / f"{name}.{graph}.onnx" for graph in GRAPHS}
    export_decoder(sam, paths["official_single"], OfficialOptions(return_single_mask=True))
    export_decoder(sam, paths["official_multi"], OfficialOptions())
    export_graphs(sam, paths["prepare"], paths["click"])
    encoder = sam.prompt_encoder
    height, width = encoder.image_embedding_size
    return BenchModel(
        name,
        (1, encoder.embed_dim, height, width),
        sam.image_size,
        encoder.mask_input_size[0],
        {graph: path.stat().st_size for graph, path in paths.items()},
    )
