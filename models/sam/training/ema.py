"""Exponential moving average of a model's weights: what is evaluated and shipped."""

import torch
from torch import Tensor, nn


class WeightAverage:
    """Average of parameters and floating buffers; the first updates count more, so the random start is forgotten."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        if not 0 <= decay < 1:
            raise ValueError(f"decay must be in [0, 1), got {decay}")
        self.decay = decay
        self.updates = 0
        self.weights: dict[str, Tensor] = {
            name: value.detach().clone() for name, value in model.state_dict().items()
        }

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Move the average towards the model's present weights."""
        self.updates += 1
        decay = min(self.decay, (1 + self.updates) / (10 + self.updates))
        means, values = [], []
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                means.append(self.weights[name])
                values.append(value)
            else:
                self.weights[name].copy_(value)
        torch._foreach_lerp_(means, values, 1 - decay)

    def state_dict(self) -> dict[str, object]:
        return {"updates": self.updates, "weights": self.weights}

    def load_state_dict(self, state: dict[str, object]) -> None:
        weights = state["weights"]
        assert isinstance(weights, dict)
        self.updates = int(str(state["updates"]))
        for name, value in weights.items():
            self.weights[name].copy_(value)
