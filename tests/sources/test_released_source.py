"""The videos of a released file as candidates: their labels are given, and nobody is asked."""

from pathlib import Path

import pytest

from kinetics_builder.config import DownloadConfig
from kinetics_builder.errors import SourceError
from pipelines.collecting.search import search, site_asked
from pipelines.sources.source import Asked, Request
from pipelines.sources.spec import open_source

HEADER = "label,youtube_id,time_start,time_end,split\n"
ASKED = [Asked("yoga", "yoga"), Asked("yoga", "hatha"), Asked("bowling", "bowling")]


def requests(file: Path) -> list[Request]:
    return list(open_source(f"released:{file}", DownloadConfig()).requests(ASKED))


def test_each_video_is_a_candidate_once_for_each_of_its_labels(tmp_path: Path) -> None:
    file = tmp_path / "train.csv"
    file.write_text(
        f"{HEADER}yoga,SOX5yA1l24A,1,11,train\nyoga,SOX5yA1l24A,20,30,train\n"
        "Bowling,SOX5yA1l24A,40,50,train\nskiing,dQw4w9WgXcQ,0,10,train\nyoga,#NAME?,0,10,train\n"
    )
    found = requests(file)
    assert [(one.label, one.is_given) for one in found] == [("yoga", True), ("bowling", True)]
    source = open_source(f"released:{file}", DownloadConfig())
    (video,) = search(found[0], source=source, limit=50)
    assert (video.video_id, video.url) == (
        "SOX5yA1l24A",
        "https://www.youtube.com/watch?v=SOX5yA1l24A",
    )
    assert site_asked(found[0], spec=f"released:{file}", config=DownloadConfig()) == ""
    assert found[0].said == "train.csv: 1 of its classes are not in the list of classes"


def test_without_labels_the_site_is_asked_for_titles(tmp_path: Path) -> None:
    file = tmp_path / "test.csv"
    file.write_text("youtube_id,time_start,time_end,split\nSOX5yA1l24A,1,11,test\n")
    (request,) = requests(file)
    assert (request.label, request.known) == (None, None)
    asked = site_asked(request, spec=f"released:{file}", config=DownloadConfig())
    assert asked == "youtube"


def test_the_files_of_kinetics_are_read(shared: Path) -> None:
    found = requests(next(shared.glob("kinetics/*400*val*.csv")))
    assert {one.label for one in found} == {"yoga", "bowling"}
    assert 90 <= len(found) <= 100


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param("none.csv", None, "is not there", id="missing"),
        pytest.param("a.csv", "a,b\n1,2\n", "no format that names videos can read it", id="other"),
        pytest.param(
            "a.csv",
            f"{HEADER}skiing,SOX5yA1l24A,1,11,train\n",
            "none of its 1 classes",
            id="labels",
        ),
        pytest.param(
            "ava_val.csv",
            "SOX5yA1l24A,0902,0.1,0.1,0.5,0.5,12,0\n",
            "key frames of films",
            id="ava",
        ),
    ],
)
def test_what_holds_no_candidates_is_refused_in_one_line(
    tmp_path: Path, name: str, text: str | None, message: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    (request,) = requests(tmp_path / name)
    assert request.refusal is not None and message in request.refusal
    source = open_source(f"released:{tmp_path / name}", DownloadConfig())
    with pytest.raises(SourceError):
        search(request, source=source, limit=1)
