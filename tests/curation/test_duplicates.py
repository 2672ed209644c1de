import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kinetics_builder.curation.duplicates import (
    LikePair,
    Place,
    ProposedClip,
    place_clips,
    sure_pairs,
)
from kinetics_builder.database.tables import Standing, Survival


def clip(clip_id: int, video: str, rank: int = 0, **columns) -> ProposedClip:
    values = {"num_pixels": 100, "duration_seconds": 60.0, "upload_date": "2015-01-01"} | columns
    return ProposedClip(
        clip_id=clip_id, video_id=video, start_seconds=10.0 * rank, rank=rank, **values
    )


def alike(*pairs: tuple[int, int]) -> dict[frozenset[int], float]:
    return {frozenset(pair): 0.9 for pair in pairs}


def standings(places: list[Place]) -> dict[int, Standing]:
    return {place.clip_id: place.standing for place in places}


def test_the_best_clip_of_a_video_is_kept_the_others_wait() -> None:
    found = place_clips([clip(1, "a", 1), clip(2, "a", 0)], {})
    assert found == [Place(2, Standing.KEPT), Place(1, Standing.RESERVE)]


def test_a_setting_keeps_more_of_a_video() -> None:
    clips = [clip(i, "a", i) for i in range(3)]
    found = standings(place_clips(clips, {}, max_per_video=2))
    assert list(found.values()) == [Standing.KEPT, Standing.KEPT, Standing.RESERVE]


def test_the_largest_picture_wins_then_the_longest_video_then_the_first_upload() -> None:
    pair = alike((1, 2))
    for better, because in (
        ({"num_pixels": 200}, Survival.PIXELS),
        ({"duration_seconds": 90.0}, Survival.LENGTH),
        ({"upload_date": "2014-12-31"}, Survival.DATE),
    ):
        kept, lost = place_clips([clip(1, "a"), clip(2, "b", **better)], pair)
        assert kept == Place(2, Standing.KEPT)
        assert lost == Place(1, Standing.DUPLICATE, 2, 0.9, because)
    unknown = [clip(1, "a", upload_date=None), clip(2, "b")]
    assert standings(place_clips(unknown, pair))[2] is Standing.KEPT
    assert standings(place_clips([clip(1, "b"), clip(2, "a")], pair))[2] is Standing.KEPT


def test_all_clips_of_a_video_seen_before_are_duplicates() -> None:
    clips = [clip(1, "a", 0), clip(2, "a", 1), clip(3, "b", 0), clip(4, "b", 1)]
    found = {place.clip_id: place for place in place_clips(clips, alike((2, 3)))}
    assert found[3] == Place(3, Standing.DUPLICATE, 2, 0.9, Survival.ID)
    assert found[4] == Place(4, Standing.DUPLICATE, 1, None, Survival.ID)


def test_a_duplicate_of_a_duplicate_is_compared_with_what_is_kept() -> None:
    clips = [clip(1, "a"), clip(2, "b"), clip(3, "c")]
    found = standings(place_clips(clips, alike((1, 2), (2, 3))))
    assert found == {1: Standing.KEPT, 2: Standing.DUPLICATE, 3: Standing.KEPT}


def test_of_two_originals_the_more_alike_is_named() -> None:
    clips = [clip(1, "a"), clip(2, "b"), clip(3, "c")]
    likeness = {frozenset((1, 3)): 0.85, frozenset((2, 3)): 0.95}
    assert place_clips(clips, likeness)[-1] == Place(3, Standing.DUPLICATE, 2, 0.95, Survival.ID)


def test_a_video_of_another_dataset_is_a_duplicate_with_all_its_clips() -> None:
    clips = [clip(1, "a", 0), clip(2, "a", 1), clip(3, "b")]
    found = place_clips(clips, alike((2, 3)), older={1: (7, 0.9)})
    assert found == [
        Place(1, Standing.DUPLICATE, None, 0.9, Survival.OLDER, 7),
        Place(2, Standing.DUPLICATE, None, None, Survival.OLDER, 7),
        Place(3, Standing.KEPT),
    ]


def pair(one: int, other: int, similarity: float, shift: float, **columns) -> LikePair:
    return LikePair(one, other, similarity, shift, **columns)


@pytest.mark.parametrize(
    ("second", "are_sure"),
    [
        pytest.param(pair(2, 4, 0.75, 0.8), True, id="the same shift"),
        pytest.param(pair(4, 2, 0.75, -0.8), True, id="the same shift, seen from the other"),
        pytest.param(pair(2, 4, 0.75, 2.0), False, id="another shift"),
        pytest.param(pair(2, 4, 0.75, 0.8, is_mirrored=True), False, id="one is mirrored"),
        pytest.param(pair(2, 3, 0.75, -9.0), False, id="one clip twice"),
        pytest.param(pair(2, 4, 0.65, 0.8), False, id="not even doubtful"),
    ],
)
def test_two_doubtful_pairs_of_two_videos_that_say_the_same_are_sure(second, are_sure) -> None:
    clips = {i: clip(i, "ab"[i > 2], (i - 1) % 2) for i in (1, 2, 3, 4)}
    found = sure_pairs([pair(1, 3, 0.75, 1.0), second], clips, least=0.83, doubtful=0.7)
    assert (len(found) == 2) is are_sure and (found == {}) is not are_sure


pairs = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 11)), max_size=12)


@given(pairs, st.randoms(use_true_random=False))
@settings(max_examples=50, deadline=None)
def test_the_order_of_clips_does_not_matter_and_no_kept_clips_are_alike(pairs, random) -> None:
    clips = [clip(i, f"v{i // 2}", i % 2) for i in range(12)]
    likeness = alike(*pairs)
    places = place_clips(clips, likeness)
    assert place_clips(random.sample(clips, len(clips)), likeness) == places
    found = {place.clip_id: place for place in places}
    own = {i for i, place in found.items() if place.standing is not Standing.DUPLICATE}
    for pair in likeness:
        videos = {i // 2 for i in pair}
        assert len(videos) == 1 or not pair <= own
    for place in found.values():
        assert (place.duplicate_of is None) == (place.clip_id in own)
        assert place.duplicate_of is None or place.duplicate_of in own
