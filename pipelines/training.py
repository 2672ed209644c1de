"""What training takes from a workspace: its labels, its newest release, a folder for the run."""

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kinetics_builder.errors import ModelError, StageOrderError

if TYPE_CHECKING:
    from kinetics_builder.workspace import Workspace
    from models.image_scoring.pictures import Pictures
    from models.image_scoring.recipe import ScorerRecipe
    from models.recipes.recipe import Recipe
    from pipelines.picturing.judged import JudgedVideo
    from pipelines.picturing.placing import Placing
    from pipelines.running.engines.pool import Pool

SCORER = "scorer"
"""Folder of the image scorer in a workspace."""
VOTED = "pictures/votes"
"""Frames of judged clips in a workspace, with their list."""
_DETECTOR = "_det"
"""What the names of the zoo's detectors end with."""


def workspace_labels(folder: Path) -> list[str] | None:
    """Return the labels in use, sorted; None outside a workspace or before any is known."""
    from sqlalchemy import select

    from kinetics_builder.database.engine import reading
    from kinetics_builder.database.tables import Label
    from kinetics_builder.workspace import CONFIG_FILE, Workspace

    if not (folder / CONFIG_FILE).is_file():
        return None
    with reading(Workspace.open(folder).engine) as session:
        names = session.scalars(select(Label.name).where(Label.is_retired.is_(False)))
        return sorted(names) or None


@dataclass(frozen=True)
class Lesson:
    """What a scorer is trained on, and who is kept back."""

    pictures: "Pictures"
    kept_back: tuple["JudgedVideo", ...] = ()
    """Videos that it does not learn from."""
    without: tuple[str, ...] = ()
    """Labels of the workspace of which it learns nothing."""


def scorer_lesson(
    folder: Path,
    images: Sequence[Path],
    *,
    from_votes: bool,
    recipe: "ScorerRecipe",
    progress: Callable[[str], None],
) -> Lesson:
    """Return the pictures of image folders, and of what people said of clips.

    Raises:
        ModelError: No pictures are asked for, there are none, or folders do not fit the labels.
        StageOrderError: No clip of the workspace is decided.

    """
    from models.image_scoring.folder import read_images
    from models.image_scoring.pictures import of_folder, together

    if not (images or from_votes):
        raise ModelError(
            "A scorer learns from pictures: give --images DIR with a folder for each class, or "
            "--from-votes for frames of the clips that people judged, or both."
        )
    labels = workspace_labels(folder)
    alone = not from_votes and len(images) == 1
    parts = [of_folder(read_images(path, recipe.size, labels, needs_all=alone)) for path in images]
    kept_back: tuple[JudgedVideo, ...] = ()
    if from_votes:
        voted, kept_back = _from_votes(folder, recipe, progress)
        parts.append(voted)
    pictures = together(parts)
    return Lesson(pictures, kept_back, tuple(sorted({*(labels or ())} - {*pictures.labels})))


def _from_votes(
    folder: Path, recipe: "ScorerRecipe", progress: Callable[[str], None]
) -> tuple["Pictures", tuple["JudgedVideo", ...]]:
    """Take frames of judged clips, list them, and return them with the videos kept back."""
    from kinetics_builder.database.engine import reading
    from kinetics_builder.workspace import Workspace
    from models.image_scoring.listed import LIST, write_list
    from models.image_scoring.pictures import of_list
    from pipelines.picturing.frames import gather
    from pipelines.picturing.judged import held_out, judged_videos

    workspace = Workspace.open(folder)
    with reading(workspace.engine) as session:
        videos = judged_videos(session)
    if not videos:
        raise StageOrderError("train-scorer --from-votes", "annotate", "decided clips")
    kept = held_out(videos, recipe.holdout_share, recipe.seed)
    place = workspace.root.absolute() / VOTED
    with _children(workspace) as pool:
        rows, broken = gather(videos, workspace.storage, place, pool, kept=kept, progress=progress)
    write_list(place / LIST, rows)
    pictures = of_list(place, rows, recipe.size)
    pictures = replace(pictures, broken=(*pictures.broken, *broken))
    return pictures, tuple(video for video in videos if video.video_id in kept)


def scorer_placing(folder: Path, lesson: Lesson, scorer: Path) -> "Placing":
    """Return how many accepted clips of videos kept back a scorer would propose again."""
    from kinetics_builder.workspace import Workspace
    from pipelines.picturing.placing import measure_placing

    workspace = Workspace.open(folder)
    with _children(workspace) as pool:
        return measure_placing(
            lesson.kept_back,
            workspace.storage,
            scorer.absolute(),
            pool,
            config=workspace.config.propose,
            every_seconds=workspace.config.score.every_seconds,
        )


@contextmanager
def _children(workspace: "Workspace") -> Iterator["Pool"]:
    """Give children that open a workspace's videos, each within limits."""
    from pipelines.running.engines.children import ChildPool

    run = workspace.config.run
    workers = run.workers or os.cpu_count() or 1
    limit = workspace.config.score.timeout_seconds
    pool = ChildPool(workers, limit, run.memory_megabytes << 20)
    try:
        yield pool
    finally:
        pool.stop()


