"""`ReadWord` and a `ClickDecoder` that takes what it answers as ONNX files, beside those of `export`.

Files of their own, as clicks without a word should not pay for the rows of one.
"""

from pathlib import Path

import torch

from models.sam.decode.export import (
    Deviation,
    Graphs,
    blank_embedding,
    example_prompt,
    export_click,
    export_module,
    open_graph,
    or_infinite,
    round_weights,
    run_graph,
    run_model,
    without_encoder,
)
from models.sam.decode.graphs import ClickDecoder, PrepareImage
from models.sam.decode.read_word import ReadWord
from models.sam.modeling.sam import Sam


def export_text_graphs(sam: Sam, word: Path, click: Path, *, is_rounded: bool = True) -> None:
    """Write the two graphs that a model with text prompts has beside the others. ValueError for a model without."""
    sam = without_encoder(sam)
    reader, graph = ReadWord(sam).eval(), PrepareImage(sam).eval()
    inputs = {"image_embeddings": blank_embedding(sam), "text_embedding": torch.ones(1, reader.text_dim)}
    with torch.no_grad():
        prepared = dict(zip(graph.names, graph(inputs["image_embeddings"]), strict=True))
        prepared |= dict(zip(reader.names, reader(*inputs.values()), strict=True))
    export_module(reader, inputs, reader.names, word, {})
    export_click(sam, ClickDecoder(sam, by_tanh=is_rounded, with_text=True), prepared, click)
    if is_rounded:
        round_weights(word, click)


@torch.no_grad()
def measure_text_deviation(sam: Sam, prepare: Path, word: Path, click: Path, seed: int = 0) -> Deviation:
    """Run random embeddings and words through `sam` and through the files: a word alone, and with points and a mask."""
    graphs, reader = Graphs(prepare, click), open_graph(word)
    text_prompt = sam.prompt_encoder.text_prompt
    if text_prompt is None:
        raise ValueError("this model takes no text prompts")
    random = torch.Generator().manual_seed(seed)
    worst_logits = worst_iou = 0.0
    for points, has_mask in ((0, False), (0, True), (1, False), (3, True)):
        embedding = torch.randn(blank_embedding(sam).shape, generator=random)
        text = torch.randn(1, text_prompt.text_dim, generator=random)
        coords, labels, mask, _ = example_prompt(sam, points, 2, seed + points).values()
        chosen = mask if has_mask else None
        prepared = graphs.prepare(embedding)
        given = {"image_embeddings": embedding.numpy(), "text_embedding": text.numpy()}
        # A model whose words are tokens alone does not look at the image, and its graph has no such input.
        prepared |= run_graph(reader, {one.name: given[one.name] for one in reader.get_inputs()})
        masks, iou = graphs.click(prepared, coords, labels, chosen)
        prompt = coords[:, :points], labels[:, :points]
        expected, expected_iou = run_model(sam, embedding, *prompt, chosen, text)
        worst_logits = max(worst_logits, or_infinite((masks - expected).abs().max() / expected.std()))
        worst_iou = max(worst_iou, or_infinite((iou - expected_iou).abs().max()))
    return Deviation(worst_logits, worst_iou)
