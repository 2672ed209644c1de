"""Boxes of a file are held against the films' frames: another shape, a turned film, a copy."""

import re
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from kinetics_builder.database.tables import DetectedBox, GivenBox, GivenSize, Gold
from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.pixels import Corners
from kinetics_builder.formats.boxes.sizes import Ends, fit, smaller_size
from kinetics_builder.formats.format import Options
from kinetics_builder.formats.problems import Problem, Problems
from kinetics_builder.formats.records import Box
from kinetics_builder.formats.registry import find_format
from pipelines.ava.boxes_file import BoxesFile
from pipelines.ava.detecting import BoxesTold
from pipelines.cli import group
from tests.pipelines.ava.test_render import turn

RED, BLUE = ((230, 20, 20), 10, 4.0), ((20, 20, 230), 120, -4.0)
STATING = ["cvat-video", "cvat-images", "coco", "mot", "datumaro-boxes"]
"""Formats whose files say how large frames are."""
SILENT = ["via2", "via3"]
"""Formats in pixels that do not: it is given."""
WIDE, SMALL, LARGE = (160, 90), (80, 60), (640, 480)
"""Another shape than that of the films here, which have 160 x 120; two sizes of that shape."""


def boxes_of(film: str) -> list[Box]:
    return [
        Box(film, float(second), 0.1, 0.3, 0.3, 0.9, 12, 1, None, "walk") for second in range(2, 6)
    ]


def written(folder: Path, form: str, size: tuple[int, int], film: str = "room") -> BoxesFile:
    """Write boxes as if they were drawn on frames of a size; return them as a person gives them."""
    one, path = find_format(form), folder / f"boxes-{form}-{size[0]}x{size[1]}.xml"
    assert one.write is not None
    options = Options(frame_size=size, frames_per_second=10.0)
    one.write(path, boxes_of(film), options, Problems(path, on_error=None))
    given = size if form in SILENT else None
    return BoxesFile(
        path=path, format=form, options=Options(frame_size=given, frames_per_second=10.0)
    )


@pytest.fixture
def room(films, draw_scene):
    films.draw("room", draw_scene(7, [RED, BLUE]))
    return films


def kbuild(films, *arguments: object) -> Result:
    return CliRunner().invoke(group, ["-C", str(films.workspace.root), *map(str, arguments)])


@pytest.mark.parametrize("form", [*STATING, *SILENT])
def test_boxes_drawn_on_another_shape_are_refused_with_place_and_remedy(
    room, tmp_path: Path, form: str
) -> None:
    file = written(tmp_path, form, WIDE)
    message = (
        r"frames of 160 x 90 are stated for room, and the film's are 160 x 120: of another shape"
        r".*say --stretched\. Nothing was written\."
    )
    with pytest.raises(FormatError, match=message) as told:
        room.collect(boxes=BoxesTold(file=file))
    assert "\n" not in str(told.value) and str(file.path) in str(told.value)
    assert room.rows(DetectedBox, "id") == []


@pytest.mark.few("size1")
@pytest.mark.parametrize("form", [*STATING, *SILENT])
@pytest.mark.parametrize("size", [SMALL, LARGE, (160, 120)])
def test_boxes_drawn_on_a_copy_of_the_same_shape_are_taken_as_shares(
    room, tmp_path: Path, form: str, size: tuple[int, int]
) -> None:
    told: list[Problem] = []
    room.collect(boxes=BoxesTold(file=written(tmp_path, form, size)), on_warning=told.append)
    assert room.rows(DetectedBox, "x1", "y2") == [(0.1, 0.9)] * 4
    said = [str(one) for one in told if "another size" in str(one)]
    assert len(said) == (size != (160, 120))
    if said:
        expected = f"such as {size[0]} x {size[1]} for room of 160 x 120: of the same shape"
        assert expected in said[0]


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ("cvat-video", r"boxes-cvat-video-160x90\.xml:\d+: "),
        ("cvat-images", r"boxes-cvat-images-160x90\.xml:\d+: room/room_000021\.jpg: "),
        ("coco", r"boxes-coco-160x90\.xml: image 1: "),
        ("mot", r"boxes-mot-160x90\.xml/room/seqinfo\.ini: "),
        ("datumaro-boxes", r"default\.json: room/0002: "),
        ("via2", r"--frame-size, for .*boxes-via2-160x90\.xml: "),
    ],
)
def test_the_row_that_states_the_size_is_named(room, tmp_path: Path, form, place) -> None:
    with pytest.raises(FormatError, match=place):
        room.collect(boxes=BoxesTold(file=written(tmp_path, form, WIDE)))


def test_whoever_says_that_pictures_were_stretched_is_believed(room, tmp_path: Path) -> None:
    file = written(tmp_path, "coco", WIDE)
    arguments = ("--boxes", file.path, "--format", "coco", "--fps", 10)
    room.collect(boxes=BoxesTold(file=written(tmp_path, "coco", SMALL)))
    assert "of another shape" in kbuild(room, "ava", "detect", *arguments).output
    result = kbuild(room, "ava", "detect", *arguments, "--stretched")
    assert result.exit_code == 0, result.output
    assert room.rows(GivenSize, "film") == []


