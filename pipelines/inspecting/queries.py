"""What is asked for each class, language by language, and the forms in which a title may say it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from kinetics_builder.config import Config
from kinetics_builder.database.engine import reading
from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.classes import read_classes
from kinetics_builder.text.class_list.entries import ClassEntry
from kinetics_builder.text.matching.lessons import NONE_LEARNT, Lessons
from kinetics_builder.text.matching.loose import Evidence, wordings_of
from kinetics_builder.text.matching.matcher import QUERY_WEIGHT, SYNONYM_WEIGHT, names_of
from kinetics_builder.text.matching.variants import variants
from kinetics_builder.workspace import CONFIG_FILE, Workspace, new_config
from pipelines.collecting.classes import asked_of, entries_of, queries_of, speaks
from pipelines.collecting.finding import finder_of


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a name, and how sure a title that has it makes us."""

    text: str
    score: float
    differs: str
    """How it differs from the name."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What is asked in one language, and matched."""

    language: str
    asked: tuple[str, ...]
    not_asked: tuple[str, ...]
    """Queries that `search.languages` leaves out; titles are matched to them all the same."""
    forms: tuple[Form, ...]
    """In which a title names the class, surest first: of English the name's and synonyms', too."""
    any_order: tuple[tuple[tuple[str, ...], ...], ...] = ()
    """Of the scored match: of each name its words, each in all its forms, without accents. A title
    that has one of each, in any order and at any distance, may name the class."""


@dataclass(frozen=True, slots=True)
class ClassQueries:
    """All that is asked for a class and matched to it."""

    name: str
    languages: tuple[Spoken, ...]
    negative_words: tuple[str, ...]
    learnt: tuple[Form, ...]
    """Words of accepted titles, where `match.lessons` has them."""


def list_queries(
    folder: Path, classes: Path | None = None, languages: Sequence[str] = ()
) -> tuple[ClassQueries, ...]:
    """Return the queries of all classes, or those in some languages alone.

    Args:
        folder: A workspace; where a list of classes is named, any folder.
        classes: A list of classes; those of the workspace without it.
        languages: Codes such as "pt"; empty for all.

    Raises:
        ClassesError: There are no classes, or none has a query in these languages.

    """
    config, lessons = new_config(), NONE_LEARNT
    entries = read_classes(classes) if classes else ()
    if not classes or (folder / CONFIG_FILE).is_file():
        workspace = Workspace.open(folder)
        if not classes:
            with reading(workspace.engine) as session:
                entries = entries_of(session)
        config, lessons = workspace.config, finder_of(workspace, entries).lessons
    if not entries:
        raise ClassesError(
            "`kbuild queries` found no classes in the workspace. Write "
            "`kbuild queries --classes FILE`."
        )
    found = tuple(_of_class(entry, config, lessons, languages) for entry in entries)
    if not any(one.languages for one in found):
        spoken = sorted({query.language for entry in entries for query in queries_of(entry)})
        raise ClassesError(
            f"no class has a query in {' or '.join(map(repr, languages))}. There are some in "
            f"{', '.join(map(repr, spoken))}."
        )
    return found


def lines_of(classes: Iterable[ClassQueries], most: int = 8) -> Iterator[str]:
    """Yield lines for people: at most so many forms in each language, the surest."""
    for one in classes:
        yield one.name
        for spoken in one.languages:
            yield from _line(spoken.language, spoken.asked, len(spoken.asked))
            yield from _line(f"{spoken.language}, not asked", spoken.not_asked, most)
            yield from _line("  in titles", [form.text for form in spoken.forms], most)
            for words in spoken.any_order:
                yield from _line("  in any order", [_either(forms) for forms in words], len(words))
        yield from _line("learnt", [form.text for form in one.learnt], most)
        yield from _line("never", one.negative_words, most)


def _either(forms: Sequence[str]) -> str:
    """Return some forms of a word, the surest first.

    >>> _either(("knead", "kneads")), _either(("a", "b", "c", "d", "e", "f"))
    ('knead/kneads', 'a/b/c/d/e/...')
    """
    return "/".join((*forms[:5], "...") if len(forms) > 5 else forms)


def _line(head: str, texts: Sequence[str], most: int) -> Iterator[str]:
    if texts:
        more = f"; and {len(texts) - most} more" if len(texts) > most else ""
        yield f"  {head}: {'; '.join(texts[:most])}{more}"


def _of_class(
    entry: ClassEntry, config: Config, lessons: Lessons, languages: Sequence[str]
) -> ClassQueries:
    queries = queries_of(entry)
    spoken = [q for q in queries if not languages or any(speaks(q, one) for one in languages)]
    learnt = (
        Form(text, round(score, 4), "words of accepted titles")
        for label, text, score in lessons.naming()
        if label == entry.name
    )
    return ClassQueries(
        name=entry.name,
        languages=tuple(
            _spoken(entry, code, config)
            for code in dict.fromkeys(query.language for query in spoken)
        ),
        negative_words=entry.negative_words,
        learnt=tuple(learnt),
    )


def _spoken(entry: ClassEntry, language: str, config: Config) -> Spoken:
    texts = dict.fromkeys(q.text for q in queries_of(entry) if q.language == language)
    asked = {one.query for one in asked_of([entry], config.search.languages)}
    is_scored = config.match.mode != "binary"
    return Spoken(
        language=language,
        asked=tuple(text for text in texts if text in asked),
        not_asked=tuple(text for text in texts if text not in asked),
        forms=_forms(entry, language),
        any_order=tuple(_in_any_order(entry, language)) if is_scored else (),
    )


def _in_any_order(entry: ClassEntry, language: str) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Yield the words of the names in one language that have several, each in its forms."""
    wordings = (
        wording
        for text, weight, spoken in names_of(entry)
        if spoken == language
        for wording in wordings_of(0, text, weight, spoken)
    )
    found = (w.slots for w in wordings if w.evidence is Evidence.APART)
    words = (tuple(tuple(sorted(s, key=lambda f: -s[f])) for s in slots) for slots in found)
    yield from dict.fromkeys(words)


def _forms(entry: ClassEntry, language: str) -> tuple[Form, ...]:
    """Return the forms of all names of a class in one language, each once."""
    names = [(query.text, QUERY_WEIGHT) for query in entry.queries if query.language == language]
    if language == "en":
        names = [(entry.name, 1.0), *names, *((text, SYNONYM_WEIGHT) for text in entry.synonyms)]
    is_english = language.startswith("en")
    found: dict[str, Form] = {}
    for name, weight in names:
        for variant in variants(name, weight, is_english=is_english):
            form = Form(variant.text, variant.weight, variant.kind.value)
            if form.text not in found or found[form.text].score < form.score:
                found[form.text] = form
    return tuple(sorted(found.values(), key=lambda form: -form.score))
