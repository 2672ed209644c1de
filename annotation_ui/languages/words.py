"""Words of the page, in the language of whoever asks; outside a request in English.

`make texts` collects what is given to these, and to the functions of the same names in templates
and scripts. A value is written `%(name)s`.
"""

from typing import Any

import flask_babel

Text = Any
"""Words of which `str` is asked when they are shown."""


def gettext(text: str, /, **values: Any) -> str:
    """Return a text with its values."""
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, /, **values: Any) -> str:
    """Return the form of a text that goes with a number, which is `num` among its values."""
    return str(flask_babel.ngettext(one, many, num, **values))


def lazy_gettext(text: str) -> Text:
    """Return a text that is in another language for each who asks."""
    return flask_babel.lazy_gettext(text)
