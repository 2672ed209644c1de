"""The README of a release of films: what it holds, how it was made. Without dates and machines."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

from kinetics_builder.ava.actions import Vocabulary
from kinetics_builder.ava.truth import By
from kinetics_builder.config import Config
from kinetics_builder.formats.boxes.ava_folders.places import MIN_SCORE, UNCONFIRMED
from kinetics_builder.formats.croissant.description import CROISSANT
from kinetics_builder.formats.datasheet.sheet import SHEET
from kinetics_builder.formats.release_files import FILMS
from kinetics_builder.formats.released_labels import KEY_FRAMES, TABLES_OF_LABELS
from kinetics_builder.formats.splits import SHORT
from kinetics_builder.text.counting import counted
from pipelines.ava.releasing.films import FilmsAs
from pipelines.ava.releasing.given import QUESTIONS
from pipelines.ava.releasing.labels import FOLDER
from pipelines.ava.releasing.layouts import (
    LEFT_OUT,
    LONG_TAIL,
    PREDICTED,
    PROPOSALS,
    Layout,
)
from pipelines.ava.releasing.said import Said
from pipelines.ava.releasing.survey import BOXES, Survey, SurveyedFilm, said_by_kind
from pipelines.ava.statistics.summary import Distribution, Summary
from pipelines.publishing.clips.gone import TAKEN_DOWN, told_of_gone
from pipelines.publishing.folders.facts import STATISTICS
from pipelines.publishing.folders.folder import SUMS
from pipelines.publishing.folders.markdown import table

_SECTIONS = {
    "films": ("min_minutes", "start_minute", "end_minute"),
    "keyframes": ("every_seconds", "context_seconds", "short_side"),
    "detect": ("detector", "weights", "min_score", "keep_score", "max_overlap"),
    "link": ("min_likeness", "overlap_weight", "max_gap"),
    "verify": ("box_answers", "box_overlap", "proposers", "action_votes", "action_min_yes"),
    "release": (
        *("validate_share", "test_share", "seed", "min_validate_examples"),
        *("keep_tied_poses",),
    ),
}
"""Settings that shape the data; how fast a machine made it is nobody's concern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the README is about."""

    layout: Layout
    survey: Survey
    said: Said
    whole: Summary
    """Of the rows of all splits."""
    splits: Mapping[str, Summary]
    """Of the rows of each split that is there."""
    vocabulary: Vocabulary
    measured: Collection[int]
    num_taken_down: int
    """Accepted labels of films that were taken down."""
    has_proposals: bool
    given: Collection[str]
    """The files of answers that are there."""
    films_as: FilmsAs
    config: Config


def write_readme(told: Told) -> str:
    """Return the README as Markdown."""
    parts = [
        _head(told),
        *_unconfirmed(told),
        _files(told),
        _numbers(told),
        "## Left out\n\n" + _left_out(told),
        "## Who says so\n\n" + _said_by(told),
        "## Answers\n\n" + _answers(told),
        _how(told),
        "## Licences of the films\n\n" + table(("licence", "films"), _licences(told.survey.films)),
        "## Settings\n\n" + table(("setting", "value"), _settings(told.config)),
        "## Actions\n\n" + _actions(told),
    ]
    return "\n\n".join(parts) + "\n"


def _head(told: Told) -> str:
    films, whole = told.survey.films, told.whole
    rows = [
        _split_row(SHORT[split], one, [film for film in films if film.split == split])
        for split, one in told.splits.items()
    ]
    rows.append(_split_row("all", whole, films))
    header = ("split", "films", "key frames", "without a box", "excluded", "boxes", "persons")
    return (
        f"# Who does what, where and when: {counted(len(whole.labels), 'action')} of persons\n\n"
        f"{counted(_num_labels(whole), 'label')} of {counted(whole.boxes, 'box', 'boxes')} at "
        f"{counted(whole.key_frames, 'key frame')} of {counted(len(films), 'film')}, made with "
        "kinetics-builder in the way AVA was made "
        "(arXiv:1705.08421). A label says what a person does at a key frame.\n\n"
        + table((*header, "labels"), rows)
    )


