"""In which language a page is shown: the worker's choice, else the browser's, else the setting."""

from collections.abc import Mapping
from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    has_request_context,
    redirect,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import Babel, Domain, get_locale

from annotation_ui.languages.catalogues import SOURCE, Catalogue, read_catalogues
from annotation_ui.page import is_framed
from kinetics_builder.errors import ConfigError
from kinetics_builder.workspace import Workspace

bp = Blueprint("languages", __name__)
_KEY = "kbuild-languages"
_WORKSPACE_PAGES = "/owner"
"""The owner's pages stand in English, as all that `kbuild` says to the owner."""


def speak(app: Flask, workspace: Workspace) -> None:
    """Let the page speak the languages there are.

    Raises:
        ConfigError: `page.language` is none of them, or a catalogue of the owner's has a flaw.

    """
    page = workspace.config.page
    folder = workspace.root / page.translations if page.translations else None
    languages = read_catalogues(folder)
    if page.language not in languages:
        raise ConfigError(
            f"page.language must be one of {', '.join(languages)}, found {page.language!r}."
        )
    app.extensions[_KEY] = languages
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    babel = Babel(app, default_locale=page.language, locale_selector=lambda: _choose(page.language))
    babel.domain_instance = _Catalogues(languages)
    app.register_blueprint(bp)
    app.context_processor(_shown)


@bp.post("/language")
def choose() -> ResponseReturnValue:
    """Note the language that was chosen, in this browser's session, and go back."""
    code, back = request.form.get("language", ""), request.form.get("back", "")
    if code not in _languages():
        abort(404)
    session["language"] = code
    session.permanent = True
    is_here = back.startswith("/") and not back.startswith(("//", "/\\")) and back.isprintable()
    return redirect(request.script_root + back if is_here else url_for("work.show_start"))


class _Catalogues(Domain):  # type: ignore[misc]
    """The texts of each language, in the place of compiled files."""

    def __init__(self, languages: Mapping[str, Catalogue]) -> None:
        super().__init__()
        self._of = {str(Locale.parse(code)): one.translations for code, one in languages.items()}

    def get_translations(self) -> NullTranslations:
        """Return those of the language of this request; of none outside one."""
        return self._of.get(str(get_locale()), _NONE)


def _choose(otherwise: str) -> str:
    """Return the code of the language in which this request is answered; outside one English."""
    languages = _languages()
    if not has_request_context() or request.path.startswith(_WORKSPACE_PAGES):
        return SOURCE
    chosen = session.get("language")
    if chosen in languages:
        return str(chosen)
    tags = {one.tag: code for code, one in languages.items()}
    found = request.accept_languages.best_match(list(tags))
    return tags[found] if found else otherwise


def _shown() -> dict[str, Any]:
    """Return what templates need: the languages, and that of the page."""
    languages = _languages()
    code = _choose(current_app.extensions["babel"].default_locale)
    here = languages[code]
    is_closed = request.path.startswith(_WORKSPACE_PAGES) or (
        is_framed() and "login" not in session
    )
    back = request.full_path.rstrip("?") if request.method == "GET" else "/"
    return {
        "languages": list(languages.values()),
        "language": {
            "code": code,
            "tag": here.tag,
            "name": here.name,
            "of_scripts": here.of_scripts,
            "plurals": here.plurals,
            "can_be_chosen": len(languages) > 1 and not is_closed,
            "back": back,
        },
    }


def _languages() -> dict[str, Catalogue]:
    found: dict[str, Catalogue] = current_app.extensions[_KEY]
    return found


_NONE = NullTranslations()
