"""The IoU prediction that looks at masks: what it is told of them, and that it changes none."""

from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from models.sam.build import build_sam, config_for_weights, model_config, sam_from_state_dict, shapes_of
from models.sam.errors import ModelError
from models.sam.modeling.mask_quality import mask_statistics
from models.sam.modeling.mask_smoothing import MaskSmoothing
from models.sam.weights import check_shapes


def test_statistics_tell_sure_masks_from_unsure_ones() -> None:
    sure = torch.full((1, 1, 16, 25), -9.0)
    sure[:, :, :4] = 9.0
    unsure = sure / 18
    a, b = (mask_statistics(x, x.sigmoid())[0, 0] for x in (sure, unsure))
    torch.testing.assert_close(a[0], torch.tensor(0.5), atol=1e-2, rtol=0)
    assert (a[1:] - torch.tensor([1.0, 0.0, 1.0])).abs().max() < 0.02
    assert b[1] < 0.65
    assert b[2] > 0.3
    assert b[3] < 0.01


@pytest.mark.parametrize(("side", "rhythms"), [(3, [2]), (5, [2, 4])])
def test_smoothing_takes_the_rhythm_of_a_cell_away_and_no_edge(side: int, rhythms: list[int]) -> None:
    logits = torch.full((1, 2, 24, 24), -4.0)
    logits[:, :, 6:18, 6:18] = 4.0
    smooth = MaskSmoothing(side).eval()
    inside = slice(side // 2, -(side // 2))
    for rhythm in rhythms:
        row = torch.arange(24).remainder(rhythm) < rhythm // 2
        pattern = torch.where(row[:, None] ^ row, 1.0, -1.0)
        assert smooth(pattern[None, None])[0, 0, inside, inside].abs().max() < 1e-6
        patterned = smooth(logits + 3 * pattern)[..., inside, inside]
        torch.testing.assert_close(patterned, smooth(logits)[..., inside, inside])
    changed = (smooth(logits) > 0) != (logits > 0)
    # The corners are rounded off, by one and by three pixels; nothing else moves.
    assert changed.sum() <= 2 * 4 * {3: 1, 5: 3}[side]


@pytest.mark.parametrize("side", [3, 5])
def test_smoothing_is_a_convolution_with_the_kernel_it_keeps(side: int) -> None:
    torch.manual_seed(0)
    logits = torch.randn(2, 3, 12, 10)
    smooth = MaskSmoothing(side)
    assert float(smooth.kernel.sum()) == 1
    convolved = F.conv2d(logits.flatten(0, 1)[:, None], smooth.kernel[None, None], padding=side // 2)
    torch.testing.assert_close(smooth(logits), convolved.view(logits.shape))


def test_weights_are_smoothed_as_they_were_when_they_learnt() -> None:
    config = replace(model_config("anymask_s"), mask_smoothing=3)
    state = build_sam(config).state_dict()
    assert config_for_weights("anymask_s", shapes_of(state)) == config
    smoothing = sam_from_state_dict("anymask_s", state).mask_decoder.mask_smoothing
    assert smoothing is not None
    torch.testing.assert_close(smoothing.kernel, torch.tensor([[1.0, 2, 1], [2, 4, 2], [1, 2, 1]]) / 16)
    check_shapes("anymask_s", shapes_of(state))
    unknown = shapes_of(state) | {"mask_decoder.mask_smoothing.kernel": (7, 7)}
    with pytest.raises(ModelError, match="misshaped"):
        check_shapes("anymask_s", unknown)


def test_statistics_of_a_window_count_the_whole_input() -> None:
    logits = torch.full((1, 1, 5, 20), 9.0)
    share = mask_statistics(logits, logits.sigmoid(), 0.25)[0, 0, 0]
    torch.testing.assert_close(share, torch.tensor(0.5), atol=1e-2, rtol=0)


def test_judging_masks_leaves_them_alone() -> None:
    torch.manual_seed(0)
    config = replace(model_config("tiny"), mask_quality=True)
    sam = build_sam(config)
    plain = build_sam(replace(config, mask_quality=False))
    plain.load_state_dict(
        {name: value for name, value in sam.state_dict().items() if "mask_quality" not in name}
    )
    coords, labels = torch.tensor([[[40.0, 50.0]]]), torch.tensor([[1]])
    embedding = torch.randn(1, 64, 16, 16)
    answers = []
    for model in (sam, plain):
        sparse, dense = model.prompt_encoder((coords, labels), None, None)
        answers.append(
            model.mask_decoder.predict_masks(embedding, model.prompt_encoder.get_dense_pe(), sparse, dense)
        )
    # A fresh judge adds nothing.
    for ours, theirs in zip(*answers, strict=True):
        torch.testing.assert_close(ours, theirs)
    assert sam.mask_decoder.mask_quality is not None
    torch.nn.init.normal_(sam.mask_decoder.mask_quality.answer.weight)
    sparse, dense = sam.prompt_encoder((coords, labels), None, None)
    _, iou = sam.mask_decoder.predict_masks(embedding, sam.prompt_encoder.get_dense_pe(), sparse, dense)
    assert (iou - answers[0][1]).abs().max() > 1e-3
    iou.sum().backward()
    # The last upscaling only makes masks: what judges them teaches it nothing.
    assert sam.mask_decoder.output_upscaling[3].weight.grad is None
