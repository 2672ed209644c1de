"""Settings of a workspace: one frozen dataclass a stage, read from `kbuild.toml`.

Defaults are those of Kinetics (arXiv:1705.06950) where the paper states one. Nothing here
reads the environment.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, NamedTuple, Self, Union, get_args, get_origin, get_type_hints

from kinetics_builder.ava.settings import (
    ActionsConfig,
    DetectConfig,
    FilmsConfig,
    KeyFramesConfig,
    LinkConfig,
    ReleaseConfig,
)
from kinetics_builder.crowd.panels.settings import PanelConfig, check_names, is_safe
from kinetics_builder.errors import ConfigError
from kinetics_builder.setting_checks import (
    arguments,
    between,
    holds,
    inside,
    known_licences,
    not_negative,
    one_of,
    one_or_two,
    positive,
    rates,
    reachable,
    share,
    some_of,
)
from kinetics_builder.storage.settings import StorageConfig
from kinetics_builder.toml_lines import with_line
from kinetics_builder.video.finding.sampling import Draw, Sampling
from kinetics_builder.ways import LARGEST_GRID, SMALLEST_GRID, Way

LOCAL, RAY = "local", "ray"
ENGINES = (LOCAL, RAY)
_CLUSTER = re.compile(r"(ray://)?([\w.-]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}")


def settings_hash(*settings: Any, method: int = 1) -> str:
    """Return 16 hex digits that change when any value of the given settings changes.

    `method` counts the ways in which equal settings were understood; the first goes unsaid.
    """
    values = [asdict(s) if hasattr(s, "__dataclass_fields__") else s for s in settings]
    if method > 1:
        values.append({"method": method})
    text = json.dumps(values, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True, slots=True)
class SearchConfig:
    """Which videos are listed."""

    results_per_query: int = 50
    """Videos asked of the source for each query."""
    languages: tuple[str, ...] = ()
    """Languages whose queries are asked, as ["en", "pt"], each class in each of them; names are
    "en". Empty: all queries of the classes file."""

    def __post_init__(self) -> None:
        positive(self, "results_per_query")


@dataclass(frozen=True, kw_only=True, slots=True)
class MatchConfig:
    """How a title must name a class."""

    min_score: float = 0.5
    """Least score of a candidate, in [0, 1]; 1 is the very name of the class."""
    mode: str = "binary"  # what a workspace whose settings say nothing was made with
    """"binary": the name in its forms, as Kinetics-400 had it (arXiv:1705.06950); "scored": its
    words weighed in any order, too; "embedded": that, and what a title means (docs/titles.md)."""
    fields: tuple[str, ...] = ("title",)
    """What is looked at of a video: its title; with "tags" and "description" these too, where
    sources list them, each for less than the title (docs/titles.md)."""
    lessons: str = ""
    """Of "scored": what `kbuild train-matcher` learnt from decisions, a file in the workspace or
    absolute; empty for nothing learnt."""

    def __post_init__(self) -> None:
        share(self, "min_score")
        one_of(self, "mode", ("binary", "scored", "embedded"))
        some_of(self, "fields", ("title", "tags", "description"))
        holds(self, "fields", "title")
        if self.lessons and self.mode == "binary":
            raise ConfigError('lessons needs mode = "scored": the binary rule learns nothing.')


@dataclass(frozen=True, kw_only=True, slots=True)
class DownloadConfig:
    """How videos are fetched."""

    max_duration_seconds: float = 1800.0
    max_megabytes: float = 500.0
    max_height: int = 480
    """The largest picture asked of the source, in pixels; a larger one comes where no other is."""
    refuse_above_height: int = 0
    """Pictures whose shorter side has more pixels never come, though no smaller one is offered;
    0 refuses none."""
    timeout_seconds: float = 600.0
    """For one video, everything included."""
    attempts: int = 3
    """For failures that a later try may not meet again."""
    rate_limit_seconds: float = 3600.0
    """Rest of a site after "too many requests", where it does not say how long."""
    videos_per_hour: dict[str, float] = field(default_factory=dict)
    """Videos and queries asked of a site by all runs together, by its name or domain; 0 for no
    bound. YouTube has 250 where nothing is said, other sites no bound (docs/sources.md)."""
    rate_jitter: float = 0.2
    """Share of the time between two of them by which one comes later by chance, in [0, 1]."""
    sleep_seconds: float = 0.0
    """Pause of a worker before each download, as yt-dlp's sleep_interval."""
    max_sleep_seconds: float = 0.0
    """Where it is more, the pause is drawn between the two, as yt-dlp's max_sleep_interval."""
    sleep_requests_seconds: float = 0.0
    """Pause before each request for a page, as yt-dlp's sleep_interval_requests."""
    licences: tuple[str, ...] = ()
    """Those that a video may have, such as ["cc"]; empty for all. A video whose licence is not
    said has none of them."""
    allow_private: tuple[str, ...] | bool = ()
    """Hosts, addresses or networks that may be asked though they are not public, such as a
    media server of your own: ["films.lan", "10.0.0.0/8"]; true for all."""
    cookies_file: str = ""
    """Your cookies in Netscape's format: in the workspace, or absolute. Read, never written."""
    proxy: str = field(default="", repr=False)
    """http://, https://, socks4(a):// or socks5(h)://, or where that is kept: "env:NAME",
    "file:PATH". The environment's own (HTTPS_PROXY) is not used unasked."""
    sections: str = "auto"
    """"auto": where released files name stretches of a video, those alone come, if the site sends
    parts of its file and that saves bytes; "never": all of every video (docs/sources.md)."""
    format: str = ""
    """yt-dlp's choice of formats, in place of one by `max_height`."""
    format_sort: tuple[str, ...] = ()
    """yt-dlp's order of formats, in place of one by `max_height`."""
    max_bytes_per_second: float = 0.0
    """Of one download; 0 for no bound."""
    plugins: tuple[str, ...] = ()
    """Installed packages whose plug-ins for yt-dlp are loaded (docs/sources.md)."""
    extractors: tuple[str, ...] = ()
    """Extra yt-dlp extractors of your own, by the names of their entry points (docs/sources.md)."""
    extractor_args: dict[str, dict[str, list[str]]] = field(default_factory=dict, repr=False)
    """Handed to yt-dlp as `extractor_args`; a value may be "env:NAME" or "file:PATH"."""
    store_options: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Handed to fsspec where shards lie at a URL, such as endpoint_url; keys and secrets are
    better kept where the store's own tools look for them."""

    def __post_init__(self) -> None:
        positive(self, "max_duration_seconds", "max_megabytes", "max_height", "attempts")
        positive(self, "timeout_seconds", "rate_limit_seconds")
        not_negative(self, "sleep_seconds", "max_sleep_seconds", "sleep_requests_seconds")
        not_negative(self, "max_bytes_per_second", "refuse_above_height")
        arguments(self, "extractor_args")
        known_licences(self.licences)
        share(self, "rate_jitter")
        one_of(self, "sections", ("auto", "never"))
        rates(self, "videos_per_hour")


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreConfig:
    """How frames are scored."""

    scorer: str | tuple[str, ...] = ""
    """Folder of an image scorer made by `kbuild train-scorer`: in the workspace, or absolute.
    Empty: windows are placed where something moves. Two that may disagree: ["one", "two"]."""
    every_seconds: float = 0.5
    """Time between two scored frames, where all of a video is looked at."""
    frames: str = "auto"
    """"peaks": of long videos key frames first, then closely what may be best; "all": all of every
    video; "auto": as the workspace was begun, new ones by "peaks" (docs/clips.md)."""
    coarse_seconds: float = 10.0
    """With "peaks": pictures between key frames that lie farther apart are scored too."""
    fine_seconds: float = 0.2
    """With "peaks": time between two scored frames of what is looked at closely."""
    timeout_seconds: float = 600.0

    def __post_init__(self) -> None:
        positive(self, "every_seconds", "coarse_seconds", "fine_seconds", "timeout_seconds")
        one_of(self, "frames", ("auto", "peaks", "all"))
        one_or_two(self, "scorer")

    @property
    def scorers(self) -> tuple[str, ...]:
        """The folders of image scorers: none, one or two."""
        named = (self.scorer,) if isinstance(self.scorer, str) else self.scorer
        return tuple(folder for folder in named if folder)


