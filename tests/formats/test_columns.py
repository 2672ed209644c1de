"""AVA's files as columns: the quick way and the exact way are one."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.errors import FormatError
from kinetics_builder.formats.boxes.ava import chunked_columns, fast_columns
from kinetics_builder.formats.boxes.ava import columns as module
from kinetics_builder.formats.boxes.ava.columns import BoxColumns, read_columns
from kinetics_builder.formats.boxes.ava.fast_columns import NotPlain, read_fast
from kinetics_builder.formats.boxes.ava.uniform_columns import NotUniform
from kinetics_builder.formats.problems import Problem, Problems

Told = list[Problem]
GOOD = "a,0902,0.1,0.2,0.3,0.4,12,0.5\n"


def taken(path: Path, *, has_scores: bool = True) -> tuple[BoxColumns, Told]:
    told: Told = []
    problems = Problems(path, on_error=told.append, on_warning=told.append)
    return read_columns(path, problems, has_scores=has_scores), told


def exactly(path: Path, *, has_scores: bool = True) -> tuple[BoxColumns, Told]:
    def refuse(*_: object) -> None:
        raise NotPlain

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_columns, "read_fast", refuse)
        return taken(path, has_scores=has_scores)


def chunked(path: Path, *, has_scores: bool = True) -> tuple[BoxColumns, Told]:
    """Return what pandas' parser gives, if it takes the file."""

    def refuse(*_: object) -> None:
        raise NotUniform

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fast_columns, "read_uniform", refuse)
        return taken(path, has_scores=has_scores)


def assert_same(found: tuple[BoxColumns, Told], expected: tuple[BoxColumns, Told]) -> None:
    assert found[1] == expected[1]
    assert found[0].videos == expected[0].videos
    for name in BoxColumns.__dataclass_fields__:
        if name != "videos":
            first, second = getattr(found[0], name), getattr(expected[0], name)
            assert first.dtype == second.dtype, name
            np.testing.assert_array_equal(first, second, name)


@pytest.fixture
def is_fast(monkeypatch: pytest.MonkeyPatch) -> Callable[[], bool]:
    """Whether the last file went the quick way."""
    ways = [False]

    def spy(*given: object) -> object:
        ways[0] = False
        found = read_fast(*given)  # type: ignore[arg-type]  # passed through
        ways[0] = True
        return found

    monkeypatch.setattr(fast_columns, "read_fast", spy)
    return lambda: ways[0]


def test_the_official_rows_come_the_quick_way_as_the_exact_one(shared: Path, is_fast) -> None:
    path = shared / "ava" / "ava_val_v2.1_head27163.csv.gz"
    found = taken(path, has_scores=False)
    assert is_fast()
    assert_same(found, exactly(path, has_scores=False))
    assert (len(found[0].video_N), len(found[0].videos), found[1]) == (27163, 8, [])


def test_real_detections_come_the_quick_way_as_the_exact_one(shared: Path, is_fast) -> None:
    path = shared / "evaluation" / "ava_eight_videos" / "detections.csv.gz"
    found = taken(path)
    assert is_fast()
    assert_same(found, exactly(path))
    assert len(found[0].video_N) == 31140


numbers = st.sampled_from(["0", "0.25", "1", "1.001", "-0.0", "-1", "3e-05", " 0.5", "1_0"])
texts = st.sampled_from(
    ["nan", "inf", "", "x", "True", "1e999", "12.0", '"0.5"', "0\0.5", "\u0661"]
)
cell = st.one_of(numbers, numbers, numbers, texts)
rows = st.one_of(
    st.tuples(
        st.sampled_from(["a", "b", "", "tr,T", '"a"', "ü", "\udcff"]),
        st.sampled_from(["0902", "902", "903.0000005", "-1", "nan"]),
        *([cell] * 4),
        st.sampled_from(["1", "12", "12.0", "-1", "x", "3000000000"]),
        cell,
    ).map(",".join),
    st.just("a,0902,0.1,0.2,0.3,0.4,12,7"),
    st.just("a,0902,0.1,0.2,0.3,0.4,12"),
    st.just("a,0902,0,0.5,0.25,0.75,12,8"),
    st.just("a,0902,-0.0,0.5,0.25,0.75,12,8"),
    st.just("a,0902"),
    st.just(""),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(rows, min_size=1, max_size=6), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_both_ways_agree_on_whatever_a_file_holds(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], has_scores: bool, end: str
) -> None:
    path = tmp_path_factory.mktemp("columns") / "some.csv"
    path.write_bytes(("b,1,0,0,1,1,1,1\n" + end.join(lines)).encode(errors="surrogateescape"))
    found, expected = taken(path, has_scores=has_scores), exactly(path, has_scores=has_scores)
    assert_same(found, expected)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from(["902", "903", "903.000000"]),
            st.sampled_from(["0.1", "0.10", "0.9", "1.1", "0", "-0"]),
            st.sampled_from(["1", "2"]),
        ),
        min_size=1,
        max_size=12,
    ),
    st.booleans(),
    st.booleans(),
)
def test_plain_rows_with_oddities_go_the_quick_way(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple], has_scores: bool, is_wide: bool
) -> None:
    path = tmp_path_factory.mktemp("columns") / "odd.csv"
    lines = [f"{v},{t},{x},0.2,0.9,0.3,{a}{',1' * is_wide}" for v, t, x, a in rows]
    path.write_text("\n".join(lines))
    is_inverted = any(x == "1.1" for _, _, x, _ in rows) and not has_scores
    expected = exactly(path, has_scores=has_scores)
    assert_same(taken(path, has_scores=has_scores), expected)
    assert_same(chunked(path, has_scores=has_scores), expected)
    layout = module.DETECTIONS if has_scores else module.GROUND_TRUTH
    if is_inverted:
        with pytest.raises(NotPlain):
            read_fast(path, Problems(path), layout)
    else:
        read_fast(path, Problems(path), layout)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.just("a,0902"),
            st.just("b,903.5"),
            st.just("a,0902,0.1,0.2,0.3,0.4,12,7"),
            st.just("b,903.5,0.1,0.2,1.3,0.4,12,8"),
        ),
        max_size=8,
    ),
    st.integers(1, 4),
    st.booleans(),
)
def test_key_frames_without_a_box_go_the_quick_way(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], chunk: int, has_scores: bool
) -> None:
    path = tmp_path_factory.mktemp("columns") / "empty.csv"
    path.write_text("\n".join(["a,0902", *lines, "c,904,0,0,1,1,1,1"]))
    layout = module.DETECTIONS if has_scores else module.GROUND_TRUTH
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunked_columns, "CHUNK", chunk)
        read_fast(path, Problems(path), layout)
        found = taken(path, has_scores=has_scores)
    assert_same(found, exactly(path, has_scores=has_scores))


