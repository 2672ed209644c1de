"""The owner's pages: how the work stands, what people disagree about, whom to look at."""

from annotation_ui.owner import (
    audit,
    class_editing,
    classes,
    clips,
    coming,
    disputes,
    flags,
    log,
    overview,
    people,
    portrait,
)
from annotation_ui.owner.blueprint import bp

__all__ = [
    "audit",
    "bp",
    "class_editing",
    "classes",
    "clips",
    "coming",
    "disputes",
    "flags",
    "log",
    "overview",
    "people",
    "portrait",
]
