"""Persons on stills: by a detector, or from a file that is checked before a row is written."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image
from sqlalchemy import select

from kinetics_builder.ava.hog import HogDetector
from kinetics_builder.ava.settings import DetectConfig
from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import (
    DetectedBox,
    GivenBox,
    KeyFrame,
    LinkEdit,
    PersonBox,
)
from kinetics_builder.errors import (
    ConfigError,
    FormatError,
    ModelError,
    SourceError,
    StageOrderError,
)
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import Box
from kinetics_builder.formats.registry import find_format
from kinetics_builder.video.reading.frames import iterate_frames
from pipelines.ava.boxes_file import BoxesFile, read_boxes
from pipelines.ava.detecting import BoxesTold
from pipelines.cli import group
from pipelines.inspecting.films.operating import operating_points
from pipelines.inspecting.report import write_report
from pipelines.inspecting.status import status

TALKS = "talk to (e.g., self, a person, a group)"
NEW = ["coco", "yolo", "mot"]
RED, BLUE = ((230, 20, 20), 10, 4.0), ((20, 20, 230), 120, -4.0)


def row(film: str, second: float, left: float, person: int | None = None, action: int = 12) -> str:
    """Return a row of AVA: a box 20 pixels wide on a still of 160 x 120."""
    corners = f"{left / 160:.3f},0.333,{(left + 20) / 160:.3f},0.833"
    return f"{film},{second:04.0f},{corners},{action},{'' if person is None else person}"


def rows_of(film: str, seconds: range) -> list[str]:
    """Return rows of the red and the blue walker, as they are drawn."""
    return [
        row(film, second, left + speed * second, person)
        for second in seconds
        for person, (_, left, speed) in enumerate((RED, BLUE))
    ]


@pytest.fixture
def given(films, draw_scene, tmp_path: Path):
    """Collect a film of two walkers with the rows of a file."""
    films.draw("room", draw_scene(7, [RED, BLUE]))

    def collect(*rows: str, form: str = "ava", **options):
        path = tmp_path / "boxes.csv"
        path.write_text("".join(f"{one}\n" for one in rows))
        file = BoxesFile(path=path, format=form, options=Options(**options))
        return films.collect(boxes=BoxesTold(file=file))

    collect.films = films
    return collect


def boxes_at(films, second: float) -> list[tuple]:
    with reading(films.workspace.engine) as session:
        query = select(DetectedBox.x1, DetectedBox.given_person, DetectedBox.score)
        query = query.join(KeyFrame).where(KeyFrame.timestamp_seconds == second)
        return sorted(tuple(r) for r in session.execute(query))


def test_boxes_of_a_file_are_put_on_their_key_frames_once(given) -> None:
    rows = rows_of("room", range(2, 6))
    given(*rows, *(one.replace(",12,", ",80,") for one in rows), "room,0001")
    assert boxes_at(given.films, 3.0) == [(0.138, 0, 1.0), (0.675, 1, 1.0)]
    assert len(given.films.rows(DetectedBox, "id")) == 8
    assert given.films.rows(PersonBox, "person") == [(0,)] * 4 + [(1,)] * 4
    assert given.films.rows(DetectedBox, "origin")[0] == ("file",)


def test_a_second_run_does_nothing_and_remembers_the_file(given) -> None:
    given(*rows_of("room", range(2, 6)))
    before = given.films.rows(PersonBox, "id", "person")
    report = given.films.collect()
    assert [one.num_new for one in report.stages] == [0] * 6
    assert given.films.rows(PersonBox, "id", "person") == before
    given(*rows_of("room", range(2, 6)))
    assert given.films.rows(PersonBox, "id", "person") == before


def test_a_changed_file_changes_what_it_says_and_keeps_the_rest(given) -> None:
    given(*rows_of("room", range(2, 6)))
    before = given.films.rows(PersonBox, "id", "x1")
    given(*rows_of("room", range(2, 5)), row("room", 5, 60, 1))
    after = given.films.rows(PersonBox, "id", "x1")
    assert len(set(before) & set(after)) == 6 and len(after) == 7
    with pytest.raises(SourceError, match=r"after ava detect nothing is left .*1 no person"):
        given.films.collect(boxes=BoxesTold(forgets_file=True))
    assert given.films.rows(GivenBox, "id") == []


def test_a_film_is_known_by_its_id_too(given) -> None:
    with pytest.raises(FormatError):
        given(*rows_of("nobody", range(2, 6)))
    given(*rows_of(given.films.id_of("room"), range(2, 6)))
    assert len(given.films.rows(PersonBox, "id")) == 8


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param(
            [row("room", 2, 10, 3), row("room", 3, 10, 3), row("room", 2, 60, 3)],
            r"boxes\.csv:3: .*two boxes of person 3 at 2 s of room: the other stands at line 1\. "
            r"Remove one, or give it another number",
            id="two boxes of one id",
        ),
        pytest.param(
            ["room,0002,0.5,0.1,0.5,0.9,12,1"],
            r"boxes\.csv:1: .*a box without an area",
            id="no area",
        ),
        pytest.param(
            ["room,0002,80,40,100,100,12,1"], r"boxes\.csv:1: .*\[0, 1\]", id="pixels for shares"
        ),
        pytest.param(["room,0002"], "holds no boxes. Expected boxes of persons in ava", id="empty"),
        pytest.param(
            rows_of("other", range(2, 6)),
            r"boxes\.csv: is of other films. It holds boxes of other; the films here are room, "
            r"room-\w+\. Name the films",
            id="another film",
        ),
    ],
)
def test_a_bad_file_is_one_line_and_writes_no_box(given, rows, message: str) -> None:
    with pytest.raises(FormatError, match=message) as failed:
        given(*rows)
    assert "\n" not in str(failed.value)
    assert given.films.rows(DetectedBox, "id") == []


def test_times_of_another_film_are_told_with_a_remedy(given) -> None:
    with pytest.raises(SourceError, match="1 no person"):
        given(*(one.replace(",000", ",090") for one in rows_of("room", range(2, 6))))
    [(reason, message)] = given.films.failures("detect").values()
    assert reason == "no person"
    assert "8 boxes for this film, from 902 s to 905 s, and none at a key frame (2 s to 5 s)" in (
        message
    )
    assert "Do its times count from the film's start" in message


def test_a_film_that_the_file_leaves_out_is_a_row_with_a_reason(given, draw_scene) -> None:
    given.films.draw("other", draw_scene(5, [RED]))
    given(*rows_of("room", range(2, 6)))
    [(film, (reason, message))] = given.films.failures("detect").items()
    assert film == given.films.id_of("other") and reason == "no person"
    assert "has none for this film" in message


def test_where_nobody_is_anywhere_the_run_ends_with_one_line(films, draw_scene) -> None:
    films.draw("empty room", draw_scene(5))
    films.draw("another", draw_scene(5, seed=2))
    with pytest.raises(
        SourceError, match=r"after ava detect nothing is left .*2 no person"
    ) as told:
        films.collect()
    assert "\n" not in str(told.value)
    messages = {message for _, message in films.failures("detect").values()}
    assert messages == {
        "hog finds nobody on 2 stills. Another detector may: detect.detector in kbuild.toml; or "
        "give boxes with --boxes"
    }
    assert films.rows(PersonBox, "id") == films.rows(DetectedBox, "id") == []


def test_boxes_drawn_on_frames_of_another_size_are_told_with_their_row(given) -> None:
    with pytest.raises(FormatError, match=r"expected .*\[0, 1\]|inside") as failed:
        given(
            "1,1,10,40,20,60,1",
            "2,1,140,40,20,60,1",
            form="mot",
            frame_size=(80, 60),
            frames_per_second=10.0,
        )
    assert "boxes.csv" in str(failed.value) and "\n" not in str(failed.value)
    assert given.films.rows(DetectedBox, "id") == []


def test_equal_numbers_in_two_films_are_two_persons_and_told_once(tmp_path: Path) -> None:
    path = tmp_path / "boxes.csv"
    path.write_text("\n".join([*rows_of("a", range(2, 4)), *rows_of("b", range(2, 4))]))
    told: list[Problem] = []
    found = read_boxes(BoxesFile(path=path, format="ava"), on_warning=told.append)
    assert len(found) == 8
    [said] = [str(one) for one in told if "more than one film" in str(one)]
    assert "2 numbers of persons stand in more than one film, such as 0 in a and b" in said


@pytest.mark.few("coco", "cvat-video", "ava-tracks")
@pytest.mark.parametrize("form", ["ava-tracks", "cvat-video", "via3", "ava-proposals", *NEW])
def test_any_format_of_boxes_will_do(given, tmp_path: Path, form: str) -> None:
    boxes = [
        Box("room", float(second), 0.1, 0.3, 0.3, 0.9, 12, 5, 0.75, "walk")
        for second in range(2, 6)
    ]
    if form == "ava-proposals":
        boxes = [b._replace(action_id=None, label=None, person_id=None) for b in boxes]
    options = Options(frame_size=(160, 120), frames_per_second=10.0)
    path, one = tmp_path / "written", find_format(form)
    if form == "cvat-video":
        path = tmp_path / "written.xml"
    assert one.write is not None
    one.write(path, boxes, options, Problems(path, on_error=None))
    if form == "yolo":  # labels may lie anywhere
        path = path / "data.yaml"
    file = BoxesFile(path=path, format=form, options=options)
    given.films.collect(boxes=BoxesTold(file=file))
    has_person = form != "ava-proposals"
    assert [len(boxes_at(given.films, s)) for s in (2.0, 3.0, 4.0, 5.0)] == [1] * 4
    assert boxes_at(given.films, 4.0)[0][1] == (5 if has_person else None)
    assert given.films.rows(PersonBox, "person") == [(5 if has_person else 0,)] * 4


PERSON, DOG, WALKS = (
    {"id": 1, "name": "person"},
    {"id": 2, "name": "dog"},
    {"id": 3, "name": "walk"},
)


SKATES = {"id": 4, "name": "skateboarding", "x": 0}


@pytest.mark.parametrize(
    ("categories", "left", "said"),
    [
        pytest.param([PERSON, DOG, DOG], 1, "2 boxes that are .*: 2 of dog", id="a dog is none"),
        pytest.param([WALKS, DOG], 1, "1 boxes that are .*: 1 of dog", id="an action is one's"),
        pytest.param([WALKS, SKATES], 1, None, id="one is known of two of a box"),
        pytest.param([DOG, DOG], 2, None, id="who knows what the labels are"),
        pytest.param([PERSON, WALKS], 2, None, id="persons alone"),
    ],
)
def test_categories_of_a_detector_are_no_persons(
    tmp_path: Path, categories: list[dict], left: int, said: str | None
) -> None:
    path = tmp_path / "coco.json"
    image = {"id": 1, "file_name": "room_000031.jpg", "width": 100, "height": 100}
    drawn = [
        {"image_id": 1, "category_id": one["id"], "bbox": [one.get("x", 10 * place), 10, 20, 50]}
        for place, one in enumerate(categories)
    ]
    named = {one["id"]: one for one in categories}
    value = {"images": [image], "categories": list(named.values()), "annotations": drawn}
    path.write_text(json.dumps(value))
    told: list[Problem] = []
    file = BoxesFile(path=path, format="coco", options=Options(frames_per_second=30.0))
    assert len(read_boxes(file, on_warning=told.append)) == left
    assert len(told) == (said is not None)
    assert said is None or re.search(said, str(told[0]))


def test_what_a_file_marks_as_none_to_be_found_is_no_person(tmp_path: Path) -> None:
    path = tmp_path / "gt.txt"
    path.write_text(
        "31,1,11,11,20,50,1,1,1\n31,2,31,11,20,50,1,3,1\n31,3,51,11,20,50,0,1,1\n"
        "31,2,61,11,20,50,1,3,1\n"
    )
    told: list[Problem] = []
    options = Options(frames_per_second=30.0, frame_size=(100, 100))
    file = BoxesFile(path=path, format="mot", options=options)
    assert [given.person for given in read_boxes(file, on_warning=told.append)] == [1]
    assert "3 boxes that are not marked as persons' were left out: 2 of car, 1 of ignored" in str(
        told[-1]
    )


def test_of_boxes_on_every_picture_those_at_key_frames_count(given) -> None:
    path = given.films.folder.parent / "tracks.csv"
    path.write_text(
        "".join(
            f"room,{number / 10:.1f},{0.1 + number / 200:.3f},0.3,{0.3 + number / 200:.3f},0.9,12,"
            "0.5,4\n"
            for number in range(70)
        )
    )
    given.films.collect(boxes=BoxesTold(file=BoxesFile(path=path, format="ava-tracks")))
    assert boxes_at(given.films, 3.0) == [(0.25, 4, 0.5)]
    assert len(given.films.rows(DetectedBox, "id")) == 4


def test_another_operating_point_searches_nothing_again(given, monkeypatch, tmp_path: Path) -> None:
    class Sees:
        name = "sees"

        def find(self, rgb_HWC):
            from kinetics_builder.ava.boxes import Found
            from kinetics_builder.formats.boxes.pixels import Corners

            return [
                Found(Corners(0.1, 0.1, 0.3, 0.9), 0.95),
                Found(Corners(0.5, 0.1, 0.7, 0.9), 0.6),
                Found(Corners(0.51, 0.1, 0.7, 0.9), 0.55),
                Found(Corners(0.8, 0.1, 0.9, 0.9), 0.01),
            ]

    from pipelines.ava import detect

    monkeypatch.setattr(detect, "load_detector", lambda name, weights: Sees())
    films = given.films
    films.collect()
    assert films.rows(DetectedBox, "score") == [(0.6,)] * 4 + [(0.95,)] * 4
    assert films.rows(PersonBox, "x1") == [(0.1,)] * 4
    with reading(films.workspace.engine) as session:
        points = {p.min_score: p for p in operating_points(session)}
    assert [points[s].num_boxes for s in (0.05, 0.6, 0.65, 0.95)] == [8, 8, 4, 4]
    assert points[0.6].num_key_frames == 4 and points[0.6].boxes_a_key_frame == 2.0
    page = write_report(films.workspace, tmp_path / "report.html").read_text()
    assert "Operating point of the detector" in page and "from 0.80 on" in page
    with writing(films.workspace.engine) as session:
        two = session.scalars(select(PersonBox.id).order_by(PersonBox.id)).all()[:2]
        session.add(LinkEdit(box_id=two[0], other_id=two[1], is_same=False))
    films.set("[detect]\nmin_score = 0.5\n")
    assert [one.num_new for one in films.collect().stages][:5] == [0] * 5
    assert len(films.rows(PersonBox, "id")) == 8
    films.set("[detect]\nmin_score = 0.99\n")
    with pytest.raises(StageOrderError, match="films with boxes"):
        films.collect()
    assert films.rows(PersonBox, "is_withdrawn") == [(True,), (True,)]
    assert status(films.workspace).film_counts["boxes shown"] == 0
    films.set("")
    films.collect()
    assert films.rows(PersonBox, "is_withdrawn") == [(False,)] * 4
    assert [number for (number,) in films.rows(PersonBox, "id")][:2] == two


def test_hog_finds_people_who_walk_by(shared: Path) -> None:
    film = shared / "videos" / "actions" / "people_walking_by.mp4"
    detector, best = HogDetector(), 0.0
    for frame in iterate_frames(film, every_seconds=1.0, size=(768, 432)):
        if frame.time_seconds > 33:
            break
        if frame.time_seconds >= 31:
            for found in detector.find(frame.rgb_HWC):
                x1, y1, x2, y2 = found.corners
                if x1 < 0.6 < x2 and y1 < 0.5 < y2:
                    best = max(best, found.score)
    assert best >= DetectConfig().min_score


def test_a_still_smaller_than_hogs_window_holds_nobody() -> None:
    assert HogDetector().find(np.zeros((60, 60, 3), dtype=np.uint8)) == []


def test_a_network_without_weights_says_where_they_come_from(films, draw_scene) -> None:
    films.draw("room", draw_scene(5))
    films.set('[detect]\ndetector = "fasterrcnn_mobilenet_v3_large_320_fpn"\n')
    with pytest.raises(ConfigError, match="--download"):
        films.collect()
    films.set(
        '[detect]\ndetector = "fasterrcnn_mobilenet_v3_large_320_fpn"\nweights = "none.pth"\n'
    )
    with pytest.raises(ConfigError, match=r"names .*none\.pth, where there is no file"):
        films.collect()


def test_the_command_asks_for_both_the_file_and_its_format(films, tmp_path: Path) -> None:
    (tmp_path / "boxes.csv").write_text("")
    arguments = ["-C", str(films.workspace.root), "ava", "detect"]
    for more in (["--boxes", str(tmp_path / "boxes.csv")], ["--format", "ava"]):
        result = CliRunner().invoke(group, [*arguments, *more])
        assert result.exit_code == 2 and "go together" in result.output


NETWORK = "fasterrcnn_mobilenet_v3_large_320_fpn"


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    import torch
    from torchvision.models import get_model

    torch.manual_seed(0)
    network = get_model(NETWORK, weights=None, weights_backbone=None, num_classes=2)
    path = tmp_path_factory.mktemp("weights") / "persons.pth"
    torch.save(network.state_dict(), path)
    return path


@pytest.mark.long
def test_a_network_finds_what_torchvision_finds(weights: Path) -> None:
    import torch
    from torchvision.models import get_model

    from models.detection.persons import TorchvisionDetector

    network = get_model(NETWORK, weights=None, weights_backbone=None, num_classes=2)
    network.load_state_dict(torch.load(weights, weights_only=True))
    picture = np.random.default_rng(1).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    with torch.inference_mode():
        [found] = network.eval()([torch.tensor(picture).permute(2, 0, 1) / 255])
    boxes = (found["boxes"] / torch.tensor([160, 120, 160, 120])).clamp(0, 1)
    expected = [
        (tuple(round(c, 4) for c in b), s)
        for b, s in zip(boxes.tolist(), found["scores"].tolist(), strict=True)
    ]
    got = TorchvisionDetector(NETWORK, weights).find(picture)
    assert len(got) > 0
    assert [(tuple(one.corners), one.score) for one in got] == expected


def lively(name: str, num_classes: int, path: Path):
    """Return torchvision's network with weights by lot that find something, as in `path`."""
    import torch
    from torchvision.models import get_model

    torch.manual_seed(1)
    network = get_model(name, weights=None, weights_backbone=None, num_classes=num_classes)
    for part in network.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.running_var = torch.rand_like(part.running_var) * 0.02 + 1e-4
            part.weight.data = torch.rand_like(part.weight) * 0.05 + 0.01
    for key, value in network.named_parameters():
        if key.endswith(("cls_logits.bias", "cls_score.bias", "bbox_ctrness.bias")):
            value.data = torch.zeros_like(value)
        if key.endswith("cls_score.bias"):
            value.data[1] = 4.0
    torch.save(network.state_dict(), path)
    return network.eval()


