"""How long a model takes where its artifact is made: figures by which people choose a model, noted in its manifest.

The encoder runs on the device that is named, the two graphs of the decoder in onnxruntime on the processor. Medians of a
few runs after one that warms up; a model that is slow for the machine is run once.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import torch
from torch import Tensor

from models.sam.decode.export import Graphs, example_prompt
from models.sam.errors import ModelError
from models.sam.modeling.sam import Sam

RUNS = 5
ENOUGH_SECONDS = 10.0  # after which no further run is begun


def measure_speed(sam: Sam, prepare: Path, click: Path, device: str = "cpu") -> dict[str, Any]:
    """Seconds of `sam` for one image on `device`, of its graphs for one image and for one click, and what they ran on.

    `encoder_seconds`, `prepare_seconds`, `click_seconds`, `speed_device` (the GPU's name, or cpu) and `speed_threads` (of
    the processor). The model is left on the device it came on. ModelError `device.unusable` where `device` cannot be had
    or has too little memory.
    """
    random = torch.Generator().manual_seed(0)
    image = torch.randn(1, 3, sam.image_size, sam.image_size, generator=random)
    encoder = sam.prompt_encoder
    embedding = torch.randn(1, encoder.embed_dim, *encoder.image_embedding_size, generator=random)
    figures = {"encoder_seconds": _encoder_seconds(sam, image, device)}
    graphs = Graphs(prepare, click)
    prepared = graphs.prepare(embedding)
    coords, labels, _, _ = example_prompt(sam, 1, 0, 0).values()
    figures["prepare_seconds"] = seconds_of(lambda: graphs.prepare(embedding))
    figures["click_seconds"] = seconds_of(lambda: graphs.click(prepared, coords, labels, None))
    name = torch.cuda.get_device_name(device) if _is_cuda(device) else device
    return {
        **{key: float(f"{value:.3g}") for key, value in figures.items()},
        "speed_device": name,
        "speed_threads": torch.get_num_threads(),
    }


def seconds_of(
    run: Callable[[], object],
    clock: Callable[[], float] = time.perf_counter,
    runs: int = RUNS,
    enough: float = ENOUGH_SECONDS,
) -> float:
    """The median seconds of `run` without the first one; of that one alone where it takes `enough` seconds."""
    taken: list[float] = []
    while len(taken) <= runs and sum(taken) < enough:
        start = clock()
        run()
        taken.append(clock() - start)
    return median(taken[1:] or taken)


@torch.no_grad()
def _encoder_seconds(sam: Sam, image: Tensor, device: str) -> float:
    before = sam.device

    def encode() -> None:
        sam.image_encoder(image)
        if _is_cuda(device):
            torch.cuda.synchronize(device)

    try:
        sam.to(device)
        image = image.to(device)
        return seconds_of(encode)
    except (RuntimeError, AssertionError) as error:  # the latter where torch was built without the device
        reason = str(error).splitlines()[0][:120].rstrip(".")
        raise ModelError("device.unusable", f"The model cannot be timed on {device} ({reason}).") from error
    finally:
        sam.to(before)


def _is_cuda(device: str) -> bool:
    return torch.device(device).type == "cuda"
