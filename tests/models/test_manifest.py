"""The manifest's text and what it refuses."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from models.sam.errors import ModelError
from models.sam.manifest import (
    FileEntry,
    GraphEntry,
    Manifest,
    TextEntry,
    describe_file,
    parse_manifest,
    read_manifest,
    verify_file,
)

VALID = Manifest(
    name="tiny",
    version="0123456789ab",
    architecture="tiny",
    image_size=256,
    embedding_shape=[1, 64, 16, 16],
    low_res_size=[64, 64],
    mask_threshold=0.0,
    stability_offset=1.0,
    pixel_mean=[1.0, 2.0, 3.0],
    pixel_std=[1.0, 2.0, 3.0],
    weights=FileEntry("weights.safetensors", "0123456789ab" + "0" * 52, 5),
    graphs={name: GraphEntry(f"{name}.onnx", "f" * 64, 7, 20) for name in ("prepare", "click")},
    parameters=9,
    licence="Apache-2.0",
)


def test_writing_and_reading_are_inverse(tmp_path: Path) -> None:
    VALID.write(tmp_path)
    assert read_manifest(tmp_path) == VALID


def test_the_keys_are_the_contract() -> None:
    content = json.loads(VALID.to_json())
    assert set(content) == {
        *(
            "format",
            "name",
            "version",
            "architecture",
            "image_size",
            "embedding_shape",
            "embedding_dtype",
            "detector",
            "text",
        ),
        *("low_res_size", "mask_threshold", "stability_offset", "pixel_mean", "pixel_std", "weights"),
        *("graphs", "parameters", "licence", "source_url", "parents", "metrics"),
    }
    assert set(content["graphs"]) == {"prepare", "click"}
    assert set(content["graphs"]["click"]) == {"file", "sha256", "bytes", "opset"}


@pytest.mark.parametrize(
    "change",
    [
        {"format": 1},
        {"version": "xyz"},
        {"version": "aaaaaaaaaaaa"},
        {"image_size": 0},
        {"image_size": "256"},
        {"embedding_shape": [64, 16, 16]},
        {"embedding_shape": [1, 64, 16, "16"]},
        {"embedding_dtype": "float32"},
        {"low_res_size": [64]},
        {"pixel_mean": [1.0]},
        {"weights": {"file": "../secret", "sha256": "0123456789ab", "bytes": 5}},
        {"weights": {"file": "weights.pth"}},
        {"graphs": {"click": {"file": "c.onnx", "sha256": "f", "bytes": 7, "opset": 20}}},
        {"graphs": {"prepare": 1, "click": 2}},
        {"graphs": ["prepare.onnx", "click.onnx"]},
        {"parents": [1]},
        {"parents": "vit_h"},
        {"source_url": None},
        {"surprise": 1},
    ],
    ids=str,
)
def test_contradictions_are_refused(change: dict[str, object]) -> None:
    text = json.dumps({**json.loads(VALID.to_json()), **change})
    with pytest.raises(ModelError) as caught:
        parse_manifest(text)
    assert caught.value.code == "manifest.invalid"


def test_manifests_from_before_parents_were_noted_are_read() -> None:
    content = json.loads(VALID.to_json())
    del content["source_url"], content["parents"]
    assert parse_manifest(json.dumps(content)) == VALID


WITH_TEXT = replace(
    VALID,
    text=TextEntry(
        *("text.safetensors", "e" * 64, 3, "minilm@0123456789ab", 12, ["cat", "red dog"]),
        {name: GraphEntry(f"{name}.onnx", "d" * 64, 7, 20) for name in ("word", "text_click")},
    ),
)


def test_text_prompts_bring_their_graphs(tmp_path: Path) -> None:
    WITH_TEXT.write(tmp_path)
    assert read_manifest(tmp_path) == WITH_TEXT
    assert {"word.onnx", "text_click.onnx"} < {entry.file for entry in WITH_TEXT.files}


FILE = {"file": "words.npy", "sha256": "c" * 64, "bytes": 9}


def test_text_prompts_bring_what_reads_words(tmp_path: Path) -> None:
    assert WITH_TEXT.text is not None
    text = replace(
        WITH_TEXT.text,
        embeddings=FileEntry("words.npy", "c" * 64, 9),
        encoder_graph=GraphEntry("text_encoder.onnx", "b" * 64, 8, 20),
        tokenizer=FileEntry("tokenizer.json", "a" * 64, 7),
        known_from=0.6,
    )
    manifest = replace(WITH_TEXT, text=text)
    manifest.write(tmp_path)
    assert read_manifest(tmp_path) == manifest
    assert {"words.npy", "text_encoder.onnx", "tokenizer.json"} < {entry.file for entry in manifest.files}


def test_text_prompts_of_before_they_could_be_typed_are_read() -> None:
    content = json.loads(WITH_TEXT.to_json())
    for name in ("embeddings", "encoder_graph", "tokenizer", "known_from"):
        del content["text"][name]
    assert parse_manifest(json.dumps(content)) == WITH_TEXT


@pytest.mark.parametrize(
    "change",
    [
        {"embeddings": FILE},
        {"embeddings": FILE, "known_from": "0.6"},
        {"embeddings": FILE | {"file": "../words.npy"}, "known_from": 0.6},
        {"embeddings": 3, "known_from": 0.6},
        {"tokenizer": FILE},
        {"graphs": {}},
        {"graphs": ["word.onnx"]},
        {"graphs": {"word": {"file": "w.onnx", "sha256": "f", "bytes": 7, "opset": 20}}},
        {"vocabulary": "cat"},
        {"dim": "12"},
    ],
    ids=str,
)
def test_contradictions_of_text_prompts_are_refused(change: dict[str, object]) -> None:
    content = json.loads(WITH_TEXT.to_json())
    content["text"] |= change
    with pytest.raises(ModelError) as caught:
        parse_manifest(json.dumps(content))
    assert caught.value.code == "manifest.invalid"


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"weights": 3}'])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ModelError, match=r"manifest\.invalid"):
        parse_manifest(text)


def test_an_invalid_manifest_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        replace(VALID, image_size=-1).write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_files_are_verified_by_size_and_hash(tmp_path: Path) -> None:
    path = tmp_path / "decoder.onnx"
    path.write_bytes(b"content")
    entry = describe_file(path)
    assert verify_file(tmp_path, entry) == path
    path.write_bytes(b"CONTENT")
    for corrupt in (entry, replace(entry, file="absent")):
        with pytest.raises(ModelError, match=r"artifact\.corrupt"):
            verify_file(tmp_path, corrupt)