def check_equal_to_torchvision(theirs, name: str, path: Path, person: int) -> None:
    """Hold what we find on a picture against what torchvision finds, box by box."""
    import torch

    from models.detection.persons import TorchvisionDetector

    picture = np.random.default_rng(1).integers(0, 256, (64, 96, 3), dtype=np.uint8)
    theirs.transform.min_size = (96,)
    ours = TorchvisionDetector(name, path)
    ours._network.transform.min_size = (96,)
    with torch.inference_mode():
        [found] = theirs([torch.tensor(picture).permute(2, 0, 1) / 255])
    of_persons = found["labels"] == person
    assert of_persons.any()
    expected = (found["boxes"][of_persons] / torch.tensor([96, 64, 96, 64])).clamp(0, 1)
    scores = found["scores"][of_persons].tolist()
    whole = [
        (box, score)
        for box, score in zip(expected.tolist(), scores, strict=True)
        if round(box[0], 4) < round(box[2], 4) and round(box[1], 4) < round(box[3], 4)
    ]
    got = ours.find(picture)
    assert [one.score for one in got] == [score for _, score in whole]
    for one, (box, _) in zip(got, whole, strict=True):
        assert tuple(one.corners) == pytest.approx(box, abs=1e-4)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "num_classes"),
    [
        ("fasterrcnn_resnet50_fpn", 91),
        ("fasterrcnn_resnet50_fpn_v2", 2),
        ("fasterrcnn_mobilenet_v3_large_fpn", 91),
        ("retinanet_resnet50_fpn", 2),
        ("retinanet_resnet50_fpn_v2", 91),
        ("fcos_resnet50_fpn", 91),
    ],
)
def test_each_of_torchvisions_networks_finds_what_it_finds_there(name, num_classes, tmp_path):
    path = tmp_path / "weights.pth"
    check_equal_to_torchvision(lively(name, num_classes, path), name, path, person=1)


