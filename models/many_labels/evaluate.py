"""Measure a trained network on Charades' videos and points, and write what it says of them."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from kinetics_builder.errors import ModelError, OtherLabelsError
from kinetics_builder.formats.clips.charades.scores import write_classification, write_localization
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problems
from kinetics_builder.formats.records import Scores
from models.checkpoints.files import write_json
from models.checkpoints.store import load_network
from models.clips.release import BrokenClip, Missing
from models.many_labels.folder import read_actions
from models.many_labels.measuring import Judge, SaidOfVideo, judged
from models.training.device import choose_device
from models.training.lost_rank import lost_rank_told
from models.training.means import Means
from models.training.ranks import join_ranks
from models.training.runtime import Runtime

VIDEOS, POINTS = "classification.txt", "localization.txt"


@dataclass(frozen=True, kw_only=True)
class ActionsReport:
    """A network measured on whole videos."""

    network: str
    split: str
    release_sha256: str
    trained_on_sha256: str
    num_videos: int
    measured: dict[str, float]
    """`mAP` of videos, `localization_mAP` of their 25 points."""
    broken: tuple[BrokenClip, ...]
    missing: str = Missing.LEAVE_OUT.value
    """What became of videos that cannot be read: left out, or behind all others of each class."""

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)


@lost_rank_told()
def evaluate_actions(
    checkpoint: Path, folder: Path, out: Path, split: str = "test", runtime: Runtime | None = None
) -> ActionsReport:
    """Measure the network in `checkpoint` on a folder of Charades' files.

    Writes `evaluation.json`, and the scores as `kbuild measure charades` takes them, into `out`.
    Under torchrun every rank calls this and asks about its share; the first one writes.
    """
    runtime, ranks = runtime or Runtime(), join_ranks()
    torch.set_num_threads(runtime.num_threads)
    trained, data = load_network(checkpoint), read_actions(folder)
    if trained.card.labels != data.labels:
        raise OtherLabelsError(
            f"The network does not know the {len(data.labels)} classes of {folder}, but "
            f"{len(trained.card.labels)} others. Give its trunk a new head: `kbuild train-baseline "
            f"--model {trained.card.spec.name} --release {folder} --init RUN`."
        )
    if not (videos := data.videos.get(split, ())):
        raise ModelError(f"{folder} has no video of the split {split!r} that is there.")
    device = choose_device(runtime.device)
    means = Means(device=device, ranks=ranks, num_workers=runtime.num_workers)
    judge = Judge(trained.network.to(device), trained.card.spec, means)
    found = judged(judge, videos)
    if not found.said:
        raise ModelError(f"{folder}: none of the {len(videos)} videos of {split!r} is readable.")
    report = ActionsReport(
        network=trained.card.spec.name,
        split=split,
        release_sha256=data.sha256,
        trained_on_sha256=trained.card.release_sha256,
        num_videos=len(found.said),
        measured=found.measured(
            len(data.labels),
            (*found.unread, *data.absent[split]) if runtime.counts_missing else (),
        ),
        broken=(*data.broken, *found.broken),
        missing=runtime.missing.value,
    )
    if ranks.is_first:
        write_json(out / "evaluation.json", report.to_json())
        _write(out, found.said)
    return report


def _write(out: Path, said: Sequence[SaidOfVideo]) -> None:
    whole = (Scores(one.video.video_id, None, tuple(one.scores_K.tolist())) for one in said)
    write_classification(out / VIDEOS, whole, Options(), Problems(out / VIDEOS))
    write_localization(out / POINTS, _of_points(said), Options(), Problems(out / POINTS))


def _of_points(said: Sequence[SaidOfVideo]) -> Iterator[Scores]:
    for one in said:
        for number, scores_K in enumerate(one.scores_PK, start=1):
            yield Scores(one.video.video_id, number, tuple(scores_K.tolist()))
