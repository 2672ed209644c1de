from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from kinetics_builder.ava.actions import ActionType
from kinetics_builder.ava.vocabulary import ava_vocabulary
from kinetics_builder.intervals import Interval
from kinetics_builder.video.cutting.stills import read_stills
from kinetics_builder.video.finding.shots import ShotFinder
from pipelines.demo.ava.film import Film, layers_of, pictures, random_film
from pipelines.demo.ava.moves import MOVES
from pipelines.demo.ava.scenes import SCENES, SCREEN_HEIGHT, SCREEN_WIDTH, random_scene
from pipelines.demo.ava.truth import FilmTruth, read_truths, shown_at, truth_of, write_truths
from pipelines.demo.ava.world import build_films, file_of, make_file, publish_films
from pipelines.demo.drawing.acting import FRAMES_PER_SECOND
from pipelines.demo.drawing.painter import Placement
from pipelines.sources.folder import FolderSource

every_scene = pytest.mark.parametrize("name", SCENES)


@pytest.fixture(scope="module")
def films() -> list[Film]:
    return build_films(seed=3, num_films=4, least_seconds=30)


@pytest.fixture(scope="module")
def truths(films: list[Film]) -> list[FilmTruth]:
    return [truth_of(film) for film in films]


def one_scene(name: str, seed: int) -> Film:
    film = random_film("f", seed, 0.1)
    rng = np.random.default_rng(seed)
    scene = random_scene(rng, range(len(film.cast)), name)
    return Film("f", seed, film.cast, (scene,))


def test_equal_seeds_make_equal_bytes_and_others_differ(tmp_path: Path) -> None:
    first, again, other = tmp_path / "first", tmp_path / "again", tmp_path / "other"
    for folder, seed in ((first, 3), (again, 3), (other, 4)):
        [film] = build_films(seed, 1, least_seconds=4)
        folder.mkdir()
        make_file(folder, film)
        write_truths(folder / "truth.json", [truth_of(film)])
    [mine], [copy], [another] = (list(place.glob("*.mp4")) for place in (first, again, other))
    assert mine.read_bytes() == copy.read_bytes() != another.read_bytes()
    texts = [(place / "truth.json").read_bytes() for place in (first, again, other)]
    assert texts[0] == texts[1] != texts[2]
    assert read_truths(first / "truth.json") == [truth_of(build_films(3, 1, least_seconds=4)[0])]


def test_a_larger_world_begins_with_the_films_of_a_smaller_one(films: list[Film]) -> None:
    assert build_films(3, 6, 30)[:4] == films


@every_scene
def test_in_a_scene_nobody_jumps_and_each_has_one_beat_at_a_time(name: str) -> None:
    for seed in range(8):
        film = one_scene(name, seed)
        for part in film.scenes[0].parts:
            for beat, following in pairwise(part.beats):
                assert beat.first + beat.num_frames == following.first
                assert beat.x_to == following.x_from


@every_scene
def test_a_parcel_is_one_thing_that_jumps_only_where_its_bearer_turns_round(name: str) -> None:
    for seed in range(6):
        film = one_scene(name, seed)
        layers = layers_of(film, film.scenes[0])
        by_frame: dict[int, list[tuple[np.ndarray, Placement]]] = {}
        for layer in layers:
            if layer.who is not None or not is_parcel(layer.shapes):
                continue
            for index in range(layer.num_frames):
                points = layer.shapes[0].points_TP2
                here = layer.placement.to_pixels(points[min(index, len(points) - 1)])
                centre = here.mean(axis=0) - layer.shift_T2[index]
                by_frame.setdefault(layer.first + index, []).append((centre, layer.placement))
        assert all(len(found) == 1 for found in by_frame.values())
        for frame, [(centre, place)] in by_frame.items():
            [(following, other)] = by_frame.get(frame + 1, [(centre, place)])
            is_turned = place.mirrored != other.mirrored and place.height == other.height
            assert is_turned or np.abs(following - centre).max() < 14


def is_parcel(shapes: tuple) -> bool:
    return len(shapes) == 2 and shapes[0].form == "polygon"


def test_all_actions_are_of_the_vocabulary_and_the_first_alone_is_a_pose() -> None:
    for move in MOVES.values():
        types = [ava_vocabulary().of_name(name).type for name in move.actions]
        assert types[0] is ActionType.POSE
        assert ActionType.POSE not in types[1:]
        assert max(types.count(kind) for kind in (ActionType.OBJECT, ActionType.PERSON)) <= 3


def test_all_moves_are_played_in_some_film() -> None:
    films = build_films(0, 12, least_seconds=60)
    parts = [part for film in films for scene in film.scenes for part in scene.parts]
    assert {beat.move for part in parts for beat in part.beats} == set(MOVES)