@pytest.mark.few("fcos_resnet50_fpn")
@pytest.mark.parametrize("name", ["retinanet_resnet50_fpn", "fcos_resnet50_fpn"])
def test_a_network_that_knows_persons_alone_finds_them(name: str, tmp_path: Path) -> None:
    path = tmp_path / "persons.pth"
    check_equal_to_torchvision(lively(name, 1, path), name, path, person=0)


@pytest.mark.long
@pytest.mark.parametrize("name", ["fasterrcnn_resnet50_fpn", "retinanet_resnet50_fpn"])
def test_torchvisions_own_first_weights_have_no_eps(name, tmp_path, monkeypatch) -> None:
    """Whoever fetched them by the browser has the file, and not torchvision's word for it."""
    import hashlib
    from types import SimpleNamespace

    import torch

    from models.detection import persons

    path = tmp_path / "own.pth"
    theirs = lively(name, 91, path)
    for part in theirs.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            part.eps = 0.0
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    asked = []

    def own_weights(network: str, which: str):
        asked.append((network, which))
        return SimpleNamespace(url=f"https://there/{name}_coco-{digest}.pth")

    monkeypatch.setattr(persons, "own_weights", own_weights)
    check_equal_to_torchvision(theirs, name, path, person=1)
    assert asked == [(name, "COCO_V1")]


