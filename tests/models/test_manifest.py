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