def test_boxes_hold_the_shirts_that_the_encoded_film_shows(
    films: list[Film], truths: list[FilmTruth], tmp_path: Path
) -> None:
    """Boxes come from masks; that they are where people are, the file's own pixels say."""
    num_boxes = 0
    for film, truth in zip(films[:2], truths[:2], strict=True):
        make_file(tmp_path, film)
        moments = {moment.seconds: moment for moment in truth.moments}
        finder = ShotFinder(threshold=3.0, min_shot_seconds=0.6)
        whole = Interval(0.0, film.duration_seconds)
        for still in read_stills(file_of(tmp_path, film), whole, sorted(moments), finder):
            for one in moments[still.time_seconds].asked():
                if one.seen_share < 0.9:
                    continue
                x1, y1, x2, y2 = one.corners
                height = y2 - y1
                body = still.rgb_HWC[
                    round((y1 + 0.2 * height) * SCREEN_HEIGHT) : round(
                        (y1 + 0.55 * height) * SCREEN_HEIGHT
                    ),
                    round(x1 * SCREEN_WIDTH) : round(x2 * SCREEN_WIDTH),
                ].astype(int)
                shirt = np.array(film.cast[one.who].look.shirt)
                assert (np.abs(body - shirt).max(axis=-1) < 60).mean() > 0.08
                num_boxes += 1
    assert num_boxes > 40


def test_a_box_is_as_large_as_what_is_drawn(films: list[Film], truths: list[FilmTruth]) -> None:
    """What a person changes in the picture lies in their box, and reaches its edges."""
    film, truth = films[0], truths[0]
    scene = film.scenes[0]
    moment = next(m for m in truth.moments if len(m.asked()) == len(m.sightings) >= 2)
    alone = Film("f", film.seed, film.cast, (scene,))
    frame = shown_at(int(moment.seconds))
    with_all = next(islice(pictures(alone), frame, None))
    for one in moment.sightings:
        if one.seen_share < 1.0:
            continue
        parts = tuple(replace(p, beats=()) if p.person == one.who else p for p in scene.parts)
        without = Film("f", film.seed, film.cast, (replace(scene, parts=parts),))
        changed = np.abs(
            np.asarray(with_all).astype(int) - next(islice(pictures(without), frame, None))
        )
        rows, columns = np.nonzero(changed.max(axis=-1) > 40)
        edges = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        sizes = np.array([SCREEN_WIDTH, SCREEN_HEIGHT] * 2)
        assert np.abs(np.array(edges) - np.array(one.corners) * sizes).max() <= 16


def test_shots_end_where_the_picture_changes_wholly(
    films: list[Film], truths: list[FilmTruth]
) -> None:
    film, truth = films[0], truths[0]
    shown = [np.asarray(picture).astype(int) for picture in pictures(film)]
    cuts = [round(shot.start * FRAMES_PER_SECOND) for shot in truth.shots[1:]]
    assert cuts
    changes = [np.abs(after - before).mean() for before, after in pairwise(shown)]
    assert sorted(np.argsort(changes)[-len(cuts) :] + 1) == cuts
    assert truth.shots[-1].end == truth.duration_seconds == len(shown) / FRAMES_PER_SECOND


def test_truth_stands_at_every_second_and_people_are_met_hidden_and_cut_off(
    truths: list[FilmTruth],
) -> None:
    for truth in truths:
        expected = np.arange(np.ceil(truth.duration_seconds))
        assert [moment.seconds for moment in truth.moments] == expected.tolist()
        key_frames = [moment.seconds for moment in truth.key_frames()]
        assert key_frames[0] == 2.0
        assert truth.duration_seconds - 2.5 < key_frames[-1] <= truth.duration_seconds - 1.499
    people = [one for truth in truths for moment in truth.moments for one in moment.sightings]
    counts = [len(moment.asked()) for truth in truths for moment in truth.moments]
    assert set(counts) >= {1, 2, 3}
    assert sum(one.seen_share < 0.8 for one in people) > 5
    assert any(not one.is_asked for one in people)
    assert all(0 <= c <= 1 for one in people for c in one.corners)


def test_a_person_has_one_number_in_a_shot_and_another_in_the_next(
    truths: list[FilmTruth],
) -> None:
    for truth in truths:
        shots_of: dict[int, set[int]] = {}
        for moment in truth.moments:
            shot = next(n for n, s in enumerate(truth.shots) if moment.seconds < s.end)
            numbers = [one.person for one in moment.sightings]
            assert len(set(numbers)) == len(numbers)
            for number in numbers:
                shots_of.setdefault(number, set()).add(shot)
        assert all(len(shots) == 1 for shots in shots_of.values())


def test_files_are_made_once_and_a_folder_calls_films_as_the_truth_does(tmp_path: Path) -> None:
    films = build_films(1, 2, least_seconds=3)
    assert publish_films(films, tmp_path) == 2
    assert publish_films(films, tmp_path) == 0
    found = FolderSource(tmp_path).search("", 10)
    assert [one.video_id for one in found] == [film.film_id for film in films]
