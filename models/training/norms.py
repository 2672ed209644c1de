"""Batch normalisation over part of a batch, and its statistics taken anew.

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width.
"""

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.recipes.recipe import Recipe
from models.spec import NetworkSpec


class GroupedNorm3d(nn.BatchNorm3d):
    """Batch normalisation that takes its statistics over `group_size` clips at a time.

    So a large batch on one device is normalised as many small ones on several are
    (arXiv:1706.02677; sub-batch normalisation in PySlowFast). The running statistics move as far
    in a step of `num_groups` groups as they would with one. A test is that of any other.
    """

    group_size = 0
    num_groups = 1

    def forward(self, x_BCTHW: Tensor) -> Tensor:
        """Return the clips, normalised group by group."""
        if not self.training:
            return super().forward(x_BCTHW)
        groups = [self._normalised(group) for group in torch.split(x_BCTHW, self.group_size)]
        return groups[0] if len(groups) == 1 else torch.cat(groups)

    def _normalised(self, x_BCTHW: Tensor) -> Tensor:
        return F.batch_norm(
            x_BCTHW,
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            training=True,
            momentum=self._share(),
            eps=self.eps,
        )

    def _share(self) -> float:
        """Return how far one group moves the running statistics."""
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        if self.momentum is None:  # the mean over all groups
            return 1.0 / float(self.num_batches_tracked or 1)
        return float(1 - (1 - self.momentum) ** (1 / self.num_groups))


def check_norms(spec: NetworkSpec, recipe: Recipe) -> None:
    """Raise ModelError where a recipe asks a network of pictures for norms over clips."""
    for name in ("norm_clips", "precise_norm_clips"):
        if spec.backbone.kind == "pictures" and (value := getattr(recipe, name)):
            raise ModelError(
                f"recipe: {name} = {value}: {spec.name} normalises frames, as its network of "
                "pictures does; leave it out, or set it to 0."
            )


def group_norms(network: nn.Module, group_size: int, num_groups: int) -> None:
    """Make every batch normalisation of `network` take statistics over `group_size` clips.

    A step has `num_groups` of them. Names, weights and statistics stay as they are.
    """
    for parent in list(network.modules()):
        for name, child in parent.named_children():
            if type(child) is nn.BatchNorm3d:
                setattr(parent, name, _grouped(child, group_size, num_groups))


def set_num_groups(network: nn.Module, num_clips: int) -> None:
    """Say that a step has `num_clips` clips, where its norms take statistics over groups."""
    for norm in network.modules():
        if isinstance(norm, GroupedNorm3d):
            norm.num_groups = max(1, num_clips // norm.group_size)


def _grouped(norm: nn.BatchNorm3d, group_size: int, num_groups: int) -> GroupedNorm3d:
    grouped = GroupedNorm3d(
        norm.num_features, eps=norm.eps, momentum=norm.momentum, affine=norm.affine
    )
    grouped.group_size, grouped.num_groups = group_size, num_groups
    grouped.weight, grouped.bias = norm.weight, norm.bias
    grouped.running_mean, grouped.running_var = norm.running_mean, norm.running_var
    grouped.num_batches_tracked = norm.num_batches_tracked
    return grouped


@torch.no_grad()
def take_statistics(
    network: nn.Module, batches: Iterable[Tensor], ask: Callable[[Tensor], object]
) -> None:
    """Set every batch normalisation's statistics to their mean over `batches`, evenly weighed.

    While weights still move, running statistics lag behind them; these are those of the weights as
    they are (precise BN, arXiv:2105.07576). Where there is no batch, nothing changes.

    Args:
        network: What is asked; it is left in training mode.
        batches: Clips, each batch as large as those that the network learnt from.
        ask: Asks the network about one batch.

    """
    norms = [one for one in network.modules() if isinstance(one, nn.BatchNorm3d)]
    kept = [norm.momentum for norm in norms]
    network.train()
    for number, batch in enumerate(batches):
        if number == 0:
            for norm in norms:
                norm.reset_running_stats()
                norm.momentum = None
        ask(batch)
    for norm, momentum in zip(norms, kept, strict=True):
        norm.momentum = momentum