def _unconfirmed(told: Told) -> list[str]:
    number = told.survey.num_unconfirmed
    if not number:
        return []
    return [
        f"**Nobody has confirmed {number} of the {_num_labels(told.whole)} labels.** They are "
        f"those that a file of boxes states; `{UNCONFIRMED}` lists them."
    ]


def _said_by(told: Told) -> str:
    by_kind = said_by_kind(told.survey.said_by)
    rows = [(what, *numbers.values()) for what, numbers in by_kind.items()]
    return table(("of the rows", *By), rows)


def _split_row(name: str, found: Summary, films: Sequence[SurveyedFilm]) -> tuple[Any, ...]:
    return (
        *(name, len(films), found.key_frames, found.key_frames_without_box),
        sum(len(one.excluded) for one in films),
        *(found.boxes, found.persons, _num_labels(found)),
    )


def _num_labels(found: Summary) -> int:
    return sum(found.labels.values())


def _files(told: Told) -> str:
    layout = told.layout
    person = ",person_id" if layout.has_persons else ""
    empty = "; `video_id,timestamp` alone for a key frame without a box" * layout.lists_empty
    rows = [
        (
            f"`{layout.truth.format('*')}`",
            f"`video_id,timestamp,x1,y1,x2,y2,action_id{person}`: a row for each person and "
            f"action, corners as shares of the frame{empty}",
        )
    ]
    if layout.excluded is not None and layout.included is not None:
        rows += [
            (f"`{layout.excluded.format('*')}`", "key frames that are neither learnt nor measured"),
            (f"`{layout.included}`", "the seconds at which some film has a key frame with a row"),
        ]
    rows += [
        (
            f"`{TABLES_OF_LABELS.format('*')}`",
            "the same rows with all that is known of each: votes, who says so, where in which film",
        ),
        (f"`{KEY_FRAMES}`", "the key frames, those included that do not count"),
        (f"`{layout.labels}`", "the actions, their numbers and types"),
        (f"`{layout.measured}`", f"the {len(told.measured)} that are measured"),
    ]
    if told.has_proposals:
        rows += [
            (f"`{PREDICTED.format('*')}`", "boxes that a detector found, with scores"),
            (f"`{PROPOSALS.format('*')}`", "the same as a pickle"),
            (
                f"`{MIN_SCORE}`",
                "the score from which on that detector is precise: set it in what reads the boxes",
            ),
        ]
    where = {
        FilmsAs.WHOLE: "the films",
        FilmsAs.STRETCHES: "the films, each in the stretch that is annotated",
        FilmsAs.NONE: f"is not part of this: put the films into `{FOLDER}`",
    }[told.films_as]
    rows += [
        (f"`{FILMS}`", "which file shows which film, and when it begins on the rows' time line"),
        (f"`{FOLDER}/`", where),
        (f"`{LEFT_OUT}`", "what is in no row, and why"),
    ]
    if told.survey.num_unconfirmed:
        what = "each label that nobody has confirmed, who says it, and who says its box and person"
        rows.append((f"`{UNCONFIRMED}`", what))
    rows += [(f"`{one.file}`", one.what) for one in QUESTIONS if one.file in told.given]
    if told.num_taken_down:
        rows.append((f"`{TAKEN_DOWN}`", "accepted labels whose film was taken down, when and why"))
    rows += [
        (
            f"`{SHEET}`, `{CROISSANT}`",
            "what its makers and the data say of it, for people and for programs",
        ),
        (f"`{STATISTICS}`", "sums"),
        (f"`{SUMS}`", f"a checksum of every file: `sha256sum --check {SUMS}`"),
    ]
    return table(("file", "what"), rows)


