"""The list of classes in the database, and what the last `collect` was told."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.config import DownloadConfig
from kinetics_builder.database.tables import Label, LabelTerm, Setting, Term
from kinetics_builder.text.class_list.entries import ClassEntry, Query
from kinetics_builder.text.foreign import one_line, spelled
from kinetics_builder.text.matching.variants import queries
from kinetics_builder.text.normalise import normalise
from pipelines.sources.source import Asked
from pipelines.sources.spec import DEFAULT


def import_classes(session: Session, entries: Sequence[ClassEntry]) -> None:
    """Make the labels and their terms those of `entries`.

    A label that is not in `entries` is retired, never deleted; one that comes back is taken
    up again, under the spelling it has now. Running it again changes nothing.
    """
    known = session.scalars(select(Label)).all()
    labels = {spelled(label.name): label for label in known} | {row.name: row for row in known}
    taken = {id(labels[entry.name]) for entry in entries if entry.name in labels}
    for label in known:
        label.is_retired = id(label) not in taken
    for entry in entries:
        label = labels.get(entry.name) or Label(name=entry.name)
        label.name = entry.name
        label.group, label.description, label.example = (
            entry.group,
            entry.description,
            entry.example,
        )
        label.way = entry.way
        session.add(label)
        _set_terms(label, entry)
    session.flush()


def entries_of(session: Session) -> tuple[ClassEntry, ...]:
    """Return the classes as they stand in the database, by name; retired ones are left out."""
    terms: dict[int, list[tuple[Term, str, str]]] = defaultdict(list)
    columns = LabelTerm.label_id, LabelTerm.kind, LabelTerm.language, LabelTerm.text
    for label_id, kind, language, text in session.execute(select(*columns)):
        terms[label_id].append((kind, language, text))
    labels = select(Label.id, Label.name).where(Label.is_retired.is_(False)).order_by(Label.name)
    return tuple(_entry(name, terms[label_id]) for label_id, name in session.execute(labels))


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


def _set_terms(label: Label, entry: ClassEntry) -> None:
    wanted = dict.fromkeys(_terms(entry))
    for term in list(label.terms):
        if wanted.pop((term.kind, term.language, term.text), 1) is not None:
            label.terms.remove(term)
    label.terms.extend(LabelTerm(kind=k, language=lang, text=text) for k, lang, text in wanted)


def _terms(entry: ClassEntry) -> Iterator[tuple[Term, str, str]]:
    for query in entry.queries:
        yield Term.QUERY, query.language, query.text
    for text in entry.synonyms:
        yield Term.SYNONYM, "en", text
    for text in entry.negative_words:
        yield Term.NEGATIVE, "en", text


def _entry(name: str, terms: Iterable[tuple[Term, str, str]]) -> ClassEntry:
    terms = sorted(terms)
    return ClassEntry(
        name=name,
        queries=tuple(Query(lang, text) for kind, lang, text in terms if kind is Term.QUERY),
        synonyms=tuple(text for kind, _, text in terms if kind is Term.SYNONYM),
        negative_words=tuple(text for kind, _, text in terms if kind is Term.NEGATIVE),
    )
