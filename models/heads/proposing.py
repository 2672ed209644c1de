"""The head of detectors that find the people themselves: Faster R-CNN (arXiv:1506.01497).

One map is searched for people; regions are cut out of another, at all of its moments, led through
the rest of the trunk, averaged, and classified, each class by itself. The weights of the losses,
the sizes of the samples and the overlaps are those of the configuration with which AVA's first
baseline was published (faster_rcnn_resnet101_ava_v2.1.config).

Shapes, as name suffixes: B batch, C channels, T moments, H height, W width, K classes, R regions,
S regions that are learnt from, D detections; 4 is x1, y1, x2, y2.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchvision.models.detection.image_list import ImageList
from torchvision.models.detection.rpn import AnchorGenerator, RegionProposalNetwork
from torchvision.ops import batched_nms, clip_boxes_to_image, remove_small_boxes, roi_align

from models.heads.config import HeadConfig
from models.heads.edges import CODER, edges_loss
from models.heads.learnt_regions import Lesson, joined, lesson_of
from models.heads.regions import whole_pictures
from models.layers.inception import POINT, SQUARE

Rest = Callable[[Tensor], Tensor]
"""The trunk behind the maps: from regions_RCTHW to what is averaged."""

ASPECT_RATIOS = (0.5, 1.0, 2.0)
_EDGES_WEIGHT = 2.0
_SEARCHED = 6000
"""Boxes of a clip that are weighed against one another before the best are kept."""
_MOST = 300
"""Detections of a clip."""
_LEAST_PIXELS = 1.0
_AT_ONCE = 128
"""Regions that are led through the rest of the trunk together in a test: 1.3 GB at most."""
_SAMPLES = 2
"""Points along each side of a position of a region."""


class Regions(NamedTuple):
    """What is learnt from."""

    logits_SK: Tensor
    actions_SK: Tensor
    """What is right: 1.0 for what is done, all 0 where nobody is."""
    is_person_S: Tensor
    loss: Tensor
    """Of the search and of all edges."""


class FoundPeople(NamedTuple):
    """The detections of one clip, best first."""

    boxes_D4: Tensor
    """Pixels of the clip."""
    classes_D: Tensor
    scores_D: Tensor


class SearchLayer(nn.Module):
    """Say at each position whether a person is about there, and where the edges are."""

    def __init__(self, num_in: int, width: int, num_anchors: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(num_in, width, SQUARE, padding=(0, 1, 1))
        self.is_person = nn.Conv3d(width, num_anchors, POINT)
        self.edges = nn.Conv3d(width, 4 * num_anchors, POINT)
        for layer in (self.conv, self.is_person, self.edges):
            nn.init.normal_(layer.weight, std=0.01)
            nn.init.zeros_(layer.bias)  # type: ignore[arg-type]  # bias is never None here

    def forward(self, maps: list[Tensor]) -> tuple[list[Tensor], list[Tensor]]:
        """Return logits and edges of each map_BCHW, as torchvision's search takes them: float32."""
        hidden = [torch.relu(self.conv(map_BCHW[:, :, None])) for map_BCHW in maps]
        return (
            [self.is_person(y)[:, :, 0].float() for y in hidden],
            [self.edges(y)[:, :, 0].float() for y in hidden],
        )


