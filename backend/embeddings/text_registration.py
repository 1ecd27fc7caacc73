"""What a model reads words with, from its artifact into the storage."""

import io
from pathlib import Path
from typing import Any, Final

import numpy as np

from backend.embeddings.artifact_files import file_keep, file_of, manifest_invalid

TEXT_GRAPHS: Final = ("word", "text_click")
# Of the manifest's `text`: the learned words' embeddings; and the encoder of other words, where the artifact has one.
TEXT_FILES: Final = ("embeddings", "encoder_graph", "tokenizer")


def text_files_keep(manifest_path: Path, text: Any) -> dict[str, dict[str, Any]]:
    """What `ModelVersion.text_files` holds of a manifest's `text`: key, SHA-256 and bytes of each file, by its name.

    Keys name the content alone: versions with the same encoder share its file. Raises InvalidInput
    `model.manifest_invalid` or `model.graph_mismatch`.
    """
    if text is None:
        return {}
    if not isinstance(text, dict) or not isinstance(text.get("graphs"), dict):
        raise manifest_invalid(manifest_path, "text is of the wrong kind")
    entries = {name: text["graphs"].get(name) for name in TEXT_GRAPHS}
    entries |= {name: text[name] for name in TEXT_FILES if text.get(name) is not None}
    if ("encoder_graph" in entries) != ("tokenizer" in entries):
        raise manifest_invalid(manifest_path, "a text encoder is a graph and a tokenizer")
    read = {
        name: (*file_of(manifest_path, f"{name} of text", entry), entry["file"])
        for name, entry in entries.items()
    }
    if "embeddings" in read:
        _vocabulary_check(manifest_path, text, read["embeddings"][0])
    kept = {}
    for name, (content, digest, file) in read.items():
        key = f"models/text/{name}-{digest[:32]}{Path(file).suffix}"
        file_keep(key, content)
        kept[name] = {"key": key, "sha256": digest, "bytes": len(content)}
    return kept


def _vocabulary_check(manifest_path: Path, text: dict[str, Any], content: bytes) -> None:
    """Raises InvalidInput `model.manifest_invalid` where words, embeddings and threshold do not go together."""
    words, dim = text.get("vocabulary"), text.get("dim")
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise manifest_invalid(manifest_path, "the vocabulary of text is no list of words")
    if not isinstance(text.get("known_from"), (int, float)):
        raise manifest_invalid(manifest_path, "known_from of text is no number")
    try:
        shape = np.load(io.BytesIO(content), allow_pickle=False).shape
    except (ValueError, EOFError) as error:
        raise manifest_invalid(manifest_path, f"the embeddings of text cannot be read: {error}") from error
    if not words or shape != (len(words), dim):
        raise manifest_invalid(
            manifest_path, f"{len(words)} words of text have embeddings {list(shape)} for a width of {dim}"
        )
