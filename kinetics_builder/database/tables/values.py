"""What columns may say: stored by value, as the CSVs spell it."""

from enum import StrEnum


class State(StrEnum):
    """How far an item of a stage has come."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Term(StrEnum):
    """What a phrase says about a label."""

    QUERY = "query"
    SYNONYM = "synonym"
    NEGATIVE = "negative"


class Method(StrEnum):
    """How a clip's place in its video was found."""

    CLASSIFIER = "classifier"
    MOTION = "motion"


class Standing(StrEnum):
    """What `deduplicate` made of a clip."""

    KEPT = "kept"
    RESERVE = "reserve"
    """Asked about only when a better clip of the same video was rejected."""
    DUPLICATE = "duplicate"


class Survival(StrEnum):
    """Why a clip is a duplicate, and the other is not: the first of these that tells them apart."""

    OLDER = "older dataset"
    """The other is one of a dataset that must not come again."""
    PIXELS = "more pixels"
    """The other's video has more."""
    LENGTH = "longer video"
    DATE = "earlier upload"
    ID = "first by id"
    """Nothing else told them apart."""


class WebKind(StrEnum):
    """What an item of the web is."""

    IMAGES = "images"
    CLIPS = "clips"
    """Stretches of videos that were proposed, as files of their own."""
    VIDEOS = "videos"
    """Whole videos, by windows."""


class Answer(StrEnum):
    """What a worker may say about a clip."""

    YES = "yes"
    NO = "no"
    UNSURE = "unsure"
    BAD = "bad"
    """Does not play, shows no human, is a still, a cartoon or a game."""


class Verdict(StrEnum):
    """What the votes say about a clip."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OPEN = "open"


class Act(StrEnum):
    """What the owner, or a reviewer, may do."""

    INVITED = "made codes"
    NEW_CODE = "gave a new code"
    REVOKED = "revoked"
    EXCLUDED = "excluded"
    READMITTED = "readmitted"
    JOINED = "joined"
    DECIDED = "decided"
    TAKEN_BACK = "took back"
    GOLD = "made gold"
    CLASS_EDITED = "edited a class"
    CLASS_OPENED = "opened a class"
    ASKED_AGAIN = "asked gold again"
    REVIEWER = "let a reviewer in"
    REVIEWER_GONE = "revoked a reviewer"
    WROTE = "wrote to"
    CLASS_TEXT = "changed a class"
    AUDIT_DRAWN = "drew an audit"


class RoundState(StrEnum):
    """How a round of gold stands that a worker was asked."""

    OPEN = "open"
    PASSED = "passed"
    FAILED = "failed"


class BoxFlag(StrEnum):
    """Why nobody can say what the person of a box does."""

    BLOCKED = "blocked"
    """The person is hidden, or what is shown should not be."""
    WRONG_BOX = "wrong_box"
    """There is no person, or the box does not fit one."""


class Split(StrEnum):
    """Which file of a release a clip goes to, as Kinetics spells it."""

    TRAIN = "train"
    VALIDATE = "validate"
    TEST = "test"
    HELD_OUT = "held_out"
    """In no file: kept by the owner alone."""


class Outcome(StrEnum):
    """How a session of a paid panel has ended."""

    COMPLETE = "complete"
    SCREENED_OUT = "screened out"
    NO_WORK = "no work left"
    """Nothing was there to be answered."""
    TAKEN_AGAIN = "taken again"
    """The participant came in another session, which goes on where this one stood."""


class Decided(StrEnum):
    """What is told a panel about a session."""

    APPROVE = "approve"
    REJECT = "reject"
    SCREENED_OUT = "screened out"