class ProposingHead(nn.Module):
    """Search, cut out, describe."""

    def __init__(self, widths: tuple[int, ...], num_classes: int, config: HeadConfig) -> None:
        super().__init__()
        searched, described = widths
        self.config, self.num_classes = config, num_classes
        num_anchors = len(config.anchor_sides) * len(ASPECT_RATIOS)
        self.search = RegionProposalNetwork(
            AnchorGenerator((config.anchor_sides,), (ASPECT_RATIOS,)),
            SearchLayer(searched, config.search_width, num_anchors),
            fg_iou_thresh=0.7,
            bg_iou_thresh=0.3,
            batch_size_per_image=256,
            positive_fraction=0.5,
            pre_nms_top_n={"training": _SEARCHED, "testing": _SEARCHED},
            post_nms_top_n=dict.fromkeys(("training", "testing"), config.num_proposals),
            nms_thresh=0.7,
        )
        self.dropout = nn.Dropout(config.dropout)
        self.projection = nn.Linear(described, num_classes)
        self.edges = nn.Linear(described, 4 * (num_classes if config.boxes_by_class else 1))
        for layer, std in ((self.projection, 0.01), (self.edges, 0.001)):
            nn.init.normal_(layer.weight, std=std)
            nn.init.zeros_(layer.bias)

    def forward(self, features: list[Tensor], rest: Rest, boxes_R5: Tensor | None = None) -> Tensor:
        """Return logits_RK for boxes (place in the batch, x1, y1, x2, y2), in the clip's pixels.

        Without boxes the whole picture of each clip is one, and the map is searched all the same:
        so all is counted that a clip costs, but for its other regions.
        """
        searched_BCTHW, maps_BCTHW = features
        if boxes_R5 is None:
            self.search.head([searched_BCTHW[:, :, 0]])
            boxes_R5 = whole_pictures(maps_BCTHW, self.config.map_stride)
        return self._described(maps_BCTHW, boxes_R5, rest)[0]

    def learn(
        self, features: list[Tensor], rest: Rest, boxes_R5: Tensor, actions_RK: Tensor
    ) -> Regions:
        """Return regions with what is right of them, for people's boxes and what they do."""
        searched_BCTHW, maps_BCTHW = features
        of_clip = [boxes_R5[:, 0] == place for place in range(len(maps_BCTHW))]
        people = [boxes_R5[is_there, 1:] for is_there in of_clip]
        proposals, losses = self._searched(searched_BCTHW, people)
        lesson: Lesson = joined(
            lesson_of(found, drawn, actions_RK[is_there], self.config.num_learnt)
            for found, drawn, is_there in zip(proposals, people, of_clip, strict=True)
        )
        logits_SK, edges_SE4 = self._described(maps_BCTHW, lesson.boxes_S5, rest)
        loss = losses["loss_objectness"] + _EDGES_WEIGHT * (
            losses["loss_rpn_box_reg"] + edges_loss(edges_SE4, lesson)
        )
        return Regions(logits_SK, lesson.actions_SK, lesson.is_person_S, loss)

    @torch.no_grad()
    def find(self, features: list[Tensor], rest: Rest, size: tuple[int, int]) -> list[FoundPeople]:
        """Return the detections in each clip of `size` (height, width)."""
        searched_BCTHW, maps_BCTHW = features
        proposals, _ = self._searched(searched_BCTHW, None)
        numbers = [len(some) for some in proposals]
        boxes_R5 = _placed(proposals)
        pieces = [
            self._described(maps_BCTHW, some_R5, rest)
            for some_R5 in torch.split(boxes_R5, _AT_ONCE)
        ]
        logits_RK, edges_RE4 = (torch.cat(parts) for parts in zip(*pieces, strict=True))
        boxes_RE4: Tensor = CODER.decode(edges_RE4.flatten(1), [boxes_R5[:, 1:]])
        boxes = torch.split(boxes_RE4, numbers)
        scores = torch.split(logits_RK.sigmoid(), numbers)
        return [
            strongest(*one, size, self.config.max_overlap)
            for one in zip(boxes, scores, strict=True)
        ]

    def _searched(
        self, searched_BCTHW: Tensor, people: Sequence[Tensor] | None
    ) -> tuple[list[Tensor], dict[str, Tensor]]:
        """Return the regions of each clip in which a person may be, and what was wrong of them."""
        map_BCHW = searched_BCTHW[:, :, 0].float()
        height, width = (size * self.config.map_stride for size in map_BCHW.shape[2:])
        # Of the pictures torchvision asks the size alone; a map's last position may lie half
        # outside, and would change the stride that it works out.
        sizes = [(height, width)] * len(map_BCHW)
        pictures = ImageList(map_BCHW.new_empty(len(map_BCHW), 0, height, width), sizes)
        targets = None if people is None else [{"boxes": boxes_N4} for boxes_N4 in people]
        found: tuple[list[Tensor], dict[str, Tensor]]
        found = self.search(pictures, {"map": map_BCHW}, targets)
        return found

    def _described(self, maps_BCTHW: Tensor, boxes_R5: Tensor, rest: Rest) -> tuple[Tensor, Tensor]:
        """Return logits_RK and edges_RE4 (E: 1, or one for each class), in float32."""
        pooled_RC = self.dropout(self.pooled(maps_BCTHW, boxes_R5, rest))
        edges_RE4 = self.edges(pooled_RC).float().view(len(boxes_R5), -1, 4)
        return self.projection(pooled_RC).float(), edges_RE4

    def pooled(self, maps_BCTHW: Tensor, boxes_R5: Tensor, rest: Rest) -> Tensor:
        """Return what is seen of each box (R, C): its region, led through the rest of the trunk."""
        num_moments = maps_BCTHW.shape[2]
        # Pixels of a picture have no place in bfloat16.
        regions: Tensor = roi_align(
            maps_BCTHW.float().flatten(1, 2),
            boxes_R5.float(),
            self.config.resolution,
            1 / self.config.map_stride,
            sampling_ratio=_SAMPLES,
            aligned=self.config.aligned,
        )
        num_regions, _, height, width = regions.shape
        regions_RCTHW = regions.view(num_regions, -1, num_moments, height, width)
        described = rest(regions_RCTHW.contiguous(memory_format=torch.channels_last_3d))
        return described.float().mean((2, 3, 4))


def strongest(
    boxes_RE4: Tensor, scores_RK: Tensor, size: tuple[int, int], max_overlap: float
) -> FoundPeople:
    """Return a clip's detections: of each class those that no better one overlaps."""
    num_regions, num_classes = scores_RK.shape
    boxes = boxes_RE4.expand(num_regions, num_classes, 4).reshape(-1, 4)
    boxes = clip_boxes_to_image(boxes, size)
    classes = torch.arange(num_classes, device=boxes.device).repeat(num_regions)
    scores = scores_RK.flatten()
    large = remove_small_boxes(boxes, _LEAST_PIXELS)
    boxes, classes, scores = boxes[large], classes[large], scores[large]
    kept = batched_nms(boxes, scores, classes, max_overlap)[:_MOST]
    return FoundPeople(boxes[kept], classes[kept], scores[kept])


def _placed(boxes: Sequence[Tensor]) -> Tensor:
    """Return boxes_R5 of all clips, each with its clip's place before it."""
    return torch.cat(
        [
            torch.cat([torch.full_like(some[:, :1], place), some], dim=1)
            for place, some in enumerate(boxes)
        ]
    )
