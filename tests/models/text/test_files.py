"""What was learned is kept in a file, goes with the model's artifact, and is refused by models and encoders of other
kinds."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.sam.artifact import write_artifact
from models.sam.errors import ModelError
from models.sam.manifest import parse_manifest, sha256_file
from models.sam.modeling.sam import Sam
from models.sam.modeling.text_prompt import TextPrompt
from models.sam.predictor import SamPredictor
from models.sam.text.encoders import TextEncoder
from models.sam.text.image_side import MaskToText
from models.sam.text.names import tidy_name, vocabulary_of
from models.sam.text.prompting import TextPrompter
from models.sam.text.vocabulary import Vocabulary
from models.sam.text.weights import TextWeights, load_text, save_text

NAMES = ["sea", "tomato"]


def weights_of(prompt: TextPrompt, encoder: TextEncoder, model: str = "miniature@0") -> TextWeights:
    vocabulary = Vocabulary(NAMES, encoder.embed(NAMES))
    return TextWeights(
        prompt, vocabulary, model, encoder.name, MaskToText(prompt.embed_dim, 12), {"ratio": 2.5}
    )


def test_a_file_holds_all_that_was_learned(prompt: TextPrompt, encoder: TextEncoder, tmp_path: Path) -> None:
    path = tmp_path / "text.safetensors"
    save_text(weights_of(prompt, encoder), path)
    found = load_text(path)
    assert (found.model, found.encoder, found.quality) == ("miniature@0", encoder.name, {"ratio": 2.5})
    assert found.vocabulary.names == tuple(NAMES)
    assert found.image_side is not None
    for name, value in prompt.state_dict().items():
        torch.testing.assert_close(found.prompt.state_dict()[name], value, atol=1e-3, rtol=1e-3)
    save_text(replace(weights_of(prompt, encoder), image_side=None), path)
    assert load_text(path).image_side is None


@pytest.mark.parametrize("content", [b"", b"no weights at all"])
def test_a_file_of_another_kind_is_refused(content: bytes, tmp_path: Path, tiny_safetensors: Path) -> None:
    path = tmp_path / "text.safetensors"
    path.write_bytes(content or tiny_safetensors.read_bytes())
    with pytest.raises(ModelError, match=r"^text\.unreadable"):
        load_text(path)


def test_the_answer_says_how_near_the_word_is(
    miniature: Sam, prompt: TextPrompt, encoder: TextEncoder
) -> None:
    predictor = SamPredictor(miniature)
    predictor.set_image(np.zeros((30, 40, 3), np.uint8))
    prompter = TextPrompter(predictor, weights_of(prompt, encoder), encoder)
    known = prompter.ask("  TOMATO ")
    assert (known.nearness.name, known.nearness.is_known) == ("tomato", True)
    assert known.nearness.similarity == pytest.approx(1, abs=1e-4)
    assert known.prediction.masks.shape == (3, 30, 40)
    assert not prompter.ask("parliament").nearness.is_known
    clicked = prompter.ask(
        "tomato",
        np.array([[5.0, 5.0]]),
        np.array([1]),
        known.prediction.low_res_masks[:1],
        multimask_output=False,
    )
    assert clicked.prediction.masks.shape == (1, 30, 40)
    with pytest.raises(ValueError, match="needs a word"):
        prompter.ask(" _ ")


def test_other_encoders_and_models_are_refused(
    miniature: Sam, prompt: TextPrompt, encoder: TextEncoder, tiny_sam: Sam
) -> None:
    text = weights_of(prompt, encoder)
    with pytest.raises(ModelError, match=r"^text\.other_encoder"):
        TextPrompter(SamPredictor(miniature), replace(text, encoder="clip@1"), encoder)
    with pytest.raises(ModelError, match=r"^text\.other_model"):
        TextPrompter(SamPredictor(tiny_sam), text, encoder)


def test_an_artifact_takes_text_prompts_on_and_keeps_them(
    encoder: TextEncoder, tiny_safetensors: Path, tmp_path: Path
) -> None:
    version = sha256_file(tiny_safetensors)[:12]
    path = tmp_path / "learned.safetensors"
    save_text(weights_of(TextPrompt(12, 64), encoder, "tiny@000000000000"), path)
    with pytest.raises(ModelError, match=r"^text\.other_model"):
        write_artifact("tiny", tiny_safetensors, tmp_path, timed_on=None, text=path)
    save_text(weights_of(TextPrompt(12, 64), encoder, f"tiny@{version}"), path)
    made = write_artifact("tiny", tiny_safetensors, tmp_path, timed_on=None, text=path)
    entry = made.manifest.text
    assert entry is not None
    assert (entry.file, entry.encoder, entry.dim) == ("text.safetensors", encoder.name, 12)
    assert entry.vocabulary == NAMES
    assert made.manifest.metrics["text"] == {"ratio": 2.5}
    assert load_text(made.folder / entry.file).vocabulary.names == tuple(NAMES)
    again = write_artifact("tiny", tiny_safetensors, tmp_path, timed_on=None)
    assert not again.created
    assert again.manifest.text == entry
    assert parse_manifest(made.manifest.to_json()) == made.manifest
    broken = made.manifest.to_json().replace('"dim": 12', '"dim": "12"')
    with pytest.raises(ModelError, match=r"^manifest\.invalid"):
        parse_manifest(broken)


def test_names_are_tidied_and_those_that_say_nothing_left_out() -> None:
    names = ["Person_with-Clothing", "person with clothing", "object", "", "  Sea "]
    assert vocabulary_of(names) == ["person with clothing", "sea"]
    assert vocabulary_of(names, least=2) == ["person with clothing"]


@given(st.text(max_size=20))
def test_tidying_twice_is_tidying_once(name: str) -> None:
    assert tidy_name(tidy_name(name)) == tidy_name(name)


def test_a_vocabulary_needs_as_many_vectors_as_names() -> None:
    for names, count in (([], 0), (["a"], 2)):
        with pytest.raises(ValueError, match="names with embeddings"):
            Vocabulary(names, np.ones((count, 3), np.float32))
