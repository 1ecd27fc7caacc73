"""A sentence encoder of a few numbers, in the files of a published one."""

import json
from pathlib import Path

import tokenizers
import torch
from safetensors.torch import save_file

WIDTH, LAYERS = 16, 2
BERT = {
    "hidden_size": WIDTH,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 4,
    "intermediate_size": 24,
    "vocab_size": 9,
    "max_position_embeddings": 12,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "hidden_act": "gelu",
}


def write_tokenizer(folder: Path) -> None:
    """Words of a small vocabulary, between a first and a last token; the last has the highest number, as CLIP's has."""
    words = ["[PAD]", "[CLS]", "[UNK]", "a", "red", "cat", "dog", "sea", "[SEP]"]
    model = tokenizers.models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="[UNK]")
    tokenizer = tokenizers.Tokenizer(model)
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    tokenizer.post_processor = tokenizers.processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 8)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))


def bert_weights() -> dict[str, torch.Tensor]:
    """Under the published names, by chance."""
    torch.manual_seed(0)
    weights = {
        "embeddings.word_embeddings.weight": torch.randn(9, WIDTH),
        "embeddings.position_embeddings.weight": torch.randn(12, WIDTH),
        "embeddings.token_type_embeddings.weight": torch.randn(2, WIDTH),
        "pooler.dense.weight": torch.randn(WIDTH, WIDTH),
    }
    linears = {
        "attention.self.query": (WIDTH, WIDTH),
        "attention.self.key": (WIDTH, WIDTH),
        "attention.self.value": (WIDTH, WIDTH),
        "attention.output.dense": (WIDTH, WIDTH),
        "intermediate.dense": (24, WIDTH),
        "output.dense": (WIDTH, 24),
    }
    for number in range(LAYERS):
        for name, shape in linears.items():
            weights[f"encoder.layer.{number}.{name}.weight"] = torch.randn(shape) * 0.4
            weights[f"encoder.layer.{number}.{name}.bias"] = torch.randn(shape[0]) * 0.1
    norms = ["embeddings.LayerNorm"]
    for number in range(LAYERS):
        norms += [f"encoder.layer.{number}.{part}.LayerNorm" for part in ("attention.output", "output")]
    for norm in norms:
        weights[f"{norm}.weight"], weights[f"{norm}.bias"] = 1 + torch.randn(WIDTH) * 0.1, torch.randn(WIDTH)
    return weights


def write_bert(folder: Path) -> None:
    """The whole folder."""
    write_tokenizer(folder)
    (folder / "config.json").write_text(json.dumps(BERT))
    save_file(bert_weights(), folder / "model.safetensors")
