"""A run of the click network by the trainer of promptable models: its data, schedule, checkpoints, average and log."""

from models.sam.click_baseline.network import CLICK_NETWORKS, STRIDE, ClickNetwork
from models.sam.click_baseline.simulation import ClickObjective, ClickSimulation
from models.sam.training.config import TrainConfig
from models.sam.training.dataset import PromptableDataset, collate
from models.sam.training.objective import Task

_PLAIN = ClickSimulation()


def click_task(config: TrainConfig, simulation: ClickSimulation = _PLAIN) -> Task:
    """The task of a run of stage `click_baseline`; ValueError for an unknown network, or sides it cannot take."""
    if config.model not in CLICK_NETWORKS:
        raise ValueError(f"the network is one of {', '.join(CLICK_NETWORKS)}, got {config.model!r}")
    sides = [stage.size.side for stage in config.stages]
    if any(side % STRIDE for side in sides):
        raise ValueError(f"the sides of its views are multiples of {STRIDE}, got {sides}")
    network = ClickNetwork(CLICK_NETWORKS[config.model])
    return Task(
        ClickObjective(network, simulation),
        network,
        lambda: PromptableDataset(config.data, config.seed),
        collate,
    )
