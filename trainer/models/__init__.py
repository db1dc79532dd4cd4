"""Networks in plain PyTorch; nothing here knows of the engine, of files or of processes.

A model is a list of layers: an embedding, N blocks, a head.
"""

from __future__ import annotations

import math

import torch
from torch import nn

from trainer.config import ModelConfig
from trainer.models.ernie import Ernie

FAMILIES = {"ernie": Ernie}


def build_model(config: ModelConfig, seed: int, device: str | torch.device = "cpu") -> Ernie:
    """A new model whose initial weights depend on ``config`` and ``seed`` alone.

    Every layer draws from its own generator, so that a process that builds only some of
    the layers gets the same weights as one that builds all.
    """
    with torch.device("meta"):
        model = FAMILIES[config.family](config)
    model.to_empty(device=device)
    for number, layer in enumerate(model.layers()):
        initialise(layer, config, torch.Generator(device=device).manual_seed(seed + number))
    return model


def initialise(layer: nn.Module, config: ModelConfig, generator: torch.Generator) -> None:
    """Normal weights, zero biases, LayerNorm at identity, a zero row for padding."""
    for module in layer.modules():
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=config.init_std, generator=generator)
        elif isinstance(module, nn.LayerNorm):
            nn.init.ones_(module.weight)
        if isinstance(module, nn.Linear | nn.LayerNorm):
            nn.init.zeros_(module.bias)
        if isinstance(module, nn.Embedding) and module.padding_idx is not None:
            nn.init.zeros_(module.weight[module.padding_idx].detach())
    for name, parameter in layer.named_parameters():
        if name == "position.weight" and config.position_init == "sinusoidal":
            with torch.no_grad():
                parameter.copy_(sinusoids(*parameter.shape) * config.init_std)
        elif name == "vocabulary_bias":
            nn.init.zeros_(parameter)


def sinusoids(positions: int, width: int) -> torch.Tensor:
    """Sines and cosines of geometric wavelengths, ``[positions, width]`` (Vaswani et al. 2017)."""
    wavelength = torch.exp(math.log(10_000) * torch.arange(0, width, 2) / width)
    angles = torch.arange(positions)[:, None] / wavelength
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
