"""The encoder of vision transformers (Dosovitskiy et al., arXiv:2010.11929, section 3.1).

Shapes, as name suffixes: B batch, N tokens, D width of a token.
"""

from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

Gelu = Literal["tanh", "none"]
"""How GELU is approximated: flax takes the hyperbolic tangent, torch the exact form."""


class EncoderSizes(NamedTuple):
    """Sizes that all layers of an encoder share."""

    width: int
    num_heads: int
    hidden_width: int
    gelu: Gelu = "tanh"
    drop_path: float = 0.0
    """Chance that the last layer's residual branches are left out in training; it rises on a line
    from 0 at the first."""


class EncoderLayer(nn.Module):
    """Attention of all tokens to all tokens, then two layers for each; both residual."""

    def __init__(self, sizes: EncoderSizes, drop_path: float = 0.0) -> None:
        super().__init__()
        width, self.drop_path = sizes.width, drop_path
        self.num_heads, self.gelu = sizes.num_heads, sizes.gelu
        self.attention_norm = nn.LayerNorm(width, eps=1e-6)
        self.query_key_value = nn.Linear(width, 3 * width)
        self.attended = nn.Linear(width, width)
        self.hidden_norm = nn.LayerNorm(width, eps=1e-6)
        self.hidden = nn.Linear(width, sizes.hidden_width)
        self.answer = nn.Linear(sizes.hidden_width, width)

    def forward(self, x_BND: Tensor) -> Tensor:
        """Return as many tokens of the same width."""
        y_BND = x_BND + self._kept(self.attend(self.attention_norm(x_BND)))
        hidden = F.gelu(self.hidden(self.hidden_norm(y_BND)), approximate=self.gelu)
        out_BND: Tensor = y_BND + self._kept(self.answer(hidden))
        return out_BND

    def _kept(self, branch_BND: Tensor) -> Tensor:
        """Return a residual branch, in training without that of some clips (arXiv:1603.09382)."""
        if not (self.training and self.drop_path):
            return branch_BND
        kept = torch.rand(len(branch_BND), 1, 1, device=branch_BND.device) >= self.drop_path
        return branch_BND * kept.to(branch_BND.dtype)

    def attend(self, x_BND: Tensor) -> Tensor:
        """Return, for each token, the mixture of values that its query asks for."""
        split = self.query_key_value(x_BND).unflatten(2, (3, self.num_heads, -1))
        query, key, value = split.permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(query, key, value)
        attended_BND: Tensor = self.attended(mixed.transpose(1, 2).flatten(2))
        return attended_BND


class TokenEncoder(nn.Module):
    """A class token, learnt positions, encoder layers, and a normalisation at the end."""

    def __init__(self, num_tokens: int, depth: int, sizes: EncoderSizes) -> None:
        super().__init__()
        self.class_token = nn.Parameter(torch.zeros(1, 1, sizes.width))
        self.positions = nn.Parameter(torch.empty(1, num_tokens + 1, sizes.width))
        chances = (sizes.drop_path * layer / max(1, depth - 1) for layer in range(depth))
        self.layers = nn.Sequential(*(EncoderLayer(sizes, chance) for chance in chances))
        self.norm = nn.LayerNorm(sizes.width, eps=1e-6)
        nn.init.normal_(self.positions, std=0.02)
        for part in self.modules():
            if isinstance(part, nn.Linear):
                nn.init.xavier_uniform_(part.weight)
                nn.init.zeros_(part.bias)

    def forward(self, tokens_BND: Tensor) -> Tensor:
        """Return what the class token has gathered, as summary_BD."""
        first = self.class_token.expand(len(tokens_BND), -1, -1)
        x_BND = torch.cat([first, tokens_BND], dim=1) + self.positions
        summary_BD: Tensor = self.norm(self.layers(x_BND)[:, 0])
        return summary_BD


def as_feature_map(summary_BD: Tensor) -> Tensor:
    """Return a map of one position, as heads take them: (B, D, 1, 1, 1)."""
    return summary_BD[:, :, None, None, None]


def check_clip(x_BCTHW: Tensor, num_frames: int, crop_size: int) -> None:
    """Raise ValueError for a clip of another size than the positions were learnt for."""
    found, expected = tuple(x_BCTHW.shape[2:]), (num_frames, crop_size, crop_size)
    if found != expected:
        raise ValueError(
            f"A clip of {found} (frames, height, width) came; the learnt positions of this "
            f"network fit {expected} only."
        )
