"""What an artifact carries to turn words into embeddings without torch answers as PyTorch does."""

import shutil
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer

from models.cli.export_decoder import main
from models.sam.artifact import Artifact, write_artifact
from models.sam.errors import ModelError
from models.sam.manifest import sha256_file
from models.sam.modeling.text_prompt import TextPrompt
from models.sam.text import files, sentence_encoder
from models.sam.text.encoders import open_text_encoder
from models.sam.text.sentence_encoder import SentenceEncoder
from models.sam.text.vocabulary import KNOWN_FROM, Vocabulary
from models.sam.text.weights import TextWeights, save_text
from tests.models.text.bert import WIDTH

NAMES = ["dog", "red cat"]
TRIED = ["sea", "a red dog", "cat " * 30]


@pytest.fixture
def bert(bert_folder: Path) -> SentenceEncoder:
    encoder = open_text_encoder(f"minilm:{bert_folder}")
    assert isinstance(encoder, SentenceEncoder)
    return encoder


@pytest.fixture
def learned(bert: SentenceEncoder, tiny_safetensors: Path, tmp_path: Path) -> Path:
    """Text prompts of the tiny model, learned with the tiny encoder."""
    path = tmp_path / "learned.safetensors"
    model = f"tiny@{sha256_file(tiny_safetensors)[:12]}"
    vocabulary = Vocabulary(NAMES, bert.embed(NAMES))
    save_text(TextWeights(TextPrompt(WIDTH, 64), vocabulary, model, bert.name), path)
    return path


def made(weights: Path, output: Path, text: Path | None, which: str = "minilm") -> Artifact:
    return write_artifact("tiny", weights, output, timed_on=None, text=text, text_encoder=which)


def test_the_artifact_reads_words_as_the_encoder_does(
    bert: SentenceEncoder, bert_folder: Path, learned: Path, tiny_safetensors: Path, tmp_path: Path
) -> None:
    artifact = made(tiny_safetensors, tmp_path / "out", learned, f"minilm:{bert_folder}")
    text = artifact.manifest.text
    assert text is not None
    assert text.embeddings is not None
    assert text.encoder_graph is not None
    assert text.tokenizer is not None
    assert text.known_from == KNOWN_FROM
    stored = np.load(artifact.folder / text.embeddings.file, allow_pickle=False)
    assert stored.dtype == np.float16
    np.testing.assert_allclose(stored, bert.embed(NAMES), atol=2e-3)
    session = onnxruntime.InferenceSession(artifact.folder / text.encoder_graph.file)
    tokenizer = Tokenizer.from_file(str(artifact.folder / text.tokenizer.file))
    for word, expected in zip(TRIED, bert.embed(TRIED), strict=True):
        ids = np.array([tokenizer.encode(word.strip()).ids], np.int64)
        (found,) = session.run(["text_embedding"], {"token_ids": ids})[0]
        assert float(found @ expected) > 0.9999
    # One that is not the learned ones' neighbour by accident: the words differ.
    assert float(bert.embed(["dog"])[0] @ bert.embed(["sea"])[0]) < 0.999


def test_the_files_are_the_artifacts_own_and_the_same_every_time(
    bert_folder: Path, learned: Path, tiny_safetensors: Path, tmp_path: Path
) -> None:
    which = f"minilm:{bert_folder}"
    first = made(tiny_safetensors, tmp_path / "a", learned, which)
    second = made(tiny_safetensors, tmp_path / "b", learned, which)
    assert first.manifest.text == second.manifest.text
    names = {"words.npy", "text_encoder.onnx", "tokenizer.json"}
    assert names < {entry.file for entry in first.manifest.files}
    assert not made(tiny_safetensors, tmp_path / "a", None, which).created
    (first.folder / "tokenizer.json").write_text("{}")
    assert made(tiny_safetensors, tmp_path / "a", learned, which).created


def test_without_the_encoder_there_is_the_vocabulary_until_it_is_at_hand(
    bert_folder: Path,
    learned: Path,
    tiny_safetensors: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = tmp_path / "out"
    arguments = ["--model", "tiny", "--weights", str(tiny_safetensors), "--output", str(out)]
    assert main([*arguments, "--text", str(learned)]) == 0
    assert "2 words and no others" in capsys.readouterr().out
    alone = made(tiny_safetensors, out, learned)
    assert not alone.created
    assert alone.manifest.text is not None
    assert alone.manifest.text.encoder_graph is None
    assert alone.manifest.text.embeddings is not None
    # As if the package were installed, with these weights.
    digest = sha256_file(bert_folder / "model.safetensors")
    monkeypatch.setattr(files, "SHA256", digest)
    monkeypatch.setattr(files, "PACKAGE", "json")
    monkeypatch.setattr(sentence_encoder, "installed_folder", lambda: (bert_folder, digest))
    whole = made(tiny_safetensors, out, None)
    assert whole.created
    assert whole.manifest.text is not None
    assert whole.manifest.text.encoder_graph is not None
    assert not made(tiny_safetensors, out, learned).created


def test_another_encoder_than_the_prompts_learned_with_stays_away(
    learned: Path, bert_folder: Path, tiny_safetensors: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(bert_folder, other)
    weights = load_file(other / "model.safetensors")
    weights["embeddings.LayerNorm.bias"] += 1
    save_file(weights, other / "model.safetensors")
    text = made(tiny_safetensors, tmp_path / "out", learned, f"minilm:{other}").manifest.text
    assert text is not None
    assert text.encoder_graph is None


def test_a_graph_that_answers_something_else_is_not_written(
    bert: SentenceEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(self: object, texts: list[str]) -> np.ndarray:
        return -np.ones((len(texts), WIDTH), np.float32)

    monkeypatch.setattr(SentenceEncoder, "embed", wrong)
    with pytest.raises(ModelError, match=r"^export\.deviates"):
        files.write_encoder(bert, tmp_path / "e.onnx", tmp_path / "t.json")
