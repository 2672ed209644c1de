"""The list of classes in the database, and what the last `collect` was told."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.tables import Label, LabelTerm, Setting, Term
from kinetics_builder.text.class_list.entries import ClassEntry, Query
from kinetics_builder.text.foreign import one_line
from kinetics_builder.text.matching.variants import queries
from kinetics_builder.text.normalise import normalise
from pipelines.sources.source import Asked
from pipelines.sources.spec import DEFAULT


def terms_of(session: Session) -> Mapping[int, list[tuple[Term, str, str]]]:
    """Return kind, language and text of each label's terms."""
    terms: dict[int, list[tuple[Term, str, str]]] = defaultdict(list)
    columns = LabelTerm.label_id, LabelTerm.kind, LabelTerm.language, LabelTerm.text
    for label_id, kind, language, text in session.execute(select(*columns)):
        terms[label_id].append((kind, language, text))
    return terms


def is_searched() -> ColumnElement[bool]:
    """Return the condition that a label is a class of the classes file."""
    return and_(Label.is_retired.is_(False), Label.part_of_id.is_(None))


def entries_of(session: Session) -> tuple[ClassEntry, ...]:
    """Return the classes as they stand in the database, by name; retired ones are left out.

    So are parts of classes that were split: nobody searches for them.
    """
    terms = terms_of(session)
    labels = select(Label.id, Label.name).where(is_searched()).order_by(Label.name)
    return tuple(entry_of(name, terms[label_id]) for label_id, name in session.execute(labels))


def asked_of(entries: Iterable[ClassEntry], languages: Sequence[str] = ()) -> list[Asked]:
    """Return the queries of all classes: each name, then what the list adds to it.

    Where languages are named, queries in these alone; a name is English. However it is spelled,
    a class asks nothing twice.
    """
    return [Asked(e.name, query.text) for e in entries for query in _once(queries_of(e), languages)]


def queries_of(entry: ClassEntry) -> list[Query]:
    """Return the queries of a class, those that its name gives first."""
    return [*(Query("en", text) for text in queries(entry.name)), *entry.queries]


def _once(asked: Iterable[Query], languages: Sequence[str]) -> Iterable[Query]:
    found: dict[str, Query] = {}
    for query in asked:
        if not languages or any(speaks(query, language) for language in languages):
            found.setdefault(normalise(query.text), query)
    return found.values()


def speaks(query: Query, language: str) -> bool:
    """Say whether a query is in a language: pt-BR is in pt, and pt is not in pt-BR."""
    return f"{query.language.lower()}-".startswith(f"{language.lower()}-")


def lacking(
    entries: Iterable[ClassEntry], languages: Sequence[str], asking: str = "search.languages"
) -> str | None:
    """Return which language that is asked for some classes have no query in; None where all do.

    `asking` is what asks for them: a setting, or an option.
    """
    known = list(entries)
    for language in languages:
        names = [
            repr(entry.name)
            for entry in known
            if not any(speaks(query, language) for query in queries_of(entry))
        ]
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            return (
                f"{asking} asks for {language!r}, in which there is no query for "
                f"{', '.join(names[:_NAMED])}{more}. Write some in the classes file, as "
                f"`queries: {{{language}: [...]}}`, or take {language!r} out."
            )
    return None


_NAMED = 3
"""Classes that an error names."""


def remember(
    session: Session,
    classes: Path,
    source: str,
    limit: int | None,
    licences: Sequence[str] = (),
) -> None:
    """Write down what `collect` was told, so that single stages need no repetition."""
    told = {
        "classes_file": one_line(str(classes.resolve())) or "",
        "source": source,
        "results_per_query": "" if limit is None else str(limit),
        "licences": " ".join(licences),
    }
    for key, value in told.items():
        session.merge(Setting(key=key, value=value))


def remembered_source(session: Session) -> str:
    """Return the source of the last `collect`."""
    setting = session.get(Setting, "source")
    return setting.value if setting else DEFAULT


def with_licences(session: Session, config: DownloadConfig) -> DownloadConfig:
    """Return the settings with the licences that the last `collect` was given, if any."""
    setting = session.get(Setting, "licences")
    told = setting.value.split() if setting else []
    return replace(config, licences=tuple(told)) if told else config


def remembered_limit(session: Session) -> int | None:
    """Return the results per query that the last `collect` was given, None if none."""
    setting = session.get(Setting, "results_per_query")
    return int(setting.value) if setting and setting.value else None


def entry_of(name: str, terms: Iterable[tuple[Term, str, str]]) -> ClassEntry:
    """Return the class of a name with its terms."""
    terms = sorted(terms)
    return ClassEntry(
        name=name,
        queries=tuple(Query(lang, text) for kind, lang, text in terms if kind is Term.QUERY),
        synonyms=tuple(text for kind, _, text in terms if kind is Term.SYNONYM),
        negative_words=tuple(text for kind, _, text in terms if kind is Term.NEGATIVE),
    )