@dataclass(frozen=True, kw_only=True, slots=True)
class ProposeConfig:
    """Where clips are placed."""

    clip_seconds: float = 10.0
    """Length of a clip (arXiv:1705.06950)."""
    num_peaks: int = 2
    """Clips of a video for each class (arXiv:1705.06950)."""
    min_distance_seconds: float = 10.0
    """Between the centres of two clips of a video."""
    grid_seconds: float = 1.0
    """Starts are multiples of this; Kinetics CSVs hold whole seconds."""
    cuts: str = "shift"
    """Clips that lie across a cut: "shift" moves them off it where a shot is long enough, and keeps
    them where not; "drop" does not propose those; "keep" leaves all where they score best."""
    sampling: str = "best"
    """Which windows: "best"; "max_consensus", where two scorers score high; "max_entropy", where
    they disagree; "random" (arXiv:1712.09374, docs/clips.md)."""
    seed: int = 0
    """Of sampling = "random"; another draws other windows."""

    def __post_init__(self) -> None:
        positive(self, "clip_seconds", "num_peaks", "min_distance_seconds", "grid_seconds")
        one_of(self, "cuts", ("shift", "keep", "drop"))
        one_of(self, "sampling", tuple(map(str, Sampling)))

    @property
    def draw(self) -> Draw:
        """How windows are chosen, of any video; the seed counts for what is drawn by chance."""
        sampling = Sampling(self.sampling)
        return Draw(sampling=sampling, seed=self.seed if sampling is Sampling.RANDOM else 0)