def test_the_stage_runs_a_network(weights: Path, films, draw_scene) -> None:
    films.draw("room", draw_scene(5, [RED]))
    settings = f'[detect]\ndetector = "{NETWORK}"\nweights = "{weights}"\nmin_score = 0.0\n'
    films.set(settings + "keep_score = 0.0\n")
    films.collect()
    assert {origin for (origin,) in films.rows(DetectedBox, "origin")} == {NETWORK}
    assert len(films.rows(PersonBox, "id")) == len(films.rows(DetectedBox, "id"))


def test_weights_that_do_not_fit_are_told(weights: Path, tmp_path: Path) -> None:
    from models.detection.persons import TorchvisionDetector, own_weights

    with pytest.raises(ModelError, match="There are: hog, trained, fasterrcnn_mobilenet"):
        TorchvisionDetector("fasterrcnn_resnet5", weights)
    with pytest.raises(ModelError, match="these are no weights of fcos_resnet50_fpn"):
        TorchvisionDetector("fcos_resnet50_fpn", weights)
    with pytest.raises(ModelError, match="does not fit fasterrcnn_resnet50_fpn"):
        TorchvisionDetector("fasterrcnn_resnet50_fpn", weights)
    (tmp_path / "words.pth").write_text("no weights")
    with pytest.raises(ModelError, match=r"words\.pth: cannot be read as weights"):
        TorchvisionDetector(NETWORK, tmp_path / "words.pth")
    with pytest.raises(ModelError, match="There are: COCO_V1"):
        own_weights(NETWORK, "COCO_V7")


