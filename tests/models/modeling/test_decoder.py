"""Prompt encoder and mask decoder beyond the golden arrays: batches over images, other sizes, training."""

import pytest
import torch

from models.sam.build import build_sam, model_config, sam_from_state_dict
from models.sam.modeling.grid import Grid
from models.sam.modeling.sam import Sam
from models.sam.modeling.transformer import Attention


def random_prompts(sam: Sam, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(count)
    coords = torch.rand(count, 3, 2, generator=random) * sam.image_size
    labels = torch.randint(-1, 4, (count, 3), generator=random)
    return coords, labels


def test_prompts_over_several_images_decode_in_one_call(tiny_sam: Sam) -> None:
    embeddings = torch.randn(2, 64, 16, 16, generator=torch.Generator().manual_seed(0))
    image_pe = tiny_sam.prompt_encoder.get_dense_pe()
    with torch.no_grad():
        sparse, dense = tiny_sam.prompt_encoder(random_prompts(tiny_sam, 5), None, None)
        index = torch.tensor([0, 1, 1, 0, 1])
        together, iou = tiny_sam.mask_decoder(embeddings, image_pe, sparse, dense, True, index)
        assert together.shape == (5, 3, 64, 64)
        for prompt, image in enumerate(index):
            one = slice(prompt, prompt + 1)
            alone, alone_iou = tiny_sam.mask_decoder(
                embeddings[image][None], image_pe, sparse[one], dense[one], True
            )
            torch.testing.assert_close(together[one], alone, atol=2e-5, rtol=1e-4)
            torch.testing.assert_close(iou[one], alone_iou, atol=1e-5, rtol=1e-4)


def test_box_corners_as_labelled_points_equal_a_box(tiny_sam: Sam) -> None:
    boxes = torch.tensor([[10.0, 20.0, 200.0, 150.0]])
    sparse, _ = tiny_sam.prompt_encoder(None, boxes, None)
    as_points = tiny_sam.prompt_encoder.embed_points(boxes.reshape(1, 2, 2), torch.tensor([[2, 3]]))
    torch.testing.assert_close(sparse, as_points)


def test_a_point_that_is_none_ignores_its_coordinates(tiny_sam: Sam) -> None:
    coords, labels = torch.tensor([[[5.0, 7.0]], [[90.0, 1.0]]]), torch.full((2, 1), -1)
    tokens = tiny_sam.prompt_encoder.embed_points(coords, labels)
    torch.testing.assert_close(tokens[0], tokens[1])
    torch.testing.assert_close(tokens[0], tiny_sam.prompt_encoder.not_a_point_embed.weight)


def test_prompts_of_another_input_size_scale_with_it(tiny_sam: Sam) -> None:
    coords, labels = random_prompts(tiny_sam, 2)
    # (x + 0.5) / side is the same position when x + 0.5 and the side are both halved.
    half = (coords + 0.5) / 2 - 0.5
    full = tiny_sam.prompt_encoder.embed_points(coords, labels)
    other = tiny_sam.prompt_encoder.embed_points(half, labels, input_size=(128, 128))
    torch.testing.assert_close(full, other, atol=2e-5, rtol=1e-4)
    _, dense = tiny_sam.prompt_encoder((half, labels), None, None, (128, 128), Grid(8, 8))
    assert dense.shape == (2, 64, 8, 8)
    assert tiny_sam.prompt_encoder.get_dense_pe(Grid(8, 8)).shape == (1, 64, 8, 8)


def test_training_mode_gives_the_same_numbers_and_gradients() -> None:
    torch.manual_seed(0)
    attention = Attention(16, 4, downsample_rate=2)
    q, k = torch.randn(2, 3, 16, requires_grad=True), torch.randn(2, 9, 16)
    plain = attention.train()(q, k, k)
    fused = attention.eval()(q, k, k)
    torch.testing.assert_close(plain, fused)
    plain_gradient = torch.autograd.grad(plain.square().sum(), q)[0]
    torch.testing.assert_close(plain_gradient, torch.autograd.grad(fused.square().sum(), q)[0])


def test_every_part_of_a_model_in_training_gets_gradients() -> None:
    sam = build_sam("tiny").train()
    embedding = sam.image_encoder(torch.randn(1, 3, 256, 256))
    sparse, dense = sam.prompt_encoder(
        (torch.full((1, 4, 2), 50.0), torch.tensor([[0, 1, 2, 3]])), None, torch.randn(1, 1, 64, 64)
    )
    masks, iou = sam.mask_decoder.predict_masks(embedding, sam.prompt_encoder.get_dense_pe(), sparse, dense)
    (masks.square().mean() + iou.square().mean()).backward()
    without = [name for name, parameter in sam.named_parameters() if parameter.grad is None]
    # This prompt has a mask, so the embedding of "no mask" is not in play.
    assert without == ["prompt_encoder.no_mask_embed.weight"]


def test_positions_stay_exact_under_autocast(tiny_sam: Sam) -> None:
    coords, labels = random_prompts(tiny_sam, 2)
    expected = tiny_sam.prompt_encoder.embed_points(coords, labels)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        torch.testing.assert_close(tiny_sam.prompt_encoder.embed_points(coords, labels), expected)


def test_heads_must_divide_the_width() -> None:
    with pytest.raises(ValueError, match="inner width 8 does not divide by 3 heads"):
        Attention(16, 3, downsample_rate=2)


def test_an_unknown_model_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"unknown model 'vit_x'; known: .*vit_b"):
        model_config("vit_x")


def test_weights_are_adopted_as_float32_and_strictly(tiny_sam: Sam) -> None:
    state = {name: tensor.half() for name, tensor in tiny_sam.state_dict().items()}
    sam = sam_from_state_dict("tiny", state)
    assert {parameter.dtype for parameter in sam.parameters()} == {torch.float32}
    torch.testing.assert_close(sam.pixel_mean, tiny_sam.pixel_mean)
    del state["mask_decoder.iou_token.weight"]
    with pytest.raises(RuntimeError, match="iou_token"):
        sam_from_state_dict("tiny", state)
