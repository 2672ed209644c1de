"""Starting a network of videos from the weights of a network of pictures."""

from collections.abc import Callable, Mapping

from torch import Tensor, nn

from kinetics_builder.errors import ModelError
from models.backbones.convnet_lstm import ConvNetLSTM
from models.backbones.i3d import I3D
from models.backbones.key_frame import KeyFrameTrunk
from models.backbones.pictures import Pictures, bootstrap_pictures
from models.backbones.region_i3d import RegionI3D
from models.backbones.resnet import ResNet
from models.backbones.two_stream import Fused3D, TwoStream
from models.backbones.vivit import ViViT
from models.checkpoints.layouts.transformers import bootstrap_vivit
from models.layers.inflation import bootstrap, read_2d_weights


def _bootstrap_recurrent(trunk: nn.Module, state_2d: Mapping[str, Tensor]) -> int:
    """Start the network under the memory."""
    assert isinstance(trunk, ConvNetLSTM)
    return bootstrap(trunk.convnet, state_2d)


def _bootstrap_streams(trunk: nn.Module, state_2d: Mapping[str, Tensor]) -> int:
    """Start both streams from the same pictures, flow too (arXiv:1705.07750)."""
    streams = trunk.streams if isinstance(trunk, Fused3D) else trunk
    assert isinstance(streams, TwoStream)
    return bootstrap(streams.rgb, state_2d) + bootstrap(streams.flow, state_2d)


def _bootstrap_key_frame(trunk: nn.Module, state_2d: Mapping[str, Tensor]) -> int:
    """Start the network that looks at the key frame."""
    assert isinstance(trunk, KeyFrameTrunk)
    return bootstrap(trunk.resnet, state_2d)


def _bootstrap_searcher(trunk: nn.Module, state_2d: Mapping[str, Tensor]) -> int:
    """Start what looks for people on the key frame, up to res4; without such, I3D itself."""
    assert isinstance(trunk, RegionI3D)
    if trunk.searcher is None:
        return bootstrap(trunk.rgb, state_2d)
    shallow = {key: value for key, value in state_2d.items() if not key.startswith("layer4.")}
    return bootstrap(trunk.searcher, shallow)


_STARTS: tuple[tuple[type[nn.Module], Callable[..., int]], ...] = (
    (I3D, bootstrap),
    (ConvNetLSTM, _bootstrap_recurrent),
    (TwoStream, _bootstrap_streams),
    (Fused3D, _bootstrap_streams),
    (ResNet, bootstrap),
    (Pictures, bootstrap_pictures),
    (KeyFrameTrunk, _bootstrap_key_frame),
    (RegionI3D, _bootstrap_searcher),
    (ViViT, bootstrap_vivit),
)
"""The trunks that have a flat sister, and how each takes her weights."""


def start_from_pictures(trunk: nn.Module, source: str) -> int:
    """Load the 2-D weights `source` (a file, or torchvision's name of them) into `trunk`.

    Return how many tensors fitted. I3D and all of "Quo Vadis" but C3D take torchvision's
    `googlenet` (flow from its colours' mean), ResNets of plain bottlenecks its ResNets (both
    inflated, arXiv:1705.07750), ViViT its `vit_b_16` (arXiv:2103.15691), networks of pictures their
    own. Detectors that find people themselves take `resnet101` or `resnet50` for what looks at the
    key frame.
    """
    for kind, load in _STARTS:
        if isinstance(trunk, kind):
            state_2d: Mapping[str, Tensor] = read_2d_weights(source)
            return load(trunk, state_2d)
    raise ModelError(
        f"{type(trunk).__name__} cannot start from 2-D weights; I3D, ResNet, ViViT, ConvNetLSTM, "
        "TwoStream, Fused3D, Pictures, KeyFrameTrunk and RegionI3D can. Leave --init-2d out."
    )
