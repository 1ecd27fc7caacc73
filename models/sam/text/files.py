"""What turns words into embeddings where there is no torch: those of the learned words, and the encoder for all others.

The encoder's graph reads one text: `token_ids` int64 [1, T] of its tokenizer -> `text_embedding` f32 [1, D] of length 1.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from models.sam.decode.export import export_module, open_graph, round_weights
from models.sam.errors import ModelError
from models.sam.text.encoders import DEFAULT, open_text_encoder, open_tokenizer
from models.sam.text.sentence_encoder import PACKAGE, SHA256, SentenceBert, SentenceEncoder, name_of
from models.sam.text.vocabulary import Vocabulary

TOKENS, EMBEDDING = "token_ids", "text_embedding"
# Cosine of what the graph and PyTorch answer. Weights stored as float16 cost about 1e-6.
LEAST_COSINE = 0.999
# Of one token, of several, and of more than are read.
TRIED = ("dog", "traffic light", "a person who rides a bicycle", "word " * 80)


def encoder_called(name: str, which: str = DEFAULT) -> SentenceEncoder | None:
    """The encoder `which`, as `open_text_encoder` takes it, where it is the sentence encoder with this name@version; None
    for another one, and for the default one where it is not installed.

    ModelError `text.encoder_unknown`, `text.unreadable`.
    """
    if which == DEFAULT and not is_installed(name):
        return None
    encoder = open_text_encoder(which)
    return encoder if isinstance(encoder, SentenceEncoder) and encoder.name == name else None


def is_installed(name: str) -> bool:
    """Whether the default encoder is the one with this name@version and can be read here; its weights are not."""
    return name == name_of(SHA256) and all(find_spec(package) for package in (PACKAGE, "tokenizers"))


def write_vocabulary(vocabulary: Vocabulary, path: Path) -> None:
    """Write the embeddings of its words, float16 [V, D], as .npy."""
    np.save(path, vocabulary.embeddings.astype(np.float16), allow_pickle=False)


def write_encoder(encoder: SentenceEncoder, graph: Path, tokenizer: Path, words: Sequence[str] = ()) -> None:
    """Write the encoder's graph and its tokenizer. ModelError `export.deviates` where the two do not answer as it does,
    of `words` and of some others."""
    tokens = {TOKENS: torch.ones(1, 5, dtype=torch.long)}
    export_module(ReadText(encoder.bert).eval(), tokens, [EMBEDDING], graph, {TOKENS: {1: "num_tokens"}})
    round_weights(graph)
    encoder.save_tokenizer(tokenizer)
    cosine = least_cosine(encoder, graph, tokenizer, [*TRIED, *words])
    if not cosine >= LEAST_COSINE:
        raise ModelError(
            "export.deviates",
            f"The exported graph of {encoder.name} answers with a cosine of {cosine:.4f} at worst.",
        )


class ReadText(nn.Module):
    """The encoder's own weights for one text, its attention written out: traced, torch's takes one length for all."""

    def __init__(self, bert: SentenceBert) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, token_ids: Tensor) -> Tensor:
        """[1, T] -> [1, D]."""
        bert = self.bert
        x_1TD = bert.words(token_ids) + bert.positions.weight[: token_ids.shape[1]] + bert.kinds.weight[0]
        x_1TD = bert.norm(x_1TD)
        for layer in bert.layers.layers:
            x_1TD = layer.norm1(x_1TD + attended(layer.self_attn, x_1TD))
            x_1TD = layer.norm2(x_1TD + layer.linear2(nn.functional.gelu(layer.linear1(x_1TD))))
        return nn.functional.normalize(x_1TD.mean(dim=1), dim=-1)


def attended(attention: nn.MultiheadAttention, x_1TD: Tensor) -> Tensor:
    """What `attention` answers to a text that is query, key and value at once."""
    projected = nn.functional.linear(x_1TD, attention.in_proj_weight, attention.in_proj_bias)
    q_1HTd, k_1HTd, v_1HTd = (
        part.unflatten(-1, (attention.num_heads, attention.head_dim)).transpose(1, 2)
        for part in projected.chunk(3, dim=-1)
    )
    share_1HTT = (q_1HTd @ k_1HTd.transpose(-2, -1) / attention.head_dim**0.5).softmax(-1)
    return attention.out_proj((share_1HTT @ v_1HTd).transpose(1, 2).flatten(2))


def least_cosine(encoder: SentenceEncoder, graph: Path, tokenizer: Path, words: Sequence[str]) -> float:
    """The least cosine of what the files and the encoder answer for one of these words; NaN is the least of all."""
    session, reader = open_graph(graph), open_tokenizer(tokenizer)
    found = [
        session.run([EMBEDDING], {TOKENS: np.array([reader.encode(word.strip()).ids], np.int64)})[0][0]
        for word in words
    ]
    return float((np.array(found) * encoder.embed(list(words))).sum(axis=1).min())
