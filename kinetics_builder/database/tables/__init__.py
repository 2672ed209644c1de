"""The database of a workspace: one table for each stage's output, one row for each decision.

What people say (`vote`, `class_edit`) is only ever added. Every other column is derived,
and has one writer, named in its table's docstring. Released files never depend on an `id`.
"""

from kinetics_builder.database.tables.ava import (
    BoxLink,
    DetectedBox,
    Film,
    FilmHit,
    GivenBox,
    KeyFrame,
    LinkEdit,
    PersonBox,
    Shot,
)
from kinetics_builder.database.tables.base import Base
from kinetics_builder.database.tables.boxes import BoxAnswer, BoxDecision, DrawnBox, GoldBox
from kinetics_builder.database.tables.clips import Clip, ClipFile, ClipPlace, FrameScores
from kinetics_builder.database.tables.collecting import (
    Candidate,
    Label,
    LabelTerm,
    Media,
    SearchHit,
    Video,
)
from kinetics_builder.database.tables.crowd import (
    Assignment,
    Briefing,
    ClassTally,
    Decision,
    Gold,
    HourTally,
    Login,
    Task,
    TaskSlot,
    Vote,
    Worker,
    WorkerStanding,
)
from kinetics_builder.database.tables.publishing import ClassEdit, CuratedClip, Release
from kinetics_builder.database.tables.stages import Item, Setting, SiteRest
from kinetics_builder.database.tables.values import (
    Answer,
    Method,
    Split,
    Standing,
    State,
    Term,
    Verdict,
)

__all__ = [
    "Answer",
    "Assignment",
    "Base",
    "BoxAnswer",
    "BoxDecision",
    "BoxLink",
    "Briefing",
    "Candidate",
    "ClassEdit",
    "ClassTally",
    "Clip",
    "ClipFile",
    "ClipPlace",
    "CuratedClip",
    "Decision",
    "DetectedBox",
    "DrawnBox",
    "Film",
    "FilmHit",
    "FrameScores",
    "GivenBox",
    "Gold",
    "GoldBox",
    "HourTally",
    "Item",
    "KeyFrame",
    "Label",
    "LabelTerm",
    "LinkEdit",
    "Login",
    "Media",
    "Method",
    "PersonBox",
    "Release",
    "SearchHit",
    "Setting",
    "Shot",
    "SiteRest",
    "Split",
    "Standing",
    "State",
    "Task",
    "TaskSlot",
    "Term",
    "Verdict",
    "Video",
    "Vote",
    "Worker",
    "WorkerStanding",
]
