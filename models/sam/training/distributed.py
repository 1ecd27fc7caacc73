"""Several processes training one model, started by torchrun: who is who, and what they must agree on."""

import gc
from dataclasses import dataclass

import torch
from torch import distributed


@dataclass(frozen=True)
class Ranks:
    """This process among `count`; `local` is its number on its machine. The default is a process on its own."""

    rank: int = 0
    count: int = 1
    local: int = 0

    @property
    def is_first(self) -> bool:
        """True for the one process that logs and saves."""
        return self.rank == 0

    def device(self, name: str) -> torch.device:
        """`cuda` means the process's own GPU."""
        return torch.device(f"cuda:{self.local}" if name == "cuda" and self.count > 1 else name)

    def agree(self, stop: bool, seconds: float, device: torch.device) -> tuple[bool, float]:
        """True if any process wants to stop, and the longest time: without it some would wait for ever for the others."""
        if self.count == 1:
            return stop, seconds
        facts = torch.tensor([float(stop), seconds], dtype=torch.float64, device=device)
        distributed.all_reduce(facts, distributed.ReduceOp.MAX)
        stop_any, longest = facts.tolist()
        return stop_any > 0, longest


def join_ranks(device: str) -> Ranks:
    """Join the processes that torchrun started (NCCL on CUDA, else Gloo); a plain start is a process on its own."""
    if not (distributed.is_available() and distributed.is_torchelastic_launched()):
        return Ranks()
    if device.startswith("cuda"):
        distributed.init_process_group("nccl")
        torch.cuda.set_device(distributed.get_node_local_rank())
    else:
        distributed.init_process_group("gloo")
    return Ranks(distributed.get_rank(), distributed.get_world_size(), distributed.get_node_local_rank())


def leave_ranks() -> None:
    """Take leave of the others at the end. Whatever wraps a model for them must have been let go before."""
    if distributed.is_available() and distributed.is_initialized():
        # Such a wrapper is part of reference cycles. One that is left at the interpreter's end takes the group's threads
        # down while they run, and now and then the process with them ("terminate called without an active exception").
        gc.collect()
        distributed.destroy_process_group()
