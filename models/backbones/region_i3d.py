"""I3D in two parts: before regions are cut out of its map, and behind.

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width, R regions.
"""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.backbones.i3d import I3D, I3DConfig
from models.backbones.key_frame import FLAT, key_frame_of
from models.backbones.resnet import ResNetConfig
from models.layers.inception import MixedWidths

MIXED_4E, MIXED_4F = 6, 7
"""Blocks up to and with the one of that name."""
RESNET_50_C4 = ResNetConfig(
    depths=(3, 4, 6),
    time_kernels=FLAT[:3],
    time_strides=(1, 1, 1),
    space_strides=(1, 2, 2),
    space_dilations=(1, 1, 1),
    nonlocal_blocks=((), (), ()),
)
"""ResNet-50 of pictures up to res4."""


@dataclass(frozen=True, kw_only=True)
class RegionI3DConfig:
    """An I3D that is cut in two, and what is searched for people."""

    kind: ClassVar[str] = "region_i3d"
    is_cut: ClassVar[bool] = True

    i3d: I3DConfig = field(default_factory=I3DConfig)
    num_blocks: int = MIXED_4F
    """Inception blocks before regions are cut out."""
    with_flow: bool = False
    """Whether a second I3D sees the flow: the maps of both are averaged."""
    has_rest: bool = True
    """Whether there are blocks that regions are led through; else I3D ends where it is cut."""
    searches_key_frame: bool = False
    """Whether `searcher` looks for people on the key frame; otherwise I3D's own map is searched,
    at its middle moment."""
    searcher: ResNetConfig = RESNET_50_C4

    def __post_init__(self) -> None:
        most = sum(map(len, self.i3d.stages)) - 1
        if not 1 <= self.num_blocks <= most:
            raise ModelError(
                f"num_blocks is {self.num_blocks}; this I3D can be cut after 1 to {most} blocks."
            )

    def build(self) -> "RegionI3D":
        """Build the trunk, untrained."""
        return RegionI3D(self)


def shortened(config: I3DConfig, num_blocks: int) -> I3DConfig:
    """Return an I3D of the first `num_blocks` blocks alone."""
    stages = []
    for blocks in config.stages:
        if num_blocks > 0:
            stages.append(blocks[:num_blocks])
        num_blocks -= len(blocks)
    return replace(config, stages=tuple(stages), pools=config.pools[: len(stages) + 1])


class RegionI3D(nn.Module):
    """A map of the clip, a map to search, and what regions of the first are led through."""

    def __init__(self, config: RegionI3DConfig) -> None:
        super().__init__()
        self.num_blocks = config.num_blocks
        first = shortened(config.i3d, config.num_blocks)
        self.rgb = (config.i3d if config.has_rest else first).build()
        self.is_beginning = not config.has_rest
        self.flow = replace(first, in_channels=2).build() if config.with_flow else None
        self.searcher = config.searcher.build() if config.searches_key_frame else None
        width = MixedWidths._make(first.stages[-1][-1]).num_out
        searched = self.searcher.feature_widths[0] if self.searcher else width
        self.feature_widths = (searched, *self.rgb.feature_widths)

    @property
    def learnt_from_clips(self) -> nn.Module:
        """Return the part that may start from a trained network of clips.

        Where `is_beginning`, it is no more than the first blocks of one.
        """
        return self.rgb

    def forward(self, x_BCTHW: Tensor) -> list[Tensor]:
        """Return [the map that is searched, the map that regions are cut from].

        The first has one moment; the published network divides T by 4, and H and W by 16.
        """
        map_BCTHW = x_BCTHW[:, :3]
        for layer in _parts(self.rgb, self.num_blocks)[0]:
            map_BCTHW = layer(map_BCTHW)
        if self.flow is not None:
            map_BCTHW = (map_BCTHW + self.flow(x_BCTHW[:, 3:])[0]) / 2
        if self.searcher is None:
            return [key_frame_of(map_BCTHW), map_BCTHW]
        return [*self.searcher(key_frame_of(x_BCTHW[:, :3])), map_BCTHW]

    def rest(self, regions_RCTHW: Tensor) -> Tensor:
        """Return regions as they leave the last block; as they are where there is no rest."""
        for layer in _parts(self.rgb, self.num_blocks)[1]:
            regions_RCTHW = layer(regions_RCTHW)
        return regions_RCTHW


def _parts(i3d: I3D, num_blocks: int) -> tuple[list[nn.Module], list[nn.Module]]:
    """Return the layers up to and with the block `num_blocks`, and those behind it."""
    layers: list[nn.Module] = [i3d.conv_1a, i3d.pool_2a, i3d.conv_2b, i3d.conv_2c]
    num_before = len(layers)
    for stage in i3d.stages:
        pool, *blocks = stage.children()
        layers += [pool, *blocks]
        if num_blocks > 0:
            num_before += 1 + min(num_blocks, len(blocks))
        num_blocks -= len(blocks)
    return layers[:num_before], layers[num_before:]
