"""Batch normalisation over part of a batch, and its statistics taken anew."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.network import build_network
from models.recipes.registry import default_recipe
from models.training.norms import GroupedNorm3d, check_norms, group_norms, take_statistics
from models.zoo import network_spec


def clips(num: int, seed: int = 0) -> Tensor:
    return torch.randn(num, 3, 2, 4, 4, generator=torch.Generator().manual_seed(seed))


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv3d(3, 5, 1), nn.BatchNorm3d(5, momentum=0.1), nn.ReLU())


def test_a_network_of_pictures_has_no_norms_over_clips() -> None:
    pictures, recipe = network_spec("tsn_efficientnet_b4"), default_recipe("tsn_efficientnet_b4")
    check_norms(pictures, recipe)
    check_norms(network_spec("tsn_r50"), replace(recipe, norm_clips=8))
    for name in ("norm_clips", "precise_norm_clips"):
        with pytest.raises(ModelError, match=f"recipe: {name} = 8: tsn_efficientnet_b4 normalises"):
            check_norms(pictures, replace(recipe, **{name: 8}))


def test_groups_are_normalised_as_batches_of_their_own() -> None:
    whole, grouped = network(), network()
    group_norms(grouped, 2, 3)
    x = clips(6)
    apart = torch.cat([deepcopy(whole)(part) for part in x.split(2)])
    assert torch.allclose(grouped(x), apart, atol=1e-6)
    assert not torch.allclose(whole(x), apart, atol=1e-3)


def test_equal_groups_move_the_running_statistics_as_one_does() -> None:
    one, several = network(), network()
    group_norms(several, 2, 4)
    x = clips(2)
    one(x), several(x.repeat(4, 1, 1, 1, 1))
    assert torch.allclose(one[1].running_mean, several[1].running_mean, atol=1e-6)
    assert torch.allclose(one[1].running_var, several[1].running_var, atol=1e-6)


def test_names_weights_and_tests_stay_as_they_are() -> None:
    plain = build_network(network_spec("slowfast_tiny"), 4)
    grouped = deepcopy(plain)
    group_norms(grouped, 2, 3)
    assert any(isinstance(one, GroupedNorm3d) for one in grouped.modules())
    assert not any(type(one) is nn.BatchNorm3d for one in grouped.modules())
    assert list(grouped.state_dict()) == list(plain.state_dict())
    x = torch.randn(3, 3, 16, 64, 64)
    with torch.no_grad():
        assert torch.equal(grouped.eval()(x), plain.eval()(x))


def test_the_gradients_are_those_of_the_groups() -> None:
    whole, grouped = network(), network()
    group_norms(grouped, 2, 3)
    x = clips(4)
    grouped(x).square().sum().backward()
    for part in x.split(2):
        whole(part).square().sum().backward()
    for ours, theirs in zip(grouped.parameters(), whole.parameters(), strict=True):
        assert torch.allclose(ours.grad, theirs.grad, atol=1e-4)


@pytest.mark.parametrize("group_size", [0, 2])
def test_statistics_are_the_mean_over_all_batches(group_size: int) -> None:
    asked = network()
    if group_size:
        group_norms(asked, group_size, 2)
    batches = [clips(4, seed) * (1 + seed) for seed in range(3)]
    asked(clips(4, 9) * 100)  # what was before is forgotten
    take_statistics(asked, batches, asked)
    groups = [part for one in batches for part in one.split(group_size or 4)]
    means = [asked[0](part).mean((0, 2, 3, 4)) for part in groups]
    variances = [asked[0](part).var((0, 2, 3, 4)) for part in groups]
    assert torch.allclose(asked[1].running_mean, torch.stack(means).mean(0), atol=1e-5)
    assert torch.allclose(asked[1].running_var, torch.stack(variances).mean(0), rtol=1e-4)
    assert asked[1].momentum == 0.1


def test_without_a_batch_nothing_changes() -> None:
    asked = network()
    asked(clips(4))
    before = asked[1].running_mean.clone()
    take_statistics(asked, [], asked)
    assert torch.equal(asked[1].running_mean, before)