@dataclass(frozen=True, kw_only=True, slots=True)
class FiltersConfig:
    """Of which videos no clips are proposed: of those above a threshold; 1 filters none."""

    note: tuple[str, ...] = ("screen", "overlay", "text", "nsfw")
    """Filters that only note their score with the clips, and refuse none."""
    still: float = 0.7
    """Share of its time in which nothing changes: stills, slide shows."""
    dark: float = 0.6
    """How far even its brightest parts are from half of white."""
    cartoon: float = 1.0
    """Colourful areas without texture; of filmed videos 0.28 at most, of drawn ones 0.1 to 0.7
    (docs/clips.md)."""
    screen: float = 0.4
    """Even areas, sharp edges, few colours, little that moves: recordings of a screen."""
    overlay: float = 0.005
    """Share of the picture below what stays over moving pictures: watermarks, logos, scores."""
    text: float = 0.02
    """Share of the picture that large writing takes."""
    find_persons: bool = False
    """Whether `detect.detector`, a network, looks for persons when videos are scored."""
    nobody: float = 0.5
    """Of a clip: how unsure it is of a person where it is surest."""
    find_nsfw: bool = False
    """Whether what is not for everybody is looked for: pip install 'kinetics-builder[nsfw]'."""
    nsfw: float = 0.8
    """Of a clip: how sure that is where it is surest."""

    def __post_init__(self) -> None:
        share(self, *self.thresholds)
        some_of(self, "note", tuple(self.thresholds))

    @property
    def thresholds(self) -> dict[str, float]:
        """The most of each trait that a video may have."""
        return {name: getattr(self, name) for name in _traits()}


@cache
def _traits() -> tuple[str, ...]:
    return tuple(one.name for one in fields(FiltersConfig) if one.type is float)


@dataclass(frozen=True, kw_only=True, slots=True)
class CutConfig:
    """How clips become files."""

    crf: int = 20
    """x264's constant rate factor, 0 (lossless) to 51."""
    preset: str = "veryfast"
    """x264's; with `ultrafast` sound is coded in a hurry, too."""
    short_side: int = 0
    """Pixels of the shorter side; 0 keeps the video's own size."""
    keyframe_interval: int = 0
    """Pictures from one key frame to the next, at most: with few, a training reads a stretch
    without what lies before it. 0 leaves it to x264, which takes 250."""
    keep_audio: bool = True
    blur_faces: bool = False
    """Whether faces are blurred in every clip: pip install 'kinetics-builder[faces]'."""
    timeout_seconds: float = 300.0

    def __post_init__(self) -> None:
        positive(self, "timeout_seconds")
        if not 0 <= self.crf <= 51:
            raise ConfigError(f"crf must be between 0 and 51, found {self.crf}.")
        for name in ("short_side", "keyframe_interval"):
            if (found := getattr(self, name)) < 0:
                raise ConfigError(f"{name} must be 0 or more, found {found}.")

    @property
    def look(self) -> tuple[Any, ...]:
        """Return what decides the bytes of a clip, whose hash says whether it is cut anew."""
        since = ({"keyframe_interval": self.keyframe_interval},) if self.keyframe_interval else ()
        return (self.crf, self.preset, self.short_side, self.keep_audio, *since)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeduplicateConfig:
    """Which clips show the same thing."""

    max_per_video: int = 1
    """Clips of one video for one class (arXiv:1705.06950)."""
    min_similarity: float = 0.83
    """Two clips at least this alike are duplicates, in [0, 1]."""
    doubtful_similarity: float = 0.7
    """Two at least this alike may be: people are asked about both, until somebody says what they
    are (docs/duplicates.md)."""
    audio: bool = False
    """Listen to clips, too: of two that may be the same, equal sound makes sure."""

    def __post_init__(self) -> None:
        positive(self, "max_per_video")
        share(self, "min_similarity", "doubtful_similarity")