def _numbers(told: Told) -> str:
    whole = told.whole
    lines = [
        f"- labels of a box: {_distributed(whole.labels_a_box)}",
        *(
            f"  - {word}: {_distributed(found)}"
            for word, found in whole.labels_a_box_by_type.items()
        ),
        f"- boxes of a key frame: {_distributed(whole.boxes_a_key_frame)}",
    ]
    if (mean := whole.key_frames_a_person.mean) is not None:
        lines.append(f"- key frames of a person: {mean:.2f} on average")
    for name, sizes in whole.box_sizes.items():
        if sizes.mean is not None:
            lines.append(f"- {name} of a box: {sizes.mean:.3f} of the frame's on average")
    pictured = f"![How often each action is done, the commonest first]({LONG_TAIL})"
    return "## Statistics\n\n" + "\n".join(lines) + f"\n\n{pictured}"


def _distributed(found: Distribution) -> str:
    if found.mean is None:
        return "none"
    total = sum(found.counts.values())
    parts = [f"{number} in {100 * count / total:.1f} %" for number, count in found.counts.items()]
    return f"{found.mean:.2f} on average ({', '.join(parts)})"


def _left_out(told: Told) -> str:
    survey = told.survey
    rows = list(survey.reasons.items())
    lines = [table(("reason", "how many"), rows) if rows else "Nothing."]
    lines += [f"{line}." for line in survey.odd.lines()]
    lines += told_of_gone(told.num_taken_down, "labels")
    if survey.empty_films:
        lines.append(
            f"{counted(len(survey.empty_films), 'film has', 'films have')} no key frame with a row."
        )
    return "\n\n".join(lines)


def _answers(told: Told) -> str:
    said = told.said
    rows = [(name, number, said.set_aside[name]) for name, number in said.answers.items()]
    return f"{said.num_workers} people answered.\n\n" + table(
        ("what", "answers", "set aside"), rows
    )


def _how(told: Told) -> str:
    verify = told.config.verify
    steps = [
        "Films were taken whole or in the stretch that the settings name, and key frames in them.",
        f"{_finder(told)} persons on the key frames; people corrected the boxes where asked.",
        "Boxes of one person were linked from key frame to key frame; people corrected the links "
        "where asked.",
        f"{verify.proposers} people named what each person does; of each action that any of them "
        f"named up to {verify.action_votes} people said whether it is so, and "
        f"{verify.action_min_yes} had to see it.",
        *_stating(told),
        "Of two poses of a person the one that more people saw stays"
        + (", or both." if told.config.release.keep_tied_poses else ", or neither."),
        "Films were dealt out to the splits whole, each split with its share of every action: no "
        "film is in two, nor are two copies of one.",
    ]
    if told.layout.is_of_clips:
        steps.append(
            "Each clip has one key frame, the one with the surest person; times count from the "
            "beginning of the video that the clip is from."
        )
    return "## How it was made\n\n" + "\n".join(
        f"{number}. {step}" for number, step in enumerate(steps, 1)
    )


def _finder(told: Told) -> str:
    boxes = said_by_kind(told.survey.said_by)[BOXES]
    if boxes[By.FILE]:
        return "A detector found, or a file stated," if boxes[By.MACHINE] else "A file stated"
    return "A detector found"


def _stating(told: Told) -> list[str]:
    if not told.survey.num_unconfirmed:
        return []
    return [
        "Where people had not said everything of a person, the actions stand that the file states, "
        "but those that people rejected. Key frames of which neither says anything are excluded."
    ]


def _licences(films: Sequence[SurveyedFilm]) -> list[tuple[Any, ...]]:
    counted = Counter(one.film.licence or "not stated" for one in films)
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))


def _settings(config: Config) -> list[tuple[Any, ...]]:
    sections = asdict(config)
    sections["detect"]["weights"] = PurePath(config.detect.weights).name
    return [
        (f"`{section}.{name}`", sections[section][name])
        for section, names in _SECTIONS.items()
        for name in names
    ]


def _actions(told: Told) -> str:
    words = [SHORT[split] for split in told.splits]
    rows = [
        (
            *(action.id, action.name, action.type.word),
            *(found.labels.get(str(action.id), 0) for found in told.splits.values()),
            *(told.whole.labels.get(str(action.id), 0), "yes" * (action.id in told.measured)),
        )
        for action in told.vocabulary
    ]
    return table(("id", "action", "type", *words, "labels", "measured"), rows)
