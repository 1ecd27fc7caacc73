"""A word becomes masks without torch, as the model itself answers; what reads it is stored, shared and cleared away."""

import base64
import io
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from backend.embeddings.models import ModelVersion
from backend.images.models import Image
from tests.backend.embeddings.test_embedding_api import SHAPE, make_ready

NAMES = ["dog", "red cat"]


@pytest.fixture(scope="module")
def bert_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.models.text.bert import write_bert

    folder = tmp_path_factory.mktemp("bert")
    write_bert(folder)
    return folder


@pytest.fixture(scope="module")
def tiny_artifacts(bert_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder with the tiny model, which reads words here; tests must not change it."""
    import torch
    from safetensors.torch import save_file

    from models.sam.artifact import write_artifact
    from models.sam.build import build_sam
    from models.sam.manifest import sha256_file
    from models.sam.modeling.text_prompt import TextPrompt
    from models.sam.text.encoders import open_text_encoder
    from models.sam.text.vocabulary import Vocabulary
    from models.sam.text.weights import TextWeights, save_text

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("reading")
    weights, text = folder / "tiny.safetensors", folder / "text.safetensors"
    save_file(build_sam("tiny").state_dict(), weights)
    which = f"minilm:{bert_folder}"
    encoder = open_text_encoder(which)
    prompt = TextPrompt(encoder.dim, SHAPE[1])
    torch.nn.init.normal_(prompt.project.weight, std=0.3)
    model = f"tiny@{sha256_file(weights)[:12]}"
    save_text(TextWeights(prompt, Vocabulary(NAMES, encoder.embed(NAMES)), model, encoder.name), text)
    models = folder / "models"
    write_artifact("tiny", weights, models, timed_on=None, text=text, text_encoder=which)
    return models


def ask(api: APIClient, image: Image, word: str, **body: Any) -> dict[str, Any]:
    answer = api.post(f"/api/v1/images/{image.pk}/words/", {"word": word} | body)
    found: dict[str, Any] = answer.json() | {"status": answer.status_code}
    return found


def answer_of_torch(folder: Path, bert_folder: Path, values: np.ndarray, word: str) -> tuple[Any, Any, Any]:
    """Masks, predicted IoU and nearest name, by the models' own code."""
    import torch

    from models.sam.artifact import load_artifact
    from models.sam.decode.export import run_model
    from models.sam.text.encoders import open_text_encoder
    from models.sam.text.weights import load_text

    sam, text = load_artifact(folder), load_text(folder / "text.safetensors")
    sam.prompt_encoder.text_prompt = text.prompt
    vector = open_text_encoder(f"minilm:{bert_folder}").embed([word])
    embedding = torch.from_numpy(values.astype(np.float32))
    points = torch.zeros(1, 0, 2), torch.zeros(1, 0)
    with torch.no_grad():
        masks, scores = run_model(sam, embedding, *points, None, torch.from_numpy(vector))
    return masks[0].numpy(), scores[0].numpy(), text.vocabulary.nearest(vector)[0]


@pytest.mark.parametrize(("typed", "word"), [(" DOG ", "dog"), ("Red_Cat", "red cat"), ("a sea", "a sea")])
def test_the_server_reads_words_as_the_model_does(
    api: APIClient, image: Image, tiny_folder: Path, bert_folder: Path, typed: str, word: str
) -> None:
    """The last word is in no vocabulary. Weights stored as float16 cost some 0.4 % of the logits' spread."""
    values = make_ready(image)
    result = ask(api, image, typed)
    assert result["status"] == 200, result
    masks, scores, nearest = answer_of_torch(tiny_folder, bert_folder, values, word)
    found = np.frombuffer(base64.b64decode(result["low_res_masks"]), "<f4").reshape(4, 64, 64)
    assert np.abs(found - masks).max() < 0.02 * float(masks.std())
    assert np.allclose(result["iou_predictions"], scores, atol=2e-3)
    assert (result["word"], result["low_res_size"]) == (word, [64, 64])
    assert result["model"] == str(image.project.model)
    assert result["nearest"]["name"] == nearest.name
    assert result["nearest"]["similarity"] == pytest.approx(nearest.similarity, abs=1e-3)
    assert result["nearest"]["is_known"] == nearest.is_known


def test_another_word_has_other_masks(api: APIClient, image: Image) -> None:
    make_ready(image)
    masks = {ask(api, image, word)["low_res_masks"] for word in ("dog", "red cat", "sea")}
    assert len(masks) == 3
    version = str(image.project.model)
    assert ask(api, image, "dog", model=version)["model"] == version


@pytest.mark.parametrize("word", ["", "  ", "_ -", "12", "!?"])
def test_what_holds_no_letter_is_no_word(api: APIClient, image: Image, word: str) -> None:
    make_ready(image)
    result = ask(api, image, word)
    assert (result["status"], result["code"]) == (400, "text.empty")


def test_a_word_has_a_hundred_characters_at_most(api: APIClient, image: Image) -> None:
    make_ready(image)
    assert ask(api, image, "a" * 100)["status"] == 200
    result = ask(api, image, "a" * 101)
    assert (result["status"], result["code"]) == (400, "input.invalid")


def test_without_an_encoder_only_learned_words_are_read(api: APIClient, image: Image) -> None:
    make_ready(image)
    version = ModelVersion.objects.get()
    kept = {
        name: file for name, file in version.text_files.items() if name not in ("encoder_graph", "tokenizer")
    }
    ModelVersion.objects.update(text_files=kept)
    assert ask(api, image, "dog")["status"] == 200
    result = ask(api, image, "sea")
    assert (result["status"], result["code"]) == (409, "text.unknown_word")
    assert "dog, red cat" in result["message"]


def test_a_model_that_reads_no_words_says_so(api: APIClient, image: Image) -> None:
    make_ready(image)
    ModelVersion.objects.update(text_files={})
    result = ask(api, image, "dog")
    assert (result["status"], result["code"]) == (409, "model.no_words")


def test_an_image_that_is_not_ready_or_somebody_elses(
    api: APIClient, image: Image, stranger: APIClient
) -> None:
    waiting = ask(api, image, "dog")
    assert (waiting["status"], waiting["code"]) == (409, "embedding.not_ready")
    make_ready(image)
    assert ask(stranger, image, "dog")["status"] == 404


# Registration


@pytest.fixture
def models_dir(tmp_path: Path, files: Path, db: None, tiny_artifacts: Path, settings: Any) -> Path:
    settings.MODELS_DIR = tmp_path / "models"
    shutil.copytree(tiny_artifacts, settings.MODELS_DIR)
    return tmp_path / "models"


def register() -> None:
    call_command("register_models", stdout=io.StringIO(), stderr=io.StringIO())


def rewrite(models_dir: Path, name: str = "tiny", **text: Any) -> None:
    path = next(models_dir.glob(f"{name}/*/manifest.json"))
    manifest = json.loads(path.read_text())
    manifest["text"] |= text
    path.write_text(json.dumps(manifest))


def test_what_reads_words_is_stored_once_and_mended(models_dir: Path, files: Path, tiny_folder: Path) -> None:
    register()
    stored = ModelVersion.objects.get().text_files
    assert set(stored) == {"word", "text_click", "embeddings", "encoder_graph", "tokenizer"}
    for name, file in (
        ("word", "word.onnx"),
        ("encoder_graph", "text_encoder.onnx"),
        ("tokenizer", "tokenizer.json"),
    ):
        assert (files / stored[name]["key"]).read_bytes() == (tiny_folder / file).read_bytes()
        assert stored[name]["bytes"] == (tiny_folder / file).stat().st_size
    (files / stored["tokenizer"]["key"]).unlink()
    register()
    assert ModelVersion.objects.get().text_files == stored
    assert (files / stored["tokenizer"]["key"]).is_file()


def test_versions_share_an_encoder(models_dir: Path, files: Path) -> None:
    shutil.copytree(models_dir / "tiny", models_dir / "other")
    path = next(models_dir.glob("other/*/manifest.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"name": "other"}))
    register()
    first, second = ModelVersion.objects.all()
    assert first.text_files == second.text_files
    assert first.click_key != second.click_key
    assert len(list((files / "models" / "text").iterdir())) == 5


def test_files_that_read_words_go_with_the_last_model_that_names_them(models_dir: Path, files: Path) -> None:
    register()
    folder = files / "models" / "text"
    for path in files.rglob("*"):
        os.utime(path, (time.time() - 25 * 3600,) * 2)
    call_command("files_remove_orphans", stdout=io.StringIO())
    assert len(list(folder.iterdir())) == 5
    rewrite(models_dir, encoder_graph=None, tokenizer=None)
    register()
    call_command("files_remove_orphans", stdout=io.StringIO())
    assert {path.name.split("-")[0] for path in folder.iterdir()} == {"word", "text_click", "embeddings"}
    path = next(models_dir.glob("tiny/*/manifest.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"text": None}))
    register()
    assert ModelVersion.objects.get().text_files == {}
    call_command("files_remove_orphans", stdout=io.StringIO())
    assert not folder.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"graphs": {}}, "model.manifest_invalid"),
        ({"graphs": 3}, "model.manifest_invalid"),
        ({"tokenizer": None}, "model.manifest_invalid"),
        ({"vocabulary": ["dog"]}, "model.manifest_invalid"),
        ({"vocabulary": "dog"}, "model.manifest_invalid"),
        ({"dim": 3}, "model.manifest_invalid"),
        ({"known_from": None}, "model.manifest_invalid"),
        ({"tokenizer": {"file": "../tokenizer.json", "sha256": "0"}}, "model.manifest_invalid"),
        ({"tokenizer": {"file": "tokenizer.json", "sha256": "0"}}, "model.graph_mismatch"),
    ],
    ids=str,
)
def test_text_that_this_server_cannot_use_is_refused(
    models_dir: Path, change: dict[str, Any], code: str
) -> None:
    rewrite(models_dir, **change)
    with pytest.raises(CommandError, match=code.replace(".", r"\.")):
        register()
    assert not ModelVersion.objects.exists()


def test_an_artifact_of_before_words_could_be_typed_is_registered(models_dir: Path) -> None:
    rewrite(models_dir, embeddings=None, encoder_graph=None, tokenizer=None, known_from=None)
    register()
    version = ModelVersion.objects.get()
    assert set(version.text_files) == {"word", "text_click"}
    assert not version.has_words
