"""Masks for a word: the word becomes an embedding, which the model's graphs of words read against the image.

The web process has no torch: learned words have stored embeddings, others are read by the text encoder as a graph.
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np

from backend.common.errors import Conflict, InvalidInput
from backend.common.storage import file_read
from backend.embeddings.graph_runs import (
    GRAPH_LOCK,
    embedding_values,
    graph_run,
    graphs_check,
    image_prepared,
    masks_answered,
    session_of,
)
from backend.embeddings.models import Embedding, ModelVersion

# Label of an empty slot of the graph (ARCHITECTURE.md section 4): a word alone is a prompt without points.
ABSENT: Final = -2.0
# Names that a refusal lists; the manifest has all.
NAMES_TOLD: Final = 20


@dataclass(frozen=True)
class Vocabulary:
    """The words a model has learned, and their embeddings, float32 [V, D] of length 1."""

    names: tuple[str, ...]
    embeddings: np.ndarray
    known_from: float

    def nearest(self, embedding: np.ndarray) -> dict[str, Any]:
        """The learned name nearest to an embedding [D]: name, similarity (cosine), and is_known: whether that is enough
        to trust the answer."""
        cosines = self.embeddings @ embedding
        best = int(cosines.argmax())
        similarity = round(float(cosines[best]), 4)
        return {"name": self.names[best], "similarity": similarity, "is_known": similarity >= self.known_from}


def word_decode(*, embedding: Embedding, word: str) -> dict[str, Any]:
    """Mask logits for a word on an image, as `graph_runs.masks_answered` returns them; with the tidy `word`, the learned
    one `nearest` to it, and the `model`.

    Raises InvalidInput `text.empty`, Conflict `model.no_words`, `model.no_graphs` and `text.unknown_word`.
    """
    tidy = tidy_name(word)
    if not any(letter.isalpha() for letter in tidy):
        raise InvalidInput("There is no letter in this word.", "text.empty")
    version = embedding.model_version
    if not version.has_words:
        raise Conflict(f"{version} does not read words: click instead.", "model.no_words")
    graphs_check(version)
    rows, columns = version.manifest["low_res_size"]
    feeds = {
        "point_coords": np.zeros((1, 1, 2), np.float32),
        "point_labels": np.full((1, 1), ABSENT, np.float32),
        "mask_input": np.zeros((1, 1, rows, columns), np.float32),
        "has_mask_input": np.zeros(1, np.float32),
    }
    with GRAPH_LOCK:
        vocabulary = _vocabulary_of(version)
        vector = _word_embedding(version, vocabulary, tidy)
        feeds |= image_prepared(embedding) | _word_read(embedding, vector)
        answer = masks_answered(version, version.text_files["text_click"]["key"], feeds)
    return answer | {"word": tidy, "nearest": vocabulary.nearest(vector), "model": str(version)}


def tidy_name(name: str) -> str:
    """`Traffic_light ` -> `traffic light`, as the vocabulary was tidied. `models.sam.text.names` has the same function,
    which is not for the web process; a contract test compares the two."""
    return " ".join(name.replace("_", " ").replace("-", " ").lower().split())


def _vocabulary_of(version: ModelVersion) -> Vocabulary:
    text = version.manifest["text"]
    vectors = _vectors(version.text_files["embeddings"]["key"])
    return Vocabulary(tuple(text["vocabulary"]), vectors, float(text["known_from"]))


def _word_embedding(version: ModelVersion, vocabulary: Vocabulary, word: str) -> np.ndarray:
    """float32 [D] of length 1. Raises Conflict `text.unknown_word`."""
    if word in vocabulary.names:
        return vocabulary.embeddings[vocabulary.names.index(word)]
    files = version.text_files
    if "encoder_graph" not in files:
        names = ", ".join(vocabulary.names[:NAMES_TOLD]) + (
            ", ..." if len(vocabulary.names) > NAMES_TOLD else ""
        )
        raise Conflict(f"{version} knows no words but those it learned: {names}.", "text.unknown_word")
    return _encoded(files["encoder_graph"]["key"], files["tokenizer"]["key"], word)


def _word_read(embedding: Embedding, vector: np.ndarray) -> dict[str, np.ndarray]:
    """What the graph `word` answers, by the names under which `text_click` takes it."""
    version = embedding.model_version
    key, shape = version.text_files["word"]["key"], tuple(version.manifest["embedding_shape"])
    feeds = {"text_embedding": vector[None]}
    # Where words are tokens alone, the graph does not look at the image.
    if "image_embeddings" in {one.name for one in session_of(key).get_inputs()}:
        feeds["image_embeddings"] = embedding_values(embedding.file_key, shape)
    return graph_run(key, feeds)


@lru_cache(maxsize=4)
def _vectors(key: str) -> np.ndarray:
    """Stored as float16, which costs them their exact length."""
    vectors = np.load(io.BytesIO(file_read(key)), allow_pickle=False).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, np.finfo(np.float32).tiny)


# A team labels one kind of thing after another: the same words again and again.
@lru_cache(maxsize=1024)
def _encoded(graph_key: str, tokenizer_key: str, word: str) -> np.ndarray:
    """What the text encoder makes of a word, float32 [D]."""
    ids = np.array([_tokenizer(tokenizer_key).encode(word).ids], np.int64)
    return graph_run(graph_key, {"token_ids": ids})["text_embedding"][0]


@lru_cache(maxsize=1)
def _tokenizer(key: str) -> Any:
    from tokenizers import Tokenizer

    return Tokenizer.from_str(file_read(key).decode("utf-8"))
