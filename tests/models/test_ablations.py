import pytest

from kinetics_builder.errors import ModelError
from models.counting import count_view
from models.zoo import ablations, network_spec
from models.zoo.ablations import all_variants, few_variants


@pytest.mark.parametrize(
    ("name", "row", "known"),
    [
        ("slowfast_r50_4x16", ablations.SLOW, "slow_r50_4x16"),
        ("slowfast_r50_8x8", ablations.SLOW, "slow_r50_8x8"),
        ("slowfast_r50_4x16", ablations.FAST, "fast_r50"),
    ],
)
def test_a_pathway_alone_is_the_zoo_s_network(name: str, row: str, known: str) -> None:
    ours, theirs = few_variants(network_spec(name))[row], network_spec(known)
    assert ours.backbone == theirs.backbone
    assert ours.sampling.num_frames == theirs.sampling.num_frames
    assert ours.sampling.step_seconds == pytest.approx(theirs.sampling.step_seconds)
    assert count_view(ours).multiply_adds == count_view(theirs).multiply_adds


@pytest.mark.parametrize("name", ["slowfast_tiny", "slowfast_r50_4x16"])
def test_every_variant_is_a_network_of_another_name(name: str) -> None:
    found = all_variants(network_spec(name))
    assert len({spec.name for spec in found.values()}) == len(found) > 12
    assert few_variants(network_spec(name)).items() <= found.items()
    cost = {row: count_view(spec).multiply_adds for row, spec in found.items()}
    assert cost[ablations.SLOW] < cost[ablations.THIN] < cost[ablations.SLOWFAST]
    assert cost[ablations.THIN] < cost[ablations.SLOW_ALL]


def test_what_is_no_slowfast_network_is_refused() -> None:
    with pytest.raises(ModelError, match="i3d_tiny is no SlowFast network of clips; choose one"):
        few_variants(network_spec("i3d_tiny"))
