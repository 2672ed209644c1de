"""The head of the Video Action Transformer (arXiv:1812.02707): people look at the whole clip.

Each region asks, and all positions of its clip answer, at all moments; no block of the trunk is
led through. The people are searched for as in `ProposingHead`.

Shapes, as name suffixes: B batch, C channels, T moments, H height, W width, R regions, P positions
of all clips of a batch (B * T * H * W), D channels of a query.
"""

import torch
from torch import Tensor, nn
from torchvision.ops import roi_align

from models.backbones.key_frame import key_frame_of
from models.heads.config import HeadConfig
from models.heads.proposing import ProposingHead, Rest

_PLACE_HIDDEN, _PLACE_WIDTH = 4, 8


class Places(nn.Module):
    """Say of each position where and when it is, in numbers that are learnt.

    Two layers for the place and two for the moment, counted from the middle of the clip.
    """

    num_out = 2 * _PLACE_WIDTH

    def __init__(self) -> None:
        super().__init__()
        self.moment, self.place = (
            nn.Sequential(
                nn.Linear(num_in, _PLACE_HIDDEN), nn.ReLU(), nn.Linear(_PLACE_HIDDEN, _PLACE_WIDTH)
            )
            for num_in in (1, 2)
        )

    def forward(self, maps_BCTHW: Tensor) -> Tensor:
        """Return the maps with `num_out` channels more."""
        num_clips, _, *sizes = maps_BCTHW.shape
        t, y, x = (
            torch.arange(size, device=maps_BCTHW.device) - (size - 1) / 2.0 for size in sizes
        )
        moments_TC = self.moment(t[:, None])
        places_HWC = self.place(torch.stack(torch.meshgrid(y, x, indexing="ij"), dim=2))
        where = [
            moments_TC.T[:, :, None, None].expand(-1, *sizes),
            places_HWC.permute(2, 0, 1)[:, None].expand(-1, *sizes),
        ]
        beside = [part.expand(num_clips, *part.shape).to(maps_BCTHW.dtype) for part in where]
        return torch.cat([maps_BCTHW, *beside], dim=1)


class LookingLayer(nn.Module):
    """Attention of each region to the positions of its clip, then two layers; both residual."""

    def __init__(self, num_in: int, config: HeadConfig) -> None:
        super().__init__()
        width = config.attention_width * config.num_attention_heads
        self.attention = nn.MultiheadAttention(
            width,
            config.num_attention_heads,
            dropout=config.attention_dropout,
            kdim=num_in,
            vdim=num_in,
        )
        self.hidden, self.answer = nn.Linear(width, width), nn.Linear(width, width)
        self.attended_norm, self.answer_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.dropout = nn.Dropout(config.attention_dropout)

    def forward(self, asked_RD: Tensor, positions_PC: Tensor, is_other_RP: Tensor) -> Tensor:
        """Return what each region asks then; positions of other clips do not answer it."""
        seen_RD, _ = self.attention(
            asked_RD, positions_PC, positions_PC, attn_mask=is_other_RP, need_weights=False
        )
        asked_RD = self.attended_norm(asked_RD + self.dropout(seen_RD))
        answer_RD = self.answer(torch.relu(self.hidden(asked_RD)))
        out_RD: Tensor = self.answer_norm(asked_RD + self.dropout(answer_RD))
        return out_RD


class AttendingHead(ProposingHead):
    """Search; let each region ask its clip; describe what it comes to know."""

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        searched, mapped = widths
        width = config.attention_width * config.num_attention_heads
        super().__init__((searched, width), num_classes, config)
        self.places = Places()
        num_in = mapped + Places.num_out
        self.reduce = nn.Linear(num_in, config.attention_width)
        self.query = nn.Linear(config.attention_width * config.resolution**2, width)
        self.layers = nn.ModuleList(
            LookingLayer(num_in, config) for _ in range(config.num_attention_layers)
        )

    def pooled(self, maps_BCTHW: Tensor, boxes_R5: Tensor, rest: Rest) -> Tensor:
        """Return what each box comes to know of its clip (R, D)."""
        placed_BCTHW = self.places(maps_BCTHW)
        asked_RD = self._asked(key_frame_of(placed_BCTHW)[:, :, 0], boxes_R5)
        positions_PC = placed_BCTHW.permute(0, 2, 3, 4, 1).flatten(0, 3)
        clips_B = torch.arange(len(maps_BCTHW), device=boxes_R5.device)
        clips_P = clips_B.repeat_interleave(len(positions_PC) // len(maps_BCTHW))
        is_other_RP = boxes_R5[:, :1] != clips_P
        for layer in self.layers:
            asked_RD = layer(asked_RD, positions_PC, is_other_RP)
        return asked_RD.float()

    def _asked(self, key_frames_BCHW: Tensor, boxes_R5: Tensor) -> Tensor:
        """Return what each region asks at first: of all its positions, side by side."""
        # Pixels of a picture have no place in bfloat16.
        regions_RCHW: Tensor = roi_align(
            key_frames_BCHW.float(),
            boxes_R5.float(),
            self.config.resolution,
            1 / self.config.map_stride,
            sampling_ratio=2,
            aligned=self.config.aligned,
        )
        asked_RD: Tensor = self.query(self.reduce(regions_RCHW.permute(0, 2, 3, 1)).flatten(1))
        return asked_RD
