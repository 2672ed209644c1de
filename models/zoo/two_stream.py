"""Networks of independent frames, and two streams that are fused on the way."""

from models.backbones.fused_vgg import FusedVGGConfig
from models.backbones.pictures import PicturesConfig
from models.backbones.resnet import ResNetConfig
from models.backbones.st_resnet import STResNetConfig
from models.heads.config import HeadConfig
from models.spec import IMAGENET, NetworkSpec, Normalisation, Published, Sampling, Views

BOTH = Normalisation(mean=(*IMAGENET.mean, 0.5, 0.5), std=(*IMAGENET.std, 0.226, 0.226))
"""RGB as ImageNet's networks take it; flow centred, and scaled as RGB is on average."""


def _both_streams(num_frames: int) -> Sampling:
    """Return so many frames of 25 a second, with their flow."""
    return Sampling(
        num_frames=num_frames,
        step_seconds=1 / 25,
        crop_size=224,
        short_side=256,
        modality="rgb_and_flow",
    )


SPECS = (
    NetworkSpec(
        name="tsn_r50",
        backbone=ResNetConfig(time_kernels=((1,),) * 4, zero_init=False),
        head=HeadConfig(kind="pooled", dropout=0.4),
        sampling=Sampling(
            num_frames=3, num_segments=3, step_seconds=1 / 25, crop_size=224, short_side=256
        ),
        views=Views(num_frames=25, num_segments=25, num_crops=3),
        normalisation=IMAGENET,
        source="arXiv:1608.00859, on a ResNet-50; three independent frames, 25 in a test",
        published=Published(
            parameters=24_327_632,
            multiply_adds=102.7e9,
            input_size=(25, 224, 224),
            source="parameters: a 2-D ResNet-50 of 400 classes; multiply-adds: mmaction2",
            note="mmaction2 rounds to 24.33M",
        ),
    ),
    NetworkSpec(
        name="tsn_efficientnet_b4",
        backbone=PicturesConfig(network="efficientnet_b4"),
        head=HeadConfig(kind="pooled", dropout=0.4),
        sampling=Sampling(
            num_frames=3, num_segments=3, step_seconds=1 / 25, crop_size=224, short_side=256
        ),
        views=Views(num_frames=25, num_segments=25, num_crops=3),
        normalisation=IMAGENET,
        source="arXiv:1608.00859, on the EfficientNet-B4 of arXiv:2003.13042; sizes as tsn_r50",
        published=Published(
            parameters=19_341_616 - 600 * (1792 + 1),
            multiply_adds=4.394e9,
            input_size=(1, 380, 380),
            source="torchvision's efficientnet_b4, one frame, with 400 classes of its 1000",
        ),
    ),
    NetworkSpec(
        name="two_stream_fusion_vgg16",
        backbone=FusedVGGConfig(),
        head=HeadConfig(kind="streams", dropout=0.85, window=(1, 1, 1)),
        sampling=_both_streams(50),
        views=Views(num_frames=250),
        normalisation=BOTH,
        source="arXiv:1604.06573, section 4 and the authors' code; five pictures, ten flows each",
    ),
    NetworkSpec(
        name="st_resnet_r50",
        backbone=STResNetConfig(),
        head=HeadConfig(kind="streams", dropout=0.0, window=(1, 7, 7)),
        sampling=_both_streams(110),
        views=Views(num_frames=250),
        normalisation=BOTH,
        source="arXiv:1611.02155 and the authors' code; eleven pictures, ten flows each",
    ),
)
