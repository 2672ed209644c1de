"""Optimisers, with weight decay on the weights that should decay."""

from torch import nn, optim

from models.recipes.recipe import Recipe


def build_optimiser(network: nn.Module, recipe: Recipe) -> optim.Optimizer:
    """Return the recipe's optimiser of what learns; the loop sets its rate at each step."""
    learning = [p for p in network.parameters() if p.requires_grad]
    decayed = [p for p in learning if recipe.decay_norms or p.ndim > 1]
    others = [p for p in learning if not (recipe.decay_norms or p.ndim > 1)]
    groups = [
        {"params": decayed, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    if recipe.optimiser == "adamw":
        return optim.AdamW(groups, lr=recipe.peak_rate, fused=True)  # one loop over all weights
    return optim.SGD(
        groups, lr=recipe.peak_rate, momentum=recipe.momentum, nesterov=recipe.nesterov
    )


def set_rate(optimiser: optim.Optimizer, rate: float) -> None:
    """Set the learning rate of all groups."""
    for group in optimiser.param_groups:
        group["lr"] = rate
