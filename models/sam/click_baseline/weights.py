"""The trained network out of its run's checkpoint."""

from dataclasses import dataclass
from pathlib import Path

import torch

from models.sam.click_baseline.network import CLICK_NETWORKS, ClickNetwork
from models.sam.training.checkpoint import CheckpointError, load_checkpoint, stage_of
from models.sam.training.config import CLICK_BASELINE
from models.sam.training.trainer import load_strictly


@dataclass(frozen=True)
class TrainedClickNetwork:
    """`network` in eval mode, the `steps` it was trained for, and the `side` of its views, windows of inputs of `whole`
    pixels."""

    network: ClickNetwork
    steps: int
    side: int
    whole: int


def load_click_network(path: Path, device: str | torch.device = "cpu") -> TrainedClickNetwork:
    """The network with the averaged weights of its run. CheckpointError for a file that is not of such a run."""
    state = load_checkpoint(path)
    name = str(state.get("model_name"))
    if stage_of(state) != CLICK_BASELINE or name not in CLICK_NETWORKS:
        raise CheckpointError(f"{path} is of stage {stage_of(state)} and {name}, not of a click baseline")
    network = ClickNetwork(CLICK_NETWORKS[name])
    load_strictly(network, state["average"]["weights"])
    side, whole = state["size"]
    return TrainedClickNetwork(network.to(device).eval(), int(state["step"]), int(side), int(whole))
