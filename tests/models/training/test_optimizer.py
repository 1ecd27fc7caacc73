from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from models.sam.build import build_sam
from models.sam.training.augmentation import ViewSize
from models.sam.training.config import TrainConfig
from models.sam.training.dataset import PromptableDataset, collate
from models.sam.training.optimizer import learning_rate_scales, parameter_groups
from models.sam.training.schedule import LearningRate
from models.sam.training.trainer import Trainer


def test_a_vits_layers_learn_more_slowly_the_earlier_they_come() -> None:
    scales = learning_rate_scales(build_sam("tiny"), 0.5)  # 4 blocks
    assert scales["image_encoder.pos_embed"] == 0.5**5
    assert scales["image_encoder.patch_embed.proj.weight"] == 0.5**5
    assert scales["image_encoder.blocks.0.attn.rel_pos_h"] == 0.5**4
    assert scales["image_encoder.blocks.3.mlp.lin1.weight"] == 0.5
    assert scales["image_encoder.neck.0.weight"] == 1
    assert scales["mask_decoder.iou_token.weight"] == 1


def test_the_hybrids_stages_count_as_one_line_of_layers() -> None:
    scales = learning_rate_scales(build_sam("anymask_s"), 0.9)
    layers = ["stem.0", "stage4.0.0", "stage4.1.conv", "stage8.0.0", "stage16.0.0", "stage16.5.mlp.lin1"]
    values = [scales[f"image_encoder.{layer}.weight"] for layer in layers]
    # 2 blocks at stride 4, 3 at 8, 6 at 16: eleven layers above the stem
    assert values == pytest.approx([0.9**12, 0.9**11, 0.9**10, 0.9**9, 0.9**6, 0.9])
    assert scales["image_encoder.lateral8.weight"] == 1


def test_tinyvits_blocks_and_steps_down_count_as_one_line_of_layers() -> None:
    scales = learning_rate_scales(build_sam("mobile_sam"), 0.9)
    layers = [
        "patch_embed.seq.0",
        "layers.0.blocks.0.conv1",
        "layers.1.downsample.conv3",
        "layers.3.blocks.1.local_conv",
    ]
    values = [scales[f"image_encoder.{layer}.c.weight"] for layer in layers]
    # 3 layers at stride 4, 3 at 8, 7 and 2 at 16
    assert values == pytest.approx([0.9**16, 0.9**15, 0.9**10, 0.9])
    assert scales["image_encoder.neck.0.weight"] == 1


def test_tinyvits_tables_of_biases_do_not_decay() -> None:
    names = undecayed(build_sam("mobile_sam"))
    assert "image_encoder.layers.3.blocks.1.attn.attention_biases" in names
    assert not any(".c.weight" in name for name in names)


def test_every_parameter_is_in_one_group_and_only_matrices_decay() -> None:
    model = build_sam("tiny")
    for decay in (1.0, 0.8):
        groups = parameter_groups(model, 0.1, decay)
        grouped = [id(parameter) for group in groups for parameter in group["params"]]
        assert sorted(grouped) == sorted(id(parameter) for parameter in model.parameters())
        assert all(p.ndim >= 2 for group in groups if group["weight_decay"] for p in group["params"])
    assert [group["weight_decay"] for group in parameter_groups(model, 0.1)] == [0.1, 0.0]


def undecayed(model: torch.nn.Module) -> set[str]:
    """Names of the weights of two dimensions or more that do not decay."""
    name_of = {id(parameter): name for name, parameter in model.named_parameters()}
    [_, without] = parameter_groups(model, 0.1)
    return {name_of[id(parameter)] for parameter in without["params"] if parameter.ndim >= 2}


def test_position_tables_and_learned_tokens_are_the_only_matrices_that_do_not_decay() -> None:
    tables = {f"image_encoder.blocks.{block}.attn.rel_pos_{axis}" for block in range(4) for axis in "hw"} | {
        "image_encoder.pos_embed"
    }
    tokens = {
        "mask_decoder.iou_token.weight",
        "mask_decoder.mask_tokens.weight",
        "prompt_encoder.no_mask_embed.weight",
        "prompt_encoder.not_a_point_embed.weight",
        *(f"prompt_encoder.point_embeddings.{number}.weight" for number in range(4)),
    }
    assert undecayed(build_sam("tiny")) == tables | tokens
    assert undecayed(build_sam("anymask_s")) == tokens


@pytest.mark.parametrize("decay", [0.0, 1.1])
def test_impossible_decays_are_refused(decay: float) -> None:
    with pytest.raises(ValueError, match="layer-wise decay"):
        parameter_groups(build_sam("tiny"), 0.1, decay)


def test_a_step_moves_early_layers_less(make_config: Callable[..., TrainConfig], tmp_path: Path) -> None:
    # Adam's first step is the learning rate in every coordinate, whatever the gradient's size.
    config = make_config(
        layer_decay=0.5, weight_decay=0.0, learning_rate=LearningRate(1e-3, warmup_steps=1), clip=1e9
    )
    trainer = Trainer(config, tmp_path)
    before = {name: value.detach().clone() for name, value in trainer.model.named_parameters()}
    dataset = PromptableDataset(config.data)
    trainer._step([collate([dataset[0, ViewSize(128)]])])

    def moved(layer: str) -> float:
        name = f"image_encoder.{layer}.weight"
        return float((trainer.model.get_parameter(name) - before[name]).detach().abs().median())

    assert moved("lateral8") == pytest.approx(1e-3, rel=0.05)
    assert moved("stem.0") / moved("lateral8") == pytest.approx(0.5**8, rel=0.05)  # 7 layers between


def test_drop_path_of_another_encoder_is_refused(
    make_config: Callable[..., TrainConfig], tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="ViT"):
        Trainer(make_config(drop_path=0.1), tmp_path)
    trainer = Trainer(make_config(model="tiny", drop_path=0.3), tmp_path)
    blocks = trainer.model.image_encoder.get_submodule("blocks")
    assert [block.drop_path for block in blocks.children()] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert isinstance(trainer.model.image_encoder.pos_embed, torch.nn.Parameter)
