"""What platforms are called, and what is given back to them, in the page's languages."""

from annotation_ui.languages.words import lazy_gettext

WORDS = (
    lazy_gettext("the platform"),
    lazy_gettext("submission"),
    lazy_gettext("assignment"),
    lazy_gettext("task"),
)
"""What the platforms' `title` and `what_to_return` may be that is not a name."""