@pytest.mark.parametrize("row", ["a,0902,,,,,,", "a,0902,,,,,", "a,0902,", "a,0902,,,,,,7"])
def test_empty_cells_are_no_key_frame_without_a_box(row: str, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text(f"{GOOD}{row}\n{GOOD}b,903\n")
    found = taken(path)
    assert_same(found, exactly(path))
    assert [str(problem.line) for problem in found[1] if problem.severity == "error"] == ["2"]


def test_columns_say_what_the_rows_say(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("b,903.25\n" + GOOD + "\nc,0.0000005,0.1,0.2,0.3,0.4,7\n")
    found, told = taken(path)
    assert found.videos == ["b", "a", "c"]
    assert found.video_N.tolist() == [1, 2]
    assert found.microseconds_N.tolist() == [902_000_000, 0]  # half a microsecond falls to even
    assert found.boxes_N4.tolist() == [[0.1, 0.2, 0.3, 0.4]] * 2
    assert found.action_N.tolist() == [12, 7]
    assert found.value_N.tolist() == [0.5, 1.0]
    assert found.line_N.tolist() == [2, 4]
    assert (found.empty_video_M.tolist(), found.empty_microseconds_M.tolist()) == ([0], [903250000])
    assert [str(one) for one in told] == [
        f"{path}:4: found no score; the official evaluator takes it as 1.0"
    ]


def test_a_person_is_a_number_or_nobody(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("a,902,0,0,1,1,1,7\n")
    assert taken(path, has_scores=False)[0].value_N.tolist() == [7.0]
    path.write_text("a,902,0,0,1,1,1\n")
    assert np.isnan(taken(path, has_scores=False)[0].value_N).all()


def test_a_bad_row_is_told_of_and_hides_no_good_one(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text(GOOD + "a,0902,0.1,0.2,0.3,0.4,12,nan\n" + GOOD)
    found, told = taken(path)
    assert found.line_N.tolist() == [1, 3]
    assert [str(one) for one in told] == [
        f"{path}:2: expected a number as score, found nan, in "
        "['a', '0902', '0.1', '0.2', '0.3', '0.4', '12', 'nan']",
        f"{path}:3: the same row stands here twice; the official evaluator counts both",
    ]


def test_an_empty_file_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("\n")
    with pytest.raises(FormatError, match=r"empty\.csv: the file is empty"):
        taken(path)


def test_gzip_marks_and_encodings_do_not_hurt(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    plain = (GOOD * 3).encode()
    for data in (b"\xef\xbb\xbf" + plain, gzip.compress(plain), GOOD.encode("utf-16")):
        path.write_bytes(data)
        assert taken(path)[0].videos == ["a"]
    path.write_bytes(gzip.compress(plain)[:-9])
    with pytest.raises(FormatError, match="the gzip file is broken or cut off"):
        taken(path)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=50))
def test_scores_are_read_to_the_last_bit(
    tmp_path_factory: pytest.TempPathFactory, scores: list[float]
) -> None:
    path = tmp_path_factory.mktemp("columns") / "some.csv"
    path.write_text("".join(f"a,{n},0,0,1,1,1,{score!r}\n" for n, score in enumerate(scores)))
    found = read_fast(path, Problems(path), module.DETECTIONS)
    assert found["value_N"].tolist() == scores


@pytest.mark.parametrize("row", [GOOD.replace("\n", ",x\n"), GOOD[:-5] + "\n"])
def test_a_row_too_long_or_too_short_in_a_later_chunk_is_told_of(
    row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunked_columns, "CHUNK", 2)
    path = tmp_path / "a.csv"
    path.write_text(GOOD * 2 + row.replace("a,", "b,") + GOOD)
    found = taken(path)
    assert_same(found, exactly(path))
    assert [problem.line for problem in found[1] if "twice" not in problem.message] == [3]
