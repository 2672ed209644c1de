"""The layouts by family. A family's own file says how; one line here says that it does."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from models.backbones.resnet import ResNetConfig
from models.backbones.slowfast import SlowFastConfig
from models.backbones.x3d import X3DConfig
from models.checkpoints.layouts import i3d, residual, resnet, s3d, slowfast, transformers, x3d
from models.checkpoints.layouts.layout import Layout, as_first_released
from models.checkpoints.readers.foreign import Origin
from models.spec import IMAGENET, NetworkSpec, Normalisation

TORCHVISION_VIDEO = Normalisation(
    mean=(0.43216, 0.394666, 0.37645), std=(0.22803, 0.22145, 0.216989)
)
"""As torchvision's convolutional networks for videos take RGB, and mmaction2's CSN."""
CSN_BLOCKS = ("reduced", "preserved")

_COUNTED = (r".*\.num_batches_tracked", 0)
_NO_GAMMA = (r".*\.norm\.weight", 1)

_DEEPMIND = tuple(
    Layout(
        name=f"google-deepmind/kinetics-i3d, {prefix or 'no prefix'}",
        kind="i3d",
        origin=Origin.TENSORFLOW,
        keys=partial(i3d.deepmind_keys, prefix=prefix),
        arrange=i3d.from_tensorflow,
        fills=(_COUNTED, _NO_GAMMA),
        ignores=r"global_step|.*/Momentum",
    )
    for prefix in ("RGB/inception_i3d/", "Flow/inception_i3d/", "")
)
_PYSLOWFAST = tuple(
    layout
    for kind in ("slowfast", "resnet")
    for layout in (
        Layout(name="PySlowFast", kind=kind, origin=Origin.TORCH, keys=residual.pyslowfast_keys),
        Layout(
            name="PySlowFast's Caffe2",
            kind=kind,
            origin=Origin.CAFFE2,
            keys=residual.caffe2_keys,
            adapt=as_first_released,
            ignores=r".*_momentum|lr|model_iter",
        ),
    )
)


def _x3d_of_pytorchvideo(spec: NetworkSpec) -> NetworkSpec:
    assert isinstance(spec.backbone, X3DConfig)
    return replace(spec, backbone=replace(spec.backbone, norm_all_shortcuts=False))


def _scaled(normalisation: Normalisation, spec: NetworkSpec) -> NetworkSpec:
    return replace(spec, normalisation=normalisation)


def _as_mmaction2_scales(spec: NetworkSpec) -> NetworkSpec:
    """Return the spec with ImageNet's normalisation, or with Kinetics' for a CSN."""
    is_csn = isinstance(spec.backbone, ResNetConfig) and spec.backbone.block in CSN_BLOCKS
    return _scaled(TORCHVISION_VIDEO if is_csn else IMAGENET, spec)


_X3D = (
    Layout(
        name="pytorchvideo",
        kind="x3d",
        origin=Origin.TORCH,
        keys=x3d.pytorchvideo_keys,
        adapt=_x3d_of_pytorchvideo,
    ),
    Layout(name="PySlowFast", kind="x3d", origin=Origin.TORCH, keys=x3d.pyslowfast_keys),
)
_RESNETS = (
    Layout(
        name="pytorchvideo",
        kind="resnet",
        origin=Origin.TORCH,
        keys=resnet.pytorchvideo_keys,
        adapt=as_first_released,
    ),
    Layout(
        name="torchvision",
        kind="resnet",
        origin=Origin.TORCH,
        keys=resnet.torchvision_keys,
        adapt=partial(_scaled, TORCHVISION_VIDEO),
    ),
    Layout(
        name="mmaction2",
        kind="resnet",
        origin=Origin.TORCH,
        keys=resnet.mmaction2_keys,
        adapt=_as_mmaction2_scales,
    ),
)

LAYOUTS: tuple[Layout, ...] = (
    Layout(name="piergiaj/pytorch-i3d", kind="i3d", origin=Origin.TORCH, keys=i3d.piergiaj_keys),
    *_DEEPMIND,
    *_PYSLOWFAST,
    Layout(
        name="pytorchvideo",
        kind="slowfast",
        origin=Origin.TORCH,
        keys=slowfast.pytorchvideo_keys,
        adapt=as_first_released,
    ),
    *_RESNETS,
    *_X3D,
    Layout(
        name="torchvision",
        kind="s3d",
        origin=Origin.TORCH,
        keys=s3d.torchvision_keys,
        adapt=partial(_scaled, TORCHVISION_VIDEO),
    ),
    Layout(
        name="torchvision",
        kind="mvit_v2",
        origin=Origin.TORCH,
        keys=transformers.torchvision_keys,
    ),
)


@dataclass(frozen=True)
class Refusal:
    """Files that look like a network of ours and mean another."""

    keys: str
    """Pattern of a key of theirs that shows it."""
    concerns: Callable[[NetworkSpec], bool]
    """Whether a file with such keys cannot be this network."""
    reason: str


def _is_slowfast(spec: NetworkSpec) -> bool:
    return isinstance(spec.backbone, SlowFastConfig)


def _is_i3d_with_a_slow_stem(spec: NetworkSpec) -> bool:
    trunk = spec.backbone
    if not isinstance(trunk, ResNetConfig) or trunk.time_pool == 1:
        return False
    return trunk.stem_kernel[0] > 1 and trunk.stem_stride[0] == 1


REFUSED = (
    Refusal(
        r"backbone\.(slow|fast)_path\..*",
        _is_slowfast,
        "it is a SlowFast of mmaction2, whose lateral convolutions have neither normalisation "
        "nor ReLU: no SlowFast of the paper can hold its weights. Take PySlowFast's or "
        "pytorchvideo's.",
    ),
    Refusal(
        r"backbone\.conv1\.conv\.weight",
        _is_i3d_with_a_slow_stem,
        "it is of mmaction2, whose I3D shortens time fourfold in its stem, which weights do not "
        "show. Give --as i3d_r50_32x2.",
    ),
)
