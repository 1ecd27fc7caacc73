"""Words are learned from named masks, by the text prompt alone, and a run that was broken off ends as one that was
not."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from models.sam.modeling.sam import Sam
from models.sam.modeling.text_prompt import TextPrompt
from models.sam.rle import decode
from models.sam.text.batches import WordSampler
from models.sam.text.encoders import TextEncoder
from models.sam.text.examples import ViewStore
from models.sam.text.image_side import MaskToText, features_of
from models.sam.text.learning import TextLearningConfig, TextObjective
from models.sam.text.trainer import Limits, TextRun
from models.sam.text.vocabulary import Vocabulary
from models.sam.training.checkpoint import CheckpointError
from models.sam.training.data_sources import read_images

CONFIG = TextLearningConfig(naming=0.7, naming_views=4, views=3, learning_rate=5e-3, warmup_steps=5)
FACTS = {"model": "miniature@0"}


@pytest.fixture
def sampler(miniature: Sam, encoder: TextEncoder, painted_set: Path, tmp_path: Path) -> WordSampler:
    store = ViewStore(tmp_path / "views", miniature, read_images(painted_set, "train"), 2, 0)
    store.make(miniature)
    names = ["sea", "tomato"]
    return WordSampler([(store, 1.0)], Vocabulary(names, encoder.embed(names)))


def begin(
    model: Sam, sampler: WordSampler, folder: Path, steps: int, config: TextLearningConfig = CONFIG
) -> TextRun:
    torch.manual_seed(1)
    objective = TextObjective(model, TextPrompt(12, 32, width=16), MaskToText(32, 12), config)
    return TextRun(folder, objective, sampler, Limits(steps=steps), FACTS)


def digest(model: torch.nn.Module, without: str = "prompt_encoder.text_prompt.") -> str:
    found = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        if not name.startswith(without):
            found.update(name.encode() + value.numpy().tobytes())
    return found.hexdigest()


def test_two_words_are_learned_and_nothing_else_changes(
    miniature: Sam, sampler: WordSampler, painted_set: Path, tmp_path: Path
) -> None:
    before = digest(miniature)
    run = begin(miniature, sampler, tmp_path / "run", 60)
    shares = []
    run.train(lambda line, share: shares.append(share))
    assert digest(miniature) == before
    assert not any(value.requires_grad for name, value in miniature.named_parameters() if "text" not in name)
    assert shares == pytest.approx([20 / 60, 40 / 60, 1])
    # On images that it has not seen a word's cells are likelier than those of the other thing, and than the ground.
    store = ViewStore(tmp_path / "val", miniature, read_images(painted_set, "val"), 1, 0)
    store.make(miniature)
    prompt, vocabulary = run.objective.prompt, sampler.vocabulary
    for number in range(len(store)):
        view = store.load(number)
        with torch.no_grad():
            compared = prompt.compared(view.embedding[None].float())
            relevance = prompt.relevance(compared, torch.from_numpy(vocabulary.embeddings))
            covered = torch.nn.functional.avg_pool2d(
                view.masks[:, None].float(), view.masks.shape[-1] // relevance.shape[-1]
            )[:, 0]
            side = run.objective.image_side
            assert side is not None
            seen = side(features_of(view.embedding, view.masks)).numpy()
        for row, name in enumerate(view.names):
            maps = relevance[vocabulary.number[name]]
            right, other = maps[covered[row] > 0.9].mean(), maps[covered[1 - row] > 0.9].mean()
            assert right > other + 1
            # What the mask looks like is nearest to its name.
            assert vocabulary.nearest(seen)[row].name == name


def test_words_reach_the_masks_through_a_decoder_that_never_learned_them(
    miniature: Sam, sampler: WordSampler, tmp_path: Path
) -> None:
    run = begin(
        miniature, sampler, tmp_path / "run", 12, replace(CONFIG, naming=0.0, clicked=1.0, absent=1.0)
    )
    before = {name: value.clone() for name, value in run.objective.prompt.named_parameters()}
    lines: list[dict[str, float]] = []
    run.limits = replace(run.limits, log_every=4)
    run.train(lambda line, share: lines.append(line))
    assert {"right", "clicked", "looks", "cells", "maps", "iou"} <= set(lines[-1])
    # The map's share, which began at zero, too.
    for name, value in run.objective.prompt.named_parameters():
        assert not torch.equal(value, before[name]), name
    assert lines[-1]["right"] < lines[0]["right"]


def test_a_run_that_was_broken_off_ends_as_one_that_was_not(
    miniature: Sam, sampler: WordSampler, tmp_path: Path
) -> None:
    whole = begin(miniature, sampler, tmp_path / "whole", 6)
    whole.train()
    broken = begin(miniature, sampler, tmp_path / "broken", 6)

    class Off(Exception):
        pass

    def stop(step: int, of: WordSampler) -> tuple[torch.Tensor, dict[str, float]]:
        if step == 5:
            raise Off
        return TextObjective.masks(broken.objective, step, of)

    broken.objective.masks = stop  # type: ignore[method-assign]
    broken.limits = replace(broken.limits, save_every=0.0)
    with pytest.raises(Off):
        broken.train()
    again = begin(miniature, sampler, tmp_path / "broken", 6)
    assert again.step == 5
    again.train()
    assert digest(again.objective, "-") == digest(whole.objective, "-")
    with pytest.raises(CheckpointError, match="another model"):
        TextRun(tmp_path / "broken", again.objective, sampler, Limits(steps=6), {"model": "miniature@1"})


def test_views_are_made_once_and_of_named_masks(
    miniature: Sam, painted_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images = read_images(painted_set, "val")
    images[0].categories = ["object", "segment"]
    store = ViewStore(tmp_path, miniature, images, 2, 0)
    assert len(store) == 6
    store.make(miniature, lambda done, total: done == 2)
    assert store.ready() == [0, 1]
    written = store.path(0).stat().st_mtime_ns
    store.make(miniature)
    assert len(store.ready()) == 6
    assert store.path(0).stat().st_mtime_ns == written
    whole = store.load(0)
    assert set(whole.names) == {"tomato", "sea"}
    assert whole.masks.shape == (2, 64, 64)
    # The photograph fills the model's input, and its masks the low-res side: the same share of either.
    shares = [decode(rle).mean() for rle in store.images[0].segmentations]
    found = sorted(whole.masks.float().mean(dim=(1, 2)).tolist(), reverse=True)
    np.testing.assert_allclose(found, sorted(shares, reverse=True), rtol=0.1)
    other = ViewStore(tmp_path, miniature, images, 2, 1)
    assert other.folder != store.folder
    store.path(0).write_bytes(b"cut off")
    with pytest.raises(ValueError, match="remove it"):
        store.load(0)
    with pytest.raises(ValueError, match="name to learn"):
        ViewStore(tmp_path, miniature, images[:1], 1, 0)


def test_masks_with_names_that_are_not_learned_are_left_out(
    sampler: WordSampler, encoder: TextEncoder
) -> None:
    known = WordSampler([(sampler.stores[0], 1.0)], Vocabulary(["sea"], encoder.embed(["sea"])))
    view, name = known.draw_view(np.random.default_rng(0))
    assert (view.names, name) == (("sea",), 0)
    assert len(view.masks) == 1
    with pytest.raises(ValueError, match="no view"):
        WordSampler([(sampler.stores[0], 1.0)], Vocabulary(["sky"], encoder.embed(["sky"])))


def test_wrong_words_are_none_that_mean_nearly_the_same(sampler: WordSampler) -> None:
    view, name = sampler.draw_view(np.random.default_rng(0))
    assert name in sampler.numbers(view)
    one = replace(view, masks=view.masks[:1], names=view.names[:1])
    absent = sampler.absent(one, 0, np.random.default_rng(0))
    assert absent is not None
    assert sampler.vocabulary.names[absent.name] != one.names[0]
    assert absent.masks.shape[0] == 0
    sampler.is_apart[:] = False
    assert sampler.absent(one, 0, np.random.default_rng(0)) is None