MAX_STRETCH_BOXES = 2000
"""More are no question that anybody could look at."""


@dataclass(frozen=True, kw_only=True, slots=True)
class AssignConfig:
    """How questions are put together into tasks."""

    slots_per_task: int = 20
    gold_per_task: int = 2
    """Questions of a task whose answer is known (arXiv:1705.06950)."""
    expires_seconds: float = 3600.0
    """How long a worker may keep a task."""
    seed: int = 0
    stretch_frames: int = 20
    """Key frames of one question about links, at most."""
    stretch_boxes: int = 80
    """Boxes of one question about links, at most; two key frames are always asked about."""

    def __post_init__(self) -> None:
        positive(self, "slots_per_task", "expires_seconds", "stretch_boxes")
        if self.stretch_frames < 2:
            raise ConfigError(f"stretch_frames must be 2 or more, found {self.stretch_frames}.")
        if self.stretch_boxes > MAX_STRETCH_BOXES:
            raise ConfigError(
                f"stretch_boxes must be {MAX_STRETCH_BOXES} or less, found {self.stretch_boxes}."
            )
        if not 0 <= self.gold_per_task < self.slots_per_task:
            raise ConfigError(
                f"gold_per_task must be between 0 and slots_per_task - 1 "
                f"({self.slots_per_task - 1}), found {self.gold_per_task}."
            )


class Quorum(NamedTuple):
    """How many answers are asked for at most, and how many of them must be yes."""

    max_votes: int
    min_yes: int


