"""The IoU prediction that looks at masks: what it is told of them, and that it changes none."""

from dataclasses import replace

import torch

from models.sam.build import build_sam, model_config
from models.sam.modeling.mask_quality import mask_statistics
from models.sam.modeling.mask_smoothing import MaskSmoothing


def test_statistics_tell_sure_masks_from_unsure_ones() -> None:
    sure = torch.full((1, 1, 400), -9.0)
    sure[:, :, :100] = 9.0
    unsure = sure / 18
    a, b = (mask_statistics(x, x.sigmoid())[0, 0] for x in (sure, unsure))
    torch.testing.assert_close(a[0], torch.tensor(0.5), atol=1e-2, rtol=0)
    assert (a[1:] - torch.tensor([1.0, 0.0, 1.0])).abs().max() < 0.02
    assert b[1] < 0.65
    assert b[2] > 0.3
    assert b[3] < 0.01


def test_smoothing_takes_every_second_pixel_away_and_no_edge() -> None:
    logits = torch.full((1, 2, 16, 16), -4.0)
    logits[:, :, 4:12, 4:12] = 4.0
    pattern = torch.ones(16, 16)
    pattern[::2] = -1
    pattern[:, ::2] *= -1
    smooth = MaskSmoothing().eval()
    assert smooth(pattern[None, None])[0, 0, 1:-1, 1:-1].abs().max() < 1e-6
    torch.testing.assert_close(smooth(logits + 3 * pattern)[..., 1:-1, 1:-1], smooth(logits)[..., 1:-1, 1:-1])
    changed = (smooth(logits) > 0) != (logits > 0)
    # A corner of four pixels' company is rounded off; nothing else moves.
    assert changed.sum() <= 2 * 4


def test_training_smooths_like_the_model_in_use() -> None:
    torch.manual_seed(0)
    logits = torch.randn(2, 3, 12, 10)
    smooth = MaskSmoothing()
    torch.testing.assert_close(smooth.train()(logits), smooth.eval()(logits))


def test_statistics_of_a_window_count_the_whole_input() -> None:
    logits = torch.full((1, 1, 100), 9.0)
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