def test_stills_are_what_is_searched(given, monkeypatch) -> None:
    """A still that somebody painted over is another still: the film is read again first."""
    given(*rows_of("room", range(2, 6)))
    still = next(given.films.workspace.stills.glob("*/0003.jpg"))
    Image.new("RGB", (160, 120)).save(still)
    report = given.films.collect()
    assert [one.num_new for one in report.stages] == [0, 0, 0, 1, 0, 0]
    assert np.asarray(Image.open(still)).mean() > 20


def test_what_persons_do_is_taken_from_a_file_and_anew_from_another(given) -> None:
    rows = rows_of("room", range(2, 6))
    given(*rows, row("room", 2, 18.0, 0, action=80))

    def done() -> list[tuple]:
        with reading(given.films.workspace.engine) as session:
            columns = DetectedBox.id, DetectedBox.given_person, DetectedBox.given_actions
            found = session.execute(select(*columns).order_by(DetectedBox.id)).all()
            return [(number, person, tuple(actions)) for number, person, actions in found]

    before = done()
    assert sorted((person, actions) for _, person, actions in before) == sorted(
        [(0, (12, 80)), *[(0, (12,))] * 3, *[(1, (12,))] * 4]
    )
    given(*(one.replace(",12,", ",11,") for one in rows))
    after = done()
    assert [one[:2] for one in after] == [one[:2] for one in before], "the same boxes"
    assert {actions for *_, actions in after} == {(11,)}