@dataclass(frozen=True, kw_only=True, slots=True)
class VerifyConfig:
    """How workers' answers become a decision."""

    max_votes: int = 5
    """Answers asked for each clip at most."""
    min_yes: int = 3
    """Yes-answers that accept a clip (arXiv:1705.06950)."""
    policy: str = "three_of_five"
    """How clips are decided: "three_of_five", by min_yes of max_votes as answers come, or
    "posterior", by all answers, gold and scores together; then the page asks about the clips that
    an answer is worth most for, and whoever tells most (docs/answers.md)."""
    purity: float = 0.98
    """Share of accepted clips that shall show the action; of the posterior policy."""
    recall: float = 0.95
    """Share of the clips that show it that shall be accepted; of the posterior policy."""
    misleading: float = 0.0
    """Share of the clips that look to people like what they are not; 0 has the posterior policy
    learn it, of scores and audits (docs/answers.md)."""
    gate_clips: int = 0
    """A class is closed if too few of so many of its clips that are decided first show it; 0
    closes none, Kinetics had 20 (arXiv:1705.06950, docs/answers.md)."""
    gate_yes_share: float = 0.5
    """Share of them that must show it (arXiv:1705.06950)."""
    gold_warn_below: float = 0.5
    """Share of right gold answers below which a worker is warned (arXiv:1705.06950)."""
    gold_min_answers: int = 4
    """Gold answers before a worker is judged."""
    round_gold: int = 10
    """Known questions of a round that the owner has a worker answer who is set aside."""
    round_right: float = 0.8
    """Share of them that must be right for the worker to count again."""
    repeats: float = 0.0
    """Share of a worker's clips that the worker is asked about once more, to see who answers as
    before; 0 asks nothing twice. It decides nothing (docs/annotating.md)."""
    repeats_after: int = 100
    """Answers about other clips, at least, that lie between a worker's two to one."""
    practice_answers: int = 3
    """A worker's first gold answers of each kind, after which the truth is shown; 0 for none."""
    haste_seconds: float = 1.0
    """Whoever answers faster, on average over 10 to 20 answers and by the server's clock, is
    set aside; 0 sets nobody aside for speed."""
    straight_answers: int = 20
    """Equal answers in a row after which the owner is told; 0 tells nothing."""
    box_answers: int = 1
    """Annotators who draw the boxes of a key frame, of which what most drew stands; 0 asks none."""
    box_overlap: float = 0.5
    """Intersection over union from which on two boxes are of one person."""
    link_answers: int = 1
    """Annotators who say whose the boxes of a stretch are; what most of them say of each two
    boxes holds; 0 asks none."""
    link_agreement: float = 0.9
    """Least share of a gold stretch's links that must be right, in [0, 1]; an error that is shown
    must be mended besides."""
    segment_answers: int = 0
    """Annotators who mark when a class happens in a whole video; 0 asks none."""
    segment_overlap: float = 0.5
    """Intersection over union from which on two stretches are of one doing, in (0, 1]."""
    proposers: int = 2
    """Annotators who name what a person does; all that any of them named is verified."""
    action_votes: int = 3
    """Annotators asked about each action that was named, at most (arXiv:1705.08421)."""
    action_min_yes: int = 2
    """Of them, those who must see it (arXiv:1705.08421)."""
    action_agreement: float = 0.5
    """Least agreement (F1) of the actions named with the known ones of gold, in [0, 1]."""
    path_votes: int = 5
    """Annotators asked to walk a tree of questions about a clip, at most."""
    path_agreeing: int = 2
    """Of them, those who must answer a question alike; it must be more than half of those who
    were asked it, too."""
    path_confidence: float = 0.98
    """Of the posterior policy, in place of path_agreeing: how likely the answer to a question must
    be, each worker being believed as far as known clips say, in (0.5, 1)."""
    way: str = "clip"
    """How clips are shown whose class says nothing (docs/serving.md): "clip", one after another,
    "grid", many of one class at once, or "stream", one after another, by keys or swipes alone."""
    grid_size: int = 24
    """Clips of a grid, 12 to 48."""

    def __post_init__(self) -> None:
        positive(self, "max_votes", "gold_min_answers", "round_gold", "box_overlap")
        positive(self, "repeats_after")
        positive(self, "segment_overlap")
        one_of(self, "way", tuple(Way))
        between(self, "grid_size", SMALLEST_GRID, LARGEST_GRID)
        positive(self, "proposers", "action_votes", "action_agreement")
        not_negative(self, "haste_seconds", "straight_answers", "practice_answers")
        not_negative(self, "box_answers", "link_answers", "segment_answers", "gate_clips")
        share(
            self,
            "gate_yes_share",
            "repeats",
            "gold_warn_below",
            "box_overlap",
            "link_agreement",
            "action_agreement",
        )
        reachable(self, "min_yes", "max_votes")
        one_of(self, "policy", ("three_of_five", "posterior"))
        inside(self, "purity", "recall")
        share(self, "misleading")
        reachable(self, "action_min_yes", "action_votes")
        reachable(self, "path_agreeing", "path_votes")
        between(self, "path_confidence", 0.5, 0.999)

    @property
    def boxes_to_decide(self) -> int:
        """How many answers about a key frame decide its boxes, if any is given."""
        return max(1, self.box_answers)

    @property
    def links_to_decide(self) -> int:
        """How many answers about a stretch decide whose its boxes are, if any is given."""
        return max(1, self.link_answers)

    @property
    def of_actions(self) -> Quorum:
        """How many answers accept or reject an action of a person."""
        return Quorum(self.action_votes, self.action_min_yes)

    @property
    def of_paths(self) -> Quorum:
        """How many answers decide a question of a tree."""
        return Quorum(self.path_votes, self.path_agreeing)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageConfig:
    """How the page is served."""

    trusted_proxy: str = ""
    """Address of a proxy in front, such as "127.0.0.1", which says who is asking; else empty."""
    public_url: str = ""
    """Where workers elsewhere reach the page, such as "https://clips.example.org"."""
    sendfile: str = ""
    """Who sends clips, once the page saw who asks: "x-accel", nginx in front; "signed", the store
    of storage.clips, at addresses that expire; empty: the page."""
    language: str = "en"
    """Language of the page where neither worker nor browser asks for one there is: en, pt, es."""
    translations: str = ""
    """Folder of languages of your own, LANGUAGE/LC_MESSAGES/messages.po (docs/annotating.md)."""
    pay_per_hour: float = 0.0
    """What an hour of answering costs, in any currency, which the owner's page reckons with; 0
    shows hours alone."""

    def __post_init__(self) -> None:
        not_negative(self, "pay_per_hour")
        one_of(self, "sendfile", ("", "x-accel", "signed"))
        if self.sendfile == "x-accel" and not self.trusted_proxy:
            raise ConfigError(
                "sendfile = 'x-accel' is about a proxy in front: name its address, too, "
                'such as trusted_proxy = "127.0.0.1".'
            )
        if self.public_url and (not is_safe(self.public_url) or self.public_url.endswith("/")):
            raise ConfigError(
                "public_url must begin with https:// and a host, and end without a slash, "
                f"found {self.public_url!r}."
            )


