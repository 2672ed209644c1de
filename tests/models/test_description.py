"""Networks from TOML files: what fits is built, what does not is refused by name."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kinetics_builder.errors import ModelError
from models.description import find_recipe, find_spec
from models.fitting import check_fit, check_sizes
from models.network import build_network
from models.recipes.registry import default_recipe
from models.spec import Published, spec_from_json
from models.toml_tables import config_from_table
from models.zoo import SPECS, network_spec

WHOLE = """
[backbone]
kind = "i3d"
stem_widths = [8, 8, 16]
stem_kernel = [3, 5, 5]
stages = [[[8, 8, 8, 8, 8, 8]]]
pools = [[[1, 3, 3], [1, 2, 2]], [[1, 3, 3], [1, 2, 2]]]
norm = {eps = 1e-3}
[head]
kind = "time_logits"
[sampling]
num_frames = 8
step_seconds = 1
crop_size = 32
short_side = 40
[normalisation]
mean = [0.5, 0.5, 0.5]
std = [0.5, 0.5, 0.5]
"""
BASE = 'base = "slowfast_tiny"\n'


def write(tmp_path: Path, text: str) -> str:
    path = tmp_path / "net.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_whole_description_needs_no_base(tmp_path: Path) -> None:
    spec = find_spec(write(tmp_path, WHOLE))
    assert spec.name == "net" and spec.source == "net.toml"
    assert spec.sampling.step_seconds == 1.0 and spec.views.num_clips == 1
    assert build_network(spec, 3).backbone.conv_2c.norm.eps == 1e-3
    assert spec_from_json(spec.to_json()) == spec


def test_a_base_gives_what_the_file_leaves_out(tmp_path: Path) -> None:
    base = network_spec("slowfast_tiny")
    spec = find_spec(write(tmp_path, BASE + 'name = "mine"\n[backbone]\nbeta_inv = 4\n'))
    expected = replace(
        base,
        name="mine",
        source="net.toml, from slowfast_tiny",
        backbone=replace(base.backbone, beta_inv=4),
        published=Published(),
    )
    assert spec == expected


def test_another_kind_starts_from_its_own_defaults(tmp_path: Path) -> None:
    text = WHOLE[: WHOLE.index("[head]")]
    spec = find_spec(write(tmp_path, BASE + text))
    assert spec.backbone.kind == "i3d" and spec.head == network_spec("slowfast_tiny").head


@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_network_of_the_zoo_could_stand_in_a_file(name: str) -> None:
    spec = network_spec(name)
    table = as_toml_holds_it(spec.to_json())
    del table["backbone"]["kind"]
    for part in ("backbone", "head", "sampling", "views", "normalisation"):
        config = getattr(spec, part)
        assert config_from_table(type(config), table[part], part) == config
    check_sizes(spec.backbone, name)


def as_toml_holds_it(value: Any) -> Any:
    """Return lists for tuples, and the word for None."""
    if isinstance(value, dict):
        return {key: as_toml_holds_it(item) for key, item in value.items()}
    if value is None:
        return "none"
    return [as_toml_holds_it(item) for item in value] if isinstance(value, tuple) else value


def test_a_name_of_the_zoo_is_the_zoos() -> None:
    assert find_spec("i3d_tiny") is network_spec("i3d_tiny")
    assert find_recipe("i3d_tiny") == default_recipe("i3d_tiny")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[backbone", "is not TOML"),
        ("bass = 1", r"unknown key 'bass'\. Did you mean 'base'\? Known here: backbone, base"),
        ("base = 'slowfast_tyny'", "base: There is no network 'slowfast_tyny'. Did you mean"),
        ("backbone = 3", "backbone must be a table, found 3"),
        ("[head]\nkind = 'pooled'", r"\[sampling\] is missing"),
        (BASE + "name = 'a/b'", "name = 'a/b' must be letters"),
        (BASE + "name = 'i3d_rgb'", "name = 'i3d_rgb' is a network of the zoo"),
        (BASE + "source = 3", "source must be a text, found 3"),
        (
            BASE + "[backbone]\nkind = 'i4d'",
            "backbone.kind = 'i4d' is unknown; one of .*i3d.* would",
        ),
        (
            BASE + "[backbone]\nalfa = 8",
            r"backbone: unknown key 'alfa'\. Did you mean 'alpha'\? Known here: alpha",
        ),
        (BASE + "[backbone]\nalpha = '8'", "backbone.alpha must be a whole number, found '8'"),
        (BASE + "[backbone]\nalpha = true", "backbone.alpha must be a whole number, found True"),
        (BASE + "[backbone]\nalpha = -4", "backbone.alpha = -4 is below 0"),
        (
            "base = 'two_stream'\n[backbone]\nflow_stack = 0",
            "backbone.flow_stack = 0; whole numbers",
        ),
        ("base = 'x3d_s'\n[backbone]\ndepths = [0, 1, 1, 1]", "backbone.depths = .*above 0 would"),
        (BASE + "[backbone]\nzero_init = 1", "backbone.zero_init must be true or false, found 1"),
        (BASE + "[backbone]\ndepths = 3", "backbone.depths must be a list, found 3"),
        (BASE + "[backbone]\ndepths = [1, 1]", "backbone.depths must hold 4 values, found 2"),
        (BASE + "[backbone]\ndepths = [1, 1, 'x', 1]", r"backbone\.depths\[2\] must be a whole"),
        (BASE + "[backbone.norm]\nepsilon = 1", "backbone.norm: unknown key 'epsilon'"),
        (BASE + "[backbone.norm]\neps = 'x'", "backbone.norm.eps must be a number, found 'x'"),
        (
            BASE + "[backbone]\nalpha = 5",
            "16 frames cannot be split by alpha=5; 15 or 20 would fit",
        ),
        (
            BASE + "[head]\nkind = 'pooling'",
            "head.kind = 'pooling' is unknown; .*'pooled'.* would fit",
        ),
        (BASE + "[head]\nkind = 'time_logits'", "takes one pathway, and slowfast has 2"),
        (BASE + "[head]\ndropout = 1.5", "head.dropout = 1.5; a number from 0 to below 1"),
        (BASE + "[sampling]\ncrop_size = 0", "sampling.crop_size = 0; a number above 0"),
        (BASE + "[sampling]\ncrop_size = 96", "short_side = 72 is below sampling.crop_size = 96"),
        (BASE + "[sampling]\nmodality = 'flow'", "normalisation.mean has 3 numbers.* 2 channels"),
        (BASE + "[normalisation]\nstd = [0.2, 0.0, 0.2]", "numbers above 0 would fit"),
        (BASE + "[views]\nnum_crops = 2", "views.num_crops = 2; 1 or 3 would fit"),
        (BASE + "[views]\nnum_clips = 0", "views.num_clips = 0; 1 or more would fit"),
        (BASE + "[views]\ncrop_size = 80", "views.crop_size = 80 is above .*short_side = 72"),
        (WHOLE.replace("num_frames = 8\n", ""), "sampling misses num_frames"),
        (WHOLE.replace("8, 8, 8, 8]]]", "8]]]"), "backbone cannot be put together"),
        (
            WHOLE.replace("[head]", "in_channels = 5\n[head]"),
            r"sampling: modality = 'rgb' brings 3 channels, and backbone\.in_channels = 5; 3 would",
        ),
    ],
)
def test_what_does_not_fit_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ModelError, match=message) as caught:
        find_spec(path)
    assert str(caught.value).startswith(path)


@pytest.mark.parametrize("name", ["narrow", "small"])
def test_the_examples_of_the_page_are_networks(tmp_path: Path, name: str) -> None:
    page = (Path(__file__).parents[2] / "docs" / "networks.md").read_text(encoding="utf-8")
    (example,) = re.findall(rf"```toml\n# {name}\.toml\n(.*?)```", page, re.DOTALL)
    path = write(tmp_path, example)
    assert find_spec(path).name == "net"
    assert find_recipe(path).short_sides[0] >= find_spec(path).sampling.crop_size


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"nothing\.toml is missing"):
        find_spec(str(tmp_path / "nothing.toml"))


@pytest.mark.few("faster_rcnn_tiny_det", "i3d_two_stream", "mvit_v2_s", "slowfast_tiny", "tsn_r50")
@pytest.mark.parametrize(
    "name", sorted({spec.backbone.kind: name for name, spec in SPECS.items()}.values())
)
def test_the_zoo_fits(name: str) -> None:
    check_fit(network_spec(name), name)


def test_a_recipe_is_the_bases_with_changes(tmp_path: Path) -> None:
    base = default_recipe("slowfast_tiny")
    text = BASE + "[head]\ndropout = 0.1\n[recipe]\nnum_steps = 7\n"
    assert find_recipe(write(tmp_path, text)) == replace(base, num_steps=7, dropout=0.1)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (WHOLE, "recipe is missing, and there is none to start from"),
        (WHOLE + "[recipe]\nnum_steps = 7", "recipe misses batch_size, peak_rate, short_sides"),
        (BASE + "[recipe]\ndropout = 0.1", "recipe.dropout: write it as head.dropout"),
        (BASE + "[recipe]\nnum_steps = 0", "num_steps must be above 0"),
        (BASE + "[recipe]\nrate = 1", "recipe: unknown key 'rate'"),
        (
            BASE + "[sampling]\ncrop_size = 80\nshort_side = 90",
            r"recipe\.short_sides begins at 72, below sampling\.crop_size = 80",
        ),
    ],
)
def test_a_recipe_that_does_not_fit_is_named(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        find_recipe(write(tmp_path, text))
