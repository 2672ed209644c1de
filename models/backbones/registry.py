"""The families of trunks: each is one file and one config that knows how to build it."""

from typing import Any, ClassVar, Protocol

from torch import nn

from models.backbones.c3d import C3DConfig
from models.backbones.convnet_lstm import ConvNetLSTMConfig
from models.backbones.fused_vgg import FusedVGGConfig
from models.backbones.i3d import I3DConfig
from models.backbones.key_frame import KeyFrameConfig
from models.backbones.mvit import MViTConfig
from models.backbones.pictures import PicturesConfig
from models.backbones.region_i3d import RegionI3DConfig
from models.backbones.resnet import ResNetConfig
from models.backbones.s3d import S3DConfig
from models.backbones.slowfast import SlowFastConfig
from models.backbones.st_resnet import STResNetConfig
from models.backbones.two_stream import Fused3DConfig, TwoStreamConfig
from models.backbones.vivit import ViViTConfig
from models.backbones.x3d import X3DConfig


class BackboneConfig(Protocol):
    """A frozen dataclass of a trunk's sizes.

    The trunk it builds has `feature_widths`, and returns one feature map for each of them.
    """

    kind: ClassVar[str]
    """The family's name, in cards and in TOML files."""
    __dataclass_fields__: ClassVar[dict[str, Any]]

    def build(self) -> nn.Module:
        """Build the trunk, untrained."""


_CONFIGS: tuple[type[BackboneConfig], ...] = (
    C3DConfig,
    ConvNetLSTMConfig,
    Fused3DConfig,
    FusedVGGConfig,
    I3DConfig,
    KeyFrameConfig,
    MViTConfig,
    PicturesConfig,
    RegionI3DConfig,
    ResNetConfig,
    S3DConfig,
    STResNetConfig,
    SlowFastConfig,
    TwoStreamConfig,
    ViViTConfig,
    X3DConfig,
)
CONFIGS = {config.kind: config for config in _CONFIGS}
"""The config of each family, by its kind."""
