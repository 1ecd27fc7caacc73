"""The quickstart as it is written: a data set from an export, and a loss that falls."""

import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from anymask import Client
from backend.launch.layout import CLIENT

EXAMPLES = CLIENT / "examples"


@pytest.fixture
def exported(client: Client, project: int, labelled: dict[str, list[np.ndarray]], tmp_path: Path) -> Path:
    return client.export(project, tmp_path / "masks.zip", pictures=True)


def dataset(path: Path) -> Any:
    return runpy.run_path(str(EXAMPLES / "dataset.py"))["CocoMasks"](path)


def test_samples_are_the_photographs_and_masks_of_the_project(
    client: Client, project: int, exported: Path, labelled: dict[str, list[np.ndarray]]
) -> None:
    data = dataset(exported)
    assert len(data) == 6
    assert data.categories == ["object", "cat", "dog"]
    for entry, (image, objects) in zip(data.images, data, strict=False):
        masks = labelled[entry["file_name"]]
        height, width = entry["height"], entry["width"]
        assert (image.shape, image.dtype) == ((3, height, width), torch.float32)
        assert 0 <= image.min() < image.max() <= 1
        assert (objects["masks"].shape, objects["masks"].dtype) == ((len(masks), height, width), torch.bool)
        assert (objects["boxes"].shape, objects["boxes"].dtype) == ((len(masks), 4), torch.float32)
        assert objects["labels"].tolist() == [2, 3][: len(masks)]
        for mask, wanted, box in zip(objects["masks"], masks, objects["boxes"], strict=True):
            assert (mask.numpy() == wanted).all()
            ys, xs = np.nonzero(wanted)
            assert box.tolist() == [xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]


def test_the_loss_falls_in_the_quickstarts_training_loop(exported: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, EXAMPLES / "train.py", exported],
        cwd=tmp_path,
        text=True,
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    losses = [float(text) for text in re.findall(r"loss (\d+\.\d+)", done.stdout)]
    assert len(losses) == 10
    assert losses[-1] < 0.7 * losses[0], done.stdout


def test_what_the_quickstart_prints_is_what_runs() -> None:
    [printed] = re.findall(r"```python\n(.*?)```", (EXAMPLES / "quickstart.md").read_text(), re.DOTALL)
    assert printed == (EXAMPLES / "train.py").read_text()
    assert len([line for line in printed.splitlines() if line]) <= 21


def test_several_processes_may_read_one_zip(exported: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLES))
    from dataset import CocoMasks

    data = CocoMasks(exported)
    alone = [image for image, _ in data]
    for workers in ("fork", "spawn"):
        loader = DataLoader(data, batch_size=None, num_workers=2, multiprocessing_context=workers)
        assert all((one == other).all() for one, (other, _) in zip(alone, loader, strict=True))
