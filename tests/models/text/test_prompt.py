"""A word is one more prompt: it changes answers, goes with others, and leaves models and prompts without it as they
were."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from models.sam.build import state_dict_shapes
from models.sam.modeling.prompt_encoder import ImageOfPrompts
from models.sam.modeling.sam import Sam
from models.sam.modeling.text_prompt import TextPrompt
from models.sam.predictor import SamPredictor

DIM = 12
rng = np.random.default_rng(3)
PICTURE = rng.integers(0, 255, (48, 64, 3), dtype=np.uint8)
RED, BLUE = rng.normal(size=(2, DIM)).astype(np.float32)
POINT = np.array([[20.0, 15.0]])


@pytest.fixture
def plain(miniature: Sam) -> SamPredictor:
    predictor = SamPredictor(miniature)
    predictor.set_image(PICTURE)
    return predictor


@pytest.fixture
def taught(plain: SamPredictor, prompt: TextPrompt) -> SamPredictor:
    plain.model.prompt_encoder.text_prompt = prompt.eval()
    return plain


def test_a_model_has_no_text_prompt_of_its_own(miniature: Sam, plain: SamPredictor) -> None:
    assert set(miniature.state_dict()) == set(state_dict_shapes("miniature"))
    assert not any("text" in name for name in miniature.state_dict())
    with pytest.raises(ValueError, match="no text prompts"):
        plain.predict(text_embedding=RED)


def test_other_prompts_are_answered_as_before_bit_by_bit(plain: SamPredictor, prompt: TextPrompt) -> None:
    before = plain.predict(POINT, np.array([1]), box=np.array([4.0, 4, 40, 40]), return_logits=True)
    plain.model.prompt_encoder.text_prompt = prompt
    after = plain.predict(POINT, np.array([1]), box=np.array([4.0, 4, 40, 40]), return_logits=True)
    for one, other in zip(before, after, strict=True):
        assert one.tobytes() == other.tobytes()


def test_words_change_the_answer_alone_and_beside_other_prompts(taught: SamPredictor) -> None:
    red, blue = (taught.predict(text_embedding=word) for word in (RED, BLUE))
    assert red.masks.shape == (3, 48, 64)
    assert np.abs(red.low_res_masks - blue.low_res_masks).max() > 1e-3
    clicked = [
        taught.predict(
            POINT,
            np.array([1]),
            mask_input=red.low_res_masks[:1],
            multimask_output=False,
            text_embedding=word,
        ).low_res_masks
        for word in (None, RED, BLUE)
    ]
    assert clicked[0].shape == (1, *taught.model.prompt_encoder.mask_input_size)
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert np.abs(clicked[one] - clicked[other]).max() > 1e-3


def test_words_asked_together_are_answered_as_one_by_one(taught: SamPredictor) -> None:
    together = taught.predict_batch(text_embeddings=np.stack([RED, BLUE]))
    for row, word in enumerate((RED, BLUE)):
        alone = taught.predict(text_embedding=word)
        np.testing.assert_allclose(together.low_res_masks[row], alone.low_res_masks, atol=1e-4)


def test_each_word_looks_at_its_own_image(miniature: Sam, prompt: TextPrompt) -> None:
    miniature.prompt_encoder.text_prompt = prompt.eval()
    embeddings = torch.randn(2, *miniature_shape(miniature))
    words = torch.from_numpy(np.stack([RED, RED, BLUE]))
    index = torch.tensor([1, 0, 1])
    with torch.no_grad():
        _, drawn = miniature.prompt_encoder.embed_text(words, ImageOfPrompts(embeddings, index))
        _, alone = miniature.prompt_encoder.embed_text(words[1:2], ImageOfPrompts(embeddings[:1]))
    assert drawn is not None
    assert alone is not None
    torch.testing.assert_close(drawn[1:2], alone)
    assert (drawn[0] - drawn[1]).abs().max() > 1e-3


def miniature_shape(model: Sam) -> tuple[int, int, int]:
    return model.prompt_encoder.embed_dim, *model.prompt_encoder.image_embedding_size


def test_a_new_map_draws_nothing_and_a_model_may_do_without(miniature: Sam) -> None:
    embeddings = torch.randn(1, *miniature_shape(miniature))
    for has_map in (True, False):
        miniature.prompt_encoder.text_prompt = TextPrompt(DIM, 32, has_map=has_map)
        tokens, drawn = miniature.prompt_encoder.embed_text(
            torch.from_numpy(RED)[None], ImageOfPrompts(embeddings)
        )
        assert tokens.shape == (1, 1, 32)
        assert drawn is None if not has_map else (drawn is not None and not drawn.any())


@pytest.mark.parametrize("shape", [(1, DIM + 1), (DIM,), (1, 1, DIM)])
def test_embeddings_of_another_width_are_refused(taught: SamPredictor, shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"must be \\[N, {DIM}\\]"):
        taught.predict_batch(text_embeddings=np.ones(shape, np.float32))


def test_looking_needs_an_image(taught: SamPredictor) -> None:
    with pytest.raises(ValueError, match="image"):
        taught.model.prompt_encoder(None, None, None, text=torch.from_numpy(RED)[None])


@settings(max_examples=15, deadline=None)
@given(scale=st.floats(1e-3, 1e3), seed=st.integers(0, 99))
def test_the_length_of_an_embedding_says_nothing(scale: float, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    text, word = TextPrompt(DIM, 32), torch.randn(2, DIM, generator=generator)
    compared = text.compared(torch.randn(1, 32, 16, 16, generator=generator))
    torch.testing.assert_close(text.embed(word * scale), text.embed(word), rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(
        text.relevance(compared, word * scale), text.relevance(compared, word), rtol=1e-3, atol=1e-4
    )
