"""Catalogues of the page's texts: gettext's `.po` files, read as they are when the page starts.

Nothing is compiled, so what a translator saves is what is shown at the next start, and a clone
needs no step that an installed wheel does not. Ours lie beside this package, an owner's own in a
folder of the same shape: `LANGUAGE/LC_MESSAGES/messages.po`.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po
from babel.support import NullTranslations, Translations

from annotation_ui.languages.flaws import flaws_of
from kinetics_builder.errors import ConfigError

OURS = Path(__file__).parent.parent / "translations"
TEMPLATE = OURS / "messages.pot"
"""All texts of the page, in English."""
SOURCE = "en"
"""The language in which they stand in the page itself."""
_PLACE = "LC_MESSAGES/messages.po"
_NUM_PLURALS = 200


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One language of the page."""

    code: str
    """Such as `pt` or `zh_TW`, as its folder is called."""
    name: str
    """What its speakers call it."""
    translations: NullTranslations
    of_scripts: Mapping[str, list[str]]
    """Texts of scripts: the English one -> its forms."""
    plurals: str
    """Which form goes with 0, 1, ... 199, a digit each."""

    @property
    def tag(self) -> str:
        """Return the language as HTML names it, such as `zh-TW`."""
        return self.code.replace("_", "-")


def read_catalogues(folder: Path | None = None) -> dict[str, Catalogue]:
    """Return the languages of the page by their codes, English first, then by code.

    Args:
        folder: An owner's own; a language that lies there is not taken from ours.

    Raises:
        ConfigError: There is no such folder, or a catalogue of it cannot be read, lacks a text or
            has one that does not fit what it translates: with the first flaw, and how many there
            are.

    """
    found = {SOURCE: Catalogue(SOURCE, _name(Locale(SOURCE)), NullTranslations(), {}, "")}
    files = dict(_files(OURS))
    if folder is not None:
        own = dict(_files(folder))
        if not own:
            raise ConfigError(
                f"page.translations: {folder} has no LANGUAGE/{_PLACE}; copy {TEMPLATE} there as "
                f"the beginning of one, such as {folder / 'fr' / _PLACE}."
            )
        files |= own
    for code, path in sorted(files.items()):
        if code != SOURCE:
            found[code] = _read(code, path, path.stat().st_mtime_ns)
    return found


def read_file(path: Path) -> Catalog:
    """Return a catalogue's entries.

    Raises:
        ConfigError: It is no `.po` file.

    """
    try:
        with path.open("rb") as file:
            return read_po(file, abort_invalid=True)
    except (PoFileError, UnicodeDecodeError, ValueError) as error:
        raise ConfigError(f"{path} is no catalogue that can be read: {error}.") from error


def _files(folder: Path) -> list[tuple[str, Path]]:
    return [(path.parents[1].name, path) for path in sorted(folder.glob(f"*/{_PLACE}"))]


@lru_cache(maxsize=32)
def _read(code: str, path: Path, modified_ns: int) -> Catalogue:
    try:
        locale = Locale.parse(code)
    except (UnknownLocaleError, ValueError) as error:
        raise ConfigError(
            f"{path} lies in a folder {code!r}, which is no language; name it fr or pt_BR."
        ) from error
    catalogue = read_file(path)
    if flaws := flaws_of(catalogue, read_file(TEMPLATE)):
        first, *others = flaws
        more = f" (and {len(others)} more)" if others else ""
        raise ConfigError(f"{path}:{first}{more}.")
    translations = _compiled(catalogue)
    plurals = "".join(str(translations.plural(number)) for number in range(_NUM_PLURALS))
    return Catalogue(code, _name(locale), translations, _of_scripts(catalogue), plurals)


def _compiled(catalogue: Catalog) -> Translations:
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    buffer.seek(0)
    return Translations(buffer)


def _of_scripts(catalogue: Catalog) -> dict[str, list[str]]:
    messages = (message for message in catalogue if message.id and _is_of_script(message))
    return {_first(message.id): _listed(message.string or "") for message in messages}


def _is_of_script(message: Message) -> bool:
    return any(place.endswith(".js") for place, _ in message.locations)


def _first(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


def _listed(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _name(locale: Locale) -> str:
    name = locale.get_display_name(locale) or str(locale)
    return name[0].upper() + name[1:]