def test_a_file_that_is_refused_leaves_the_one_before_it(room, tmp_path: Path) -> None:
    room.collect(boxes=BoxesTold(file=written(tmp_path, "coco", SMALL)))
    before = room.rows(GivenBox, "id", "x1"), room.rows(GivenSize, "width", "place")
    wide, other = written(tmp_path, "coco", WIDE), written(tmp_path, "coco", LARGE, "nobody")
    for file, said in ((wide, "of another shape"), (other, "is of other films")):
        told = ("--boxes", file.path, "--format", "coco", "--fps", 10)
        result = kbuild(room, "ava", "detect", *told)
        assert result.exit_code == 1 and said in result.output
        assert (room.rows(GivenBox, "id", "x1"), room.rows(GivenSize, "width", "place")) == before
    assert kbuild(room, "ava", "detect").exit_code == 0


@pytest.mark.parametrize("kind", ["boxes", "links", "actions", "verification"])
def test_gold_is_held_against_the_films_too(room, tmp_path: Path, kind: str) -> None:
    room.collect(boxes=BoxesTold(file=written(tmp_path, "coco", SMALL)))
    told = ("--kind", kind, "--format", "coco", "--fps", 10)
    wrong = kbuild(room, "gold", written(tmp_path, "coco", WIDE).path, *told)
    assert wrong.exit_code == 1 and "frames of 160 x 90 are stated for room" in wrong.output
    assert room.rows(Gold, "id") == []
    stretched = kbuild(room, "gold", tmp_path / "boxes-coco-160x90.xml", *told, "--stretched")
    assert "frames of 160 x 90" not in stretched.output


@pytest.mark.parametrize("form", ["coco", "mot", "yolo"])
def test_gold_comes_from_any_format_and_knows_films_by_their_files(room, tmp_path, form) -> None:
    room.collect(boxes=BoxesTold(file=written(tmp_path, "coco", SMALL)))
    gold = written(tmp_path, form, (160, 120)).path
    result = kbuild(room, "gold", gold, "--kind", "boxes", "--format", form, "--fps", 10)
    assert result.exit_code == 0, result.output
    assert "4 new gold key frames with 4 boxes" in result.output


def test_gold_of_actions_is_told_by_their_names(room, tmp_path: Path) -> None:
    room.collect(boxes=BoxesTold(file=written(tmp_path, "coco", SMALL)))
    told = ("--kind", "actions", "--format", "coco", "--fps", 10)
    result = kbuild(room, "gold", written(tmp_path, "coco", LARGE).path, *told)
    assert result.exit_code == 0, result.output
    assert "4 new gold questions, 0 of them boxes that show nobody" in result.output


def test_a_detector_does_not_learn_from_boxes_of_another_shape(room, tmp_path: Path) -> None:
    room.collect(boxes=BoxesTold(file=written(tmp_path, "coco", SMALL)))
    told = ("--boxes", written(tmp_path, "coco", WIDE).path, "--format", "coco", "--fps", 10)
    for media in ((), ("--media", room.folder)):
        result = kbuild(room, "train-detector", *told, *media)
        assert result.exit_code == 1 and "frames of 160 x 90" in result.output, result.output
    assert not (room.workspace.root / "detector.pt").exists()


@pytest.mark.parametrize("command", ["render", "view"])
def test_boxes_of_another_shape_are_drawn_on_no_film(room, tmp_path: Path, command: str) -> None:
    film, out = room.folder / "room.mkv", tmp_path / "out"
    file = written(tmp_path, "coco", WIDE).path
    told = ("--truth", file, "--truth-format", "coco", "--fps", 10)
    result = kbuild(room, "ava", command, film, out, *told)
    assert result.exit_code == 1 and "frames of 160 x 90 are stated for room" in result.output
    assert not out.exists()


