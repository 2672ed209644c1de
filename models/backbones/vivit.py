"""ViViT (Arnab et al., arXiv:2103.15691): a vision transformer over tubelets of a video.

Shapes, as name suffixes: B batch, C channels, T frames, H height, W width; tokens: t steps in
time, N tokens, D width of a token.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.layers.conv import Size3
from models.layers.transformer import EncoderSizes, Gelu, TokenEncoder, as_feature_map, check_clip


@dataclass(frozen=True, kw_only=True)
class ViViTConfig:
    """Sizes of one ViViT. The defaults are B/16x2 with spatio-temporal attention (model 1)."""

    kind: ClassVar[str] = "vivit"

    in_channels: int = 3
    num_frames: int = 32
    crop_size: int = 224
    """Height and width of a clip, pixels."""
    tubelet: Size3 = (2, 16, 16)
    """Frames, height and width of what becomes one token."""
    width: int = 768
    num_heads: int = 12
    hidden_width: int = 3072
    depth: int = 12
    """Layers of the encoder of all tokens, or of one step's tokens."""
    time_depth: int = 0
    """Layers of a second encoder, over the summaries of the steps (model 2, the "factorised
    encoder"); 0 for one encoder over space and time."""
    gelu: Gelu = "tanh"
    drop_path: float = 0.0
    """Chance that the last layer's residual branches are left out in training: 0.3 for
    Something-Something, none for Kinetics."""

    def __post_init__(self) -> None:
        """Refuse sizes that don't fit one another, before anything is built."""
        clip = (self.num_frames, self.crop_size, self.crop_size)
        names = ("num_frames", "crop_size", "crop_size")
        for name, size, part in zip(names, clip, self.tubelet, strict=True):
            if part < 1 or size < part or size % part:
                raise ModelError(
                    f"{name}={size} cannot be cut into tubelets of {part}; choose a multiple."
                )
        if self.num_heads < 1 or self.width % self.num_heads:
            raise ModelError(
                f"width={self.width} cannot be split among num_heads={self.num_heads}; "
                "choose a multiple."
            )

    @property
    def num_steps(self) -> int:
        """Return how many tubelets follow one another in time."""
        return self.num_frames // self.tubelet[0]

    @property
    def tokens_per_step(self) -> int:
        """Return how many tubelets stand beside one another."""
        return (self.crop_size // self.tubelet[1]) * (self.crop_size // self.tubelet[2])

    def build(self) -> "ViViT":
        """Build the trunk, untrained."""
        return FactorisedViViT(self) if self.time_depth else ViViT(self)


class ViViT(nn.Module):
    """The trunk of model 1: tubelets become tokens, and all attend to all."""

    def __init__(self, config: ViViTConfig) -> None:
        super().__init__()
        self.num_frames, self.crop_size = config.num_frames, config.crop_size
        self.tubelets = nn.Conv3d(
            config.in_channels, config.width, config.tubelet, stride=config.tubelet
        )
        nn.init.trunc_normal_(self.tubelets.weight, std=_lecun_deviation(self.tubelets))
        nn.init.zeros_(self.tubelets.bias)  # type: ignore[arg-type]  # bias is never None here
        self.encoder = self.build_encoder(config)
        self.feature_widths = (config.width,)

    def build_encoder(self, config: ViViTConfig) -> nn.Module:
        """Return the module from tokens_BtND to summary_BD."""
        return SpaceTimeEncoder(config)

    def forward(self, x_BCTHW: Tensor) -> list[Tensor]:
        """Return one feature map of one position, the class token's."""
        check_clip(x_BCTHW, self.num_frames, self.crop_size)
        tokens_BtND = self.tubelets(x_BCTHW).flatten(3).permute(0, 2, 3, 1)
        return [as_feature_map(self.encoder(tokens_BtND))]


class FactorisedViViT(ViViT):
    """The trunk of model 2: tokens attend within their step, then the steps' summaries do."""

    def build_encoder(self, config: ViViTConfig) -> nn.Module:
        """Return the module from tokens_BtND to summary_BD."""
        return FactorisedEncoder(config)


class SpaceTimeEncoder(nn.Module):
    """One encoder over the tokens of all steps (section 3.3, model 1)."""

    def __init__(self, config: ViViTConfig) -> None:
        super().__init__()
        num_tokens = config.num_steps * config.tokens_per_step
        self.tokens = TokenEncoder(num_tokens, config.depth, _sizes(config))

    def forward(self, tokens_BtND: Tensor) -> Tensor:
        """Return summary_BD."""
        summary_BD: Tensor = self.tokens(tokens_BtND.flatten(1, 2))
        return summary_BD


class FactorisedEncoder(nn.Module):
    """An encoder over each step's tokens, and one over the summaries (section 3.3, model 2)."""

    def __init__(self, config: ViViTConfig) -> None:
        super().__init__()
        self.space = TokenEncoder(config.tokens_per_step, config.depth, _sizes(config))
        self.time = TokenEncoder(config.num_steps, config.time_depth, _sizes(config))

    def forward(self, tokens_BtND: Tensor) -> Tensor:
        """Return summary_BD."""
        summaries = self.space(tokens_BtND.flatten(0, 1))
        summary_BD: Tensor = self.time(summaries.unflatten(0, tokens_BtND.shape[:2]))
        return summary_BD


def _sizes(config: ViViTConfig) -> EncoderSizes:
    return EncoderSizes(
        config.width, config.num_heads, config.hidden_width, config.gelu, config.drop_path
    )


def _lecun_deviation(conv: nn.Conv3d) -> float:
    return 1 / math.sqrt(conv.weight[0].numel())


def central_frame(weight_2d: Tensor, num_frames: int) -> Tensor:
    """Return (out, in, T, H, W) for a filter (out, in, H, W): zeros but for frame T // 2.

    At first the network looks at one frame of each tubelet, as the network of pictures did
    (arXiv:2103.15691, section 3.4, equation 9).
    """
    weight = torch.zeros(*weight_2d.shape[:2], num_frames, *weight_2d.shape[2:])
    weight[:, :, num_frames // 2] = weight_2d
    return weight