def release_folder(folder: Path, release: Path | None, *, of_films: bool) -> Path:
    """Return `release`, or the workspace's newest of films (for detectors), or of clips."""
    from kinetics_builder.workspace import Workspace

    return release or Workspace.open(folder).newest_release(of_films=of_films)


def releases_at_hand(folder: Path) -> list[Path]:
    """Return the folders of a workspace's releases, sorted; none outside a workspace."""
    from kinetics_builder.workspace import CONFIG_FILE, Workspace

    if not (folder / CONFIG_FILE).is_file():
        return []
    return sorted(one for one in Workspace.open(folder).releases.glob("[!.]*") if one.is_dir())


def is_detector(name: str) -> bool:
    """Tell whether a network, of the zoo or of a .toml file, learns from films. No torch.

    What cannot be read is a network of clips; whoever builds it says what is wrong.
    """
    from models.detection.kinds import DETECTORS

    if Path(name).suffix != ".toml":
        return name.endswith(_DETECTOR)
    try:
        table = tomllib.loads(Path(name).read_text(encoding="utf-8"))
        kind = table.get("head", {}).get("kind")
        return bool(kind in DETECTORS if kind else str(table.get("base")).endswith(_DETECTOR))
    except (OSError, ValueError, AttributeError):
        return False


def run_folder(folder: Path, name: str, release: Path, out: Path | None) -> Path:
    """Return `out`, or the workspace's folder for this network and release."""
    from kinetics_builder.workspace import Workspace

    return out or Workspace.open(folder).runs / f"{name}-{release.resolve().name}"


def network_name(name: str) -> str:
    """Return what the network `name`, of the zoo or a .toml file, is called. No torch."""
    from models.toml_tables import described_name

    path = Path(name)
    if path.suffix != ".toml":
        return name
    try:
        return str(described_name(path, tomllib.loads(path.read_text(encoding="utf-8"))))
    except (OSError, ValueError):
        return name  # whoever reads it wholly says what is wrong with it


def question_of(name: str, release: Path, options: Mapping[str, Any]) -> str:
    """Return the hash of all that decides what is learnt, before torch is imported."""
    from models.recipes.changes import EPOCHS, SETTINGS
    from models.recipes.recipe import Recipe
    from models.training.asked import question

    known = {"recipe", SETTINGS, EPOCHS, *(field.name for field in fields(Recipe))}
    deciding = {key: value for key, value in options.items() if key in known and value is not None}
    if (missing := options.get("missing", "leave-out")) != "leave-out":
        deciding["missing"] = missing
    return question(name, deciding, _hash_of(release, options.get("flow") or ""))


def _hash_of(release: Path, flow: str) -> str:
    """Return the hash of a release of clips with its flow, or of AVA's or Charades' files.

    Args:
        release: The folder.
        flow: Where the flow lies; empty for beside the clips.

    """
    from models.clips.flow_places import flow_sha256
    from models.clips.release import release_sha256
    from models.detection.files import has_files
    from models.detection.folder import folder_sha256
    from models.many_labels.folder import actions_sha256

    if is_of_videos(release):
        return actions_sha256(release)
    if has_files(release):
        return folder_sha256(release)
    return release_sha256(release) + flow_sha256(release, flow)


def is_of_videos(release: Path) -> bool:
    """Tell whether a folder holds Charades' files: whole videos with several labels. No torch."""
    from models.many_labels.folder import has_actions

    return has_actions(release)


class Subject(StrEnum):
    """What `kbuild evaluate` is given."""

    CLIPS = "a network that tells clips apart"
    DETECTOR = "a detector"
    DETECTIONS = "rows that were made elsewhere"


_WEIGHTS = (".safetensors", ".pt", ".pth", ".pyth", ".pkl")


def subject_of(checkpoint: Path) -> Subject | None:
    """Return what lies at `checkpoint`; None for what cannot be told. No torch.

    A file that is no file of weights is taken for detections, whatever its name.
    """
    from models.checkpoints.weights import read_card
    from models.detection.kinds import DETECTORS

    if checkpoint.is_file() and checkpoint.suffix not in _WEIGHTS:
        return Subject.DETECTIONS
    try:
        card = read_card(checkpoint if checkpoint.is_dir() else checkpoint.parent)
        kind = card["spec"]["head"]["kind"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return Subject.DETECTOR if kind in DETECTORS else Subject.CLIPS


def chosen_recipe(name: str, options: Mapping[str, Any], release: Path | None = None) -> "Recipe":
    """Return the recipe of a network, by name or .toml file, as the options want it.

    `recipe` names another network, or file, whose recipe it is. Epochs are those of `release`.
    """
    from models.description import find_recipe, find_spec
    from models.recipes.changes import changed
    from models.training.baseline import read_course

    def num_clips() -> int:
        assert release is not None, "epochs are counted in a release"
        return read_course(find_spec(name), release).num_clips

    return changed(find_recipe(options.get("recipe") or name), options, num_clips)
