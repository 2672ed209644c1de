"""What the data of a release of films says of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from kinetics_builder.ava.truth import By
from kinetics_builder.config import Config
from kinetics_builder.formats.croissant.films import film_contents
from kinetics_builder.formats.released_labels import TABLES_OF_LABELS
from kinetics_builder.formats.splits import LONG, SHORT
from kinetics_builder.text.counting import counted
from pipelines.ava.released.folder import FilmsFolder
from pipelines.ava.releasing.given import QUESTIONS, VOTES
from pipelines.ava.releasing.survey import LABELS
from pipelines.publishing.folders.describing import (
    Description,
    places_in_words,
    provenance,
    sites_of,
)

_STEPS = (
    "films, key frames, persons found, linked, boxes and links corrected by people, actions named "
    "and verified by people"
)


def describe_films(
    release: FilmsFolder, statistics: Mapping[str, Any], config: Config, *, has_films: bool
) -> Description:
    """Return it.

    Args:
        release: The folder, with its lists.
        statistics: As `statistics_of` returns them.
        config: Of the workspace: how people were asked.
        has_films: Whether the films are, or will be, part of it.

    """
    sites = sites_of(one.film.url for one in release.films)
    title = (
        f"Who does what, where and when: {counted(statistics['num_actions'], 'action')} of persons"
    )
    labels = counted(statistics["num_labels"], "label")
    boxes = counted(statistics["num_boxes"], "box", "boxes")
    return Description(
        title=title,
        tasks=["object-detection", "video-classification"],
        size=statistics["num_labels"],
        splits={LONG[one]: TABLES_OF_LABELS.format(SHORT[one]) for one in release.splits()},
        told=_told(statistics, sites, config),
        facts={
            "name": title,
            "description": f"{title}: {labels} of {boxes} at "
            f"{counted(statistics['num_key_frames'], 'key frame')} of "
            f"{counted(statistics['num_films'], 'film')}.",
            **provenance(sites, _collected(sites), _STEPS),
            "rai:dataAnnotationProtocol": [*_asked(config), _answered(statistics)],
            "rai:annotationsPerItem": _per_label(statistics),
        },
        contents=film_contents(has_films=has_films),
    )


def _told(
    statistics: Mapping[str, Any], sites: Sequence[str], config: Config
) -> dict[str, list[str]]:
    """Return what the data says, sentence by sentence, by the section of the datasheet."""
    licences = ", ".join(f"{num} {kind}" for kind, num in statistics["licences"].items())
    return {
        "composition": [
            *(_held(split, found) for split, found in statistics["splits"].items()),
            f"{counted(statistics['num_key_frames'], 'key frame')} count, at "
            f"{statistics['num_without_box']} of them nobody does anything; "
            f"{statistics['num_excluded']} are excluded.",
            "A film is in one split alone, with all its copies.",
            _confirmed(statistics),
            f"Licences of the films, as their sites state them: {licences}.",
        ],
        "collection": [_collected(sites), *_asked(config), _answered(statistics)],
    }


def _held(split: str, found: Mapping[str, int]) -> str:
    return (
        f"In {split}: {counted(found['num_films'], 'film')}, "
        f"{counted(found['num_key_frames'], 'key frame')}, "
        f"{counted(found['num_persons'], 'person')}, "
        f"{counted(found['num_boxes'], 'box', 'boxes')}, "
        f"{counted(found['num_labels'], 'label')}."
    )


def _confirmed(statistics: Mapping[str, Any]) -> str:
    number = statistics["said_by"].get(LABELS, {}).get(By.FILE.value, 0)
    if not number:
        return "People confirmed each label."
    return f"{number} of the labels are those of a file, and nobody has confirmed them."


def _collected(sites: Sequence[str]) -> str:
    return f"Films were taken whole or in part from these places: {places_in_words(sites)}."


def _asked(config: Config) -> list[str]:
    verify = config.verify
    people = "people were"
    return [
        f"Of the persons at a key frame {_people(verify.box_answers, 'drew the boxes')}; whose "
        f"they are from key frame to key frame {_people(verify.link_answers, 'said')}.",
        f"{verify.proposers} {people} asked to name what each person does: a pose, actions with "
        f"objects and with others. Of each named action up to {verify.action_votes} {people} asked "
        f"whether it is so, and {verify.action_min_yes} had to say yes.",
    ]


def _people(number: int, did: str) -> str:
    if not number:
        return f"a machine {did}"
    return f"{number} {'person' if number == 1 else 'people'} {did}"


def _answered(statistics: Mapping[str, Any]) -> str:
    nouns = {one.file: one.noun for one in QUESTIONS}
    parts = [
        f"{counted(number, 'answer')} {nouns[file]}"
        for file, number in statistics["answers"].items()
    ]
    if not parts:
        return "No answer of anybody is part of this release."
    people = counted(statistics["num_workers"], "person", "people")
    return f"{people} gave {', '.join(parts)}."


def _per_label(statistics: Mapping[str, Any]) -> str:
    votes = statistics["answers"].get(VOTES.file, 0)
    return f"{votes / max(1, statistics['num_labels']):.2f} votes"
