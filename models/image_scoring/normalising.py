"""How pixels become what every classifier of pictures is given.

Shapes, as name suffixes: N pictures, H height, W width, C channels (RGB).
"""

import torch
from torch import Tensor

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Of ImageNet, as torchvision's weights expect."""


def normalise_images(pixels_NHWC: Tensor) -> Tensor:
    """Return x_NCHW in channels-last order for pixels in [0, 255]."""
    mean, std = torch.tensor(MEAN), torch.tensor(STD)
    scaled = pixels_NHWC.to(torch.float32).mul_(1 / (255 * std)).sub_(mean / std)
    return scaled.permute(0, 3, 1, 2)