def grey_film(path: Path, width: int, height: int, *, pixel: Fraction = Fraction(1)) -> Path:
    """Write a film of 7 s whose pixels have an aspect."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"g": "20"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.sample_aspect_ratio = pixel
        for number in range(70):
            picture = np.full((height, width, 3), 60 + number, np.uint8)
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def test_boxes_drawn_before_a_film_was_turned_are_told_as_such(films, tmp_path: Path) -> None:
    turn(grey_film(films.folder / "room.mp4", 160, 120))
    with pytest.raises(FormatError, match=r"the film's are 120 x 160.* before the film was turned"):
        films.collect(boxes=BoxesTold(file=written(tmp_path, "cvat-video", (160, 120))))
    films.collect(boxes=BoxesTold(file=written(tmp_path, "cvat-video", (60, 80))))
    assert len(films.rows(DetectedBox, "id")) == 4


def test_a_film_whose_pixels_are_not_square_has_two_shapes(films, tmp_path: Path) -> None:
    grey_film(films.folder / "room.mkv", 120, 120, pixel=Fraction(4, 3))
    for size in ((120, 120), (640, 480)):
        films.collect(boxes=BoxesTold(file=written(tmp_path, "coco", size)))
    with pytest.raises(FormatError, match="of another shape"):
        films.collect(boxes=BoxesTold(file=written(tmp_path, "coco", WIDE)))


def test_boxes_that_all_end_at_the_edges_of_a_smaller_picture_are_told(films, draw_scene) -> None:
    """The film is four times as large: 640 x 480, and boxes were drawn on 320 x 240 of it."""
    films.draw("room", [np.kron(p, np.ones((4, 4, 1), np.uint8)) for p in draw_scene(7, [RED])])
    path = films.folder.parent / "room.txt"
    told: list[Problem] = []
    for person, box in enumerate([(200, 100, 320, 240), (20, 100, 60, 240)]):
        x1, y1, x2, y2 = box
        with path.open("a") as file:
            for second in range(2, 6):
                cells = (10 * second + 1, person, x1 + 1, y1 + 1, x2 - x1, y2 - y1, 1)
                file.write(f"{','.join(map(str, cells))}\n")
    options = Options(frame_size=(640, 480), frames_per_second=10.0)
    file = BoxesFile(path=path, format="mot", options=options)
    films.collect(boxes=BoxesTold(file=file), on_warning=told.append)
    [said] = [str(one) for one in told]
    assert "no box of room reaches beyond the upper left 320 x 240 of its 640 x 480 pixels" in said
    assert "4 end exactly there: were they drawn on frames of 320 x 240" in said


@pytest.mark.parametrize(
    ("ends", "found"),
    [
        pytest.param(Ends(1280 / 1920, 3, 720 / 1080, 3), (1280, 720), id="at both edges"),
        pytest.param(Ends(1279 / 1920, 3, 719 / 1080, 9), (1280, 720), id="at the last pixels"),
        pytest.param(Ends(0.667, 3, 0.667, 3), (1280, 720), id="to three decimals"),
        pytest.param(Ends(640 / 1920, 4, 480 / 1080, 4), (640, 480), id="of another shape"),
        pytest.param(Ends(1280 / 1920, 3, 700 / 1080, 3), None, id="at one edge alone"),
        pytest.param(Ends(1280 / 1920, 2, 720 / 1080, 9), None, id="too few"),
        pytest.param(Ends(1270 / 1920, 5, 715 / 1080, 9), None, id="beside the edges"),
        pytest.param(Ends(1.0, 5, 1.0, 9), None, id="of the film's own size"),
    ],
)
def test_a_smaller_picture_is_told_by_its_edges_alone(ends: Ends, found) -> None:
    assert smaller_size(ends, (1920, 1080)) == found


@pytest.mark.parametrize(
    ("stated", "film", "has_shape"),
    [
        ((1280, 720), (1920, 1080), True),
        ((854, 480), (1920, 1080), True),
        ((853, 480), (1920, 1080), True),
        ((848, 480), (1920, 1080), True),
        ((1920, 1088), (1920, 1080), True),
        ((32, 18), (1920, 1080), True),
        ((1920, 1080), (1080, 1920), False),
        ((1920, 1200), (1920, 1080), False),
        ((1920, 800), (1920, 1080), False),
        ((640, 480), (1920, 1080), False),
        ((640, 640), (1920, 1080), False),
    ],
)
def test_shapes_are_equal_to_a_hundredth_and_to_a_pixel(stated, film, has_shape: bool) -> None:
    assert fit(stated, [film]).has_shape is has_shape


def test_a_size_in_the_metadata_of_shares_is_held_against_the_film_too(room, tmp_path) -> None:
    file = written(tmp_path, "fiftyone-detections", WIDE)
    [labels] = file.path.glob("labels/*.json")
    text = labels.read_text()
    assert '"frame_rate"' in text
    labels.write_text(re.sub(r'("frame_rate")', r'"frame_size": [160, 90], \1', text, count=1))
    with pytest.raises(FormatError, match=r"metadata\.frame_size: frames of 160 x 90"):
        room.collect(boxes=BoxesTold(file=file))


@pytest.mark.parametrize("is_beside", [False, True])
def test_pictures_that_lie_at_the_labels_of_shares_say_their_size(
    room, tmp_path, is_beside: bool
) -> None:
    file = written(tmp_path, "yolo", WIDE)
    labels = sorted(file.path.glob("labels/**/*.txt"))
    place = labels[1].parent
    folder = place if is_beside else file.path / "images" / place.relative_to(file.path / "labels")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{labels[0].stem}.png").write_bytes(b"no picture")
    turned = Image.new("RGB", (90, 160))
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(folder / f"{labels[1].stem}.jpg", exif=exif)
    with pytest.raises(FormatError, match=rf"{labels[1].stem}\.jpg: frames of 160 x 90"):
        room.collect(boxes=BoxesTold(file=file))


def test_shares_that_state_no_size_are_taken_as_they_stand(room, tmp_path: Path) -> None:
    for form in ("ava", "yolo"):
        room.collect(boxes=BoxesTold(file=written(tmp_path, form, WIDE)))
        assert room.rows(GivenSize, "film") == []
    assert Corners(*room.rows(DetectedBox, "x1", "y1", "x2", "y2")[0]) == (0.1, 0.3, 0.3, 0.9)