@pytest.mark.parametrize(
    ("labels", "actions", "words"),
    [
        pytest.param(["stand", "Walk"], {(12,), (14,)}, None, id="names need no number"),
        pytest.param([f"stand, {TALKS}"], {(12, 79)}, None, id="several in one text"),
        pytest.param(
            ["carry/hold (an object)"], {(17,)}, None, id="a name with brackets is one action"
        ),
        pytest.param(["person", "dancing on ice"], {()}, None, id="of a file without actions"),
        pytest.param(
            ["stand", "yodel", "yodel"],
            {(12,), ()},
            "2 labels of boxes are no actions of the vocabulary .*: 2 of yodel",
            id="what is no action is told of",
        ),
    ],
)
def test_labels_that_are_actions_are_what_persons_do(
    tmp_path: Path, labels: list[str], actions: set[tuple[int, ...]], words: str | None
) -> None:
    boxes = [
        Box("room", float(second), 0.1, 0.1, 0.4, 0.9, label=label)
        for second, label in enumerate(labels, 2)
    ]
    one, path, told = find_format("cvat-video"), tmp_path / "tracks", []
    options = Options(frame_size=(160, 120), frames_per_second=10.0)
    one.write(path, boxes, options, Problems(path, on_error=None))
    file = BoxesFile(path=path, format="cvat-video", options=options)
    found = read_boxes(file, actions=ava_vocabulary(), on_warning=told.append)
    assert {one.actions for one in found} == actions
    of_labels = [problem.message for problem in told if "labels of boxes" in problem.message]
    assert len(of_labels) == (words is not None)
    assert words is None or re.search(words, of_labels[0])