TOGETHER = ("uploader", "duplicates")
"""What may keep videos in one split."""


@dataclass(frozen=True, kw_only=True, slots=True)
class CurateConfig:
    """How clips are dealt out."""

    num_validate: int = 50
    """Clips of a class for validation (arXiv:1705.06950)."""
    num_test: int = 100
    """Clips of a class for the test."""
    max_held_out_share: float = 0.4
    """Small classes: validation and test together take at most this share of the clips."""
    seed: int = 0
    num_held_out: int = 0
    """Clips of a class that no release holds: the owner keeps them in held_out/ to test with, as
    Kinetics-600 did (arXiv:1808.01340)."""
    keep_together: tuple[str, ...] = TOGETHER
    """What no two splits share beside videos: "uploader", "duplicates"."""

    def __post_init__(self) -> None:
        share(self, "max_held_out_share")
        not_negative(self, "num_validate", "num_test", "num_held_out")
        some_of(self, "keep_together", TOGETHER)


@dataclass(frozen=True, kw_only=True, slots=True)
class RunConfig:
    """How stages run, and where."""

    engine: str = LOCAL
    """Where items are worked on: "local", on this machine, or "ray", on those of a cluster."""
    ray_address: str = ""
    """Of the cluster: "ray://HOST:PORT", "HOST:PORT" or "auto", which is the one that this
    machine belongs to; empty starts one on this machine."""
    workers: int = 0
    """Processes on a machine; 0 means one for each core."""
    min_free_gigabytes: float = 1.0
    """A stage that writes files stops before its disk has less left; 0 lets it fill up."""
    memory_megabytes: int = 4096
    """For one process that handles a video."""
    lease_seconds: float = 120.0
    """An item whose process has vanished is free again after this time."""

    @property
    def min_free_bytes(self) -> int:
        """Return how much of a disk is left alone."""
        return int(self.min_free_gigabytes * 1e9)

    def __post_init__(self) -> None:
        not_negative(self, "min_free_gigabytes")
        positive(self, "memory_megabytes", "lease_seconds")
        one_of(self, "engine", ENGINES)
        is_known = self.ray_address in ("", "auto") or _CLUSTER.fullmatch(self.ray_address)
        if not is_known:
            raise ConfigError(
                "ray_address must be 'ray://HOST:PORT', 'HOST:PORT', 'auto' or empty, found "
                f"{self.ray_address!r}."
            )
        if self.workers < 0:
            raise ConfigError(f"workers must be 0 or more, found {self.workers}.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """Everything a workspace is told, as read from `kbuild.toml`."""

    database: str = "kbuild.sqlite"
    """A file in the workspace, an absolute path, or a PostgreSQL URL."""
    search: SearchConfig = field(default_factory=SearchConfig)
    match: MatchConfig = field(default_factory=MatchConfig)
    download: DownloadConfig = field(default_factory=DownloadConfig)
    score: ScoreConfig = field(default_factory=ScoreConfig)
    propose: ProposeConfig = field(default_factory=ProposeConfig)
    filters: FiltersConfig = field(default_factory=FiltersConfig)
    cut: CutConfig = field(default_factory=CutConfig)
    deduplicate: DeduplicateConfig = field(default_factory=DeduplicateConfig)
    assign: AssignConfig = field(default_factory=AssignConfig)
    page: PageConfig = field(default_factory=PageConfig)
    panels: tuple[PanelConfig, ...] = ()
    verify: VerifyConfig = field(default_factory=VerifyConfig)
    curate: CurateConfig = field(default_factory=CurateConfig)
    films: FilmsConfig = field(default_factory=FilmsConfig)
    keyframes: KeyFramesConfig = field(default_factory=KeyFramesConfig)
    detect: DetectConfig = field(default_factory=DetectConfig)
    link: LinkConfig = field(default_factory=LinkConfig)
    actions: ActionsConfig = field(default_factory=ActionsConfig)
    release: ReleaseConfig = field(default_factory=ReleaseConfig)
    run: RunConfig = field(default_factory=RunConfig)
    storage: StorageConfig = field(default_factory=StorageConfig)

    def __post_init__(self) -> None:
        check_names(self.panels)
        sampling, found = self.propose.sampling, len(self.score.scorers)
        if Sampling(sampling).needs_two and found < 2:
            raise ConfigError(
                f'propose.sampling = "{sampling}" needs two scorers, score.scorer names {found}. '
                'Name two, as scorer = ["one", "two"], or set sampling to "best" or "random".'
            )

        if self.filters.find_persons and self.detect.detector == "hog":
            raise ConfigError(
                "filters.find_persons needs a detector that finds most persons; detect.detector is "
                '"hog". Name a network, such as "fasterrcnn_resnet50_fpn_v2", or "trained".'
            )

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a TOML file. A key that is unknown or of the wrong type is an error."""
        try:
            text = path.read_text(encoding="utf-8")
            data = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise ConfigError(f"{path}: {error}. Mend the file, or make it anew.") from error
        try:
            config: Self = _section(cls, data, str(path))
        except ConfigError as error:
            raise ConfigError(with_line(str(error), path, text)) from error
        if not config.download.cookies_file:
            return config
        cookies = path.parent.absolute() / Path(config.download.cookies_file).expanduser()
        return replace(config, download=replace(config.download, cookies_file=str(cookies)))


def _section(cls: type, values: Mapping[str, Any], where: str) -> Any:
    known = {f.name for f in fields(cls)}
    if unknown := sorted(values.keys() - known):
        raise ConfigError(
            f"{where}: unknown setting {unknown[0]!r}. Known here: {', '.join(sorted(known))}."
        )
    hints = get_type_hints(cls)
    converted = {key: _value(hints[key], value, f"{where}: {key}") for key, value in values.items()}
    try:
        return cls(**converted)
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error


def _fitting(kinds: tuple[Any, ...], value: Any) -> Any:
    """Return the first of the kinds that a value is written as, else the first."""
    origins = [(kind, get_origin(kind) or kind) for kind in kinds]
    fitting = (k for k, origin in origins if isinstance(value, list if origin is tuple else origin))
    return next(fitting, kinds[0])


def _value(kind: Any, value: Any, where: str) -> Any:
    if hasattr(kind, "__dataclass_fields__"):
        if not isinstance(value, dict):
            raise ConfigError(f"{where} must be a table, found {value!r}.")
        return _section(kind, value, where)
    origin = get_origin(kind) or kind
    if origin in (Union, UnionType):
        return _value(_fitting(get_args(kind), value), value, where)
    if origin is tuple:
        return _list_value(get_args(kind)[0], value, where)
    if origin is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, origin) or (isinstance(value, bool) and origin is not bool):
        raise ConfigError(f"{where} must be of type {origin.__name__}, found {value!r}.")
    return value


def _list_value(kind: Any, value: Any, where: str) -> tuple[Any, ...]:
    """Return a list of strings, or of tables where `kind` is a section."""
    if hasattr(kind, "__dataclass_fields__"):
        if not isinstance(value, list):
            raise ConfigError(f"{where} must be a list of tables, found {value!r}.")
        return tuple(_value(kind, one, f"{where} {at}") for at, one in enumerate(value, 1))
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise ConfigError(f"{where} must be a list of strings, found {value!r}.")
    return tuple(value)
