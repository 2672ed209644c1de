"""The list of classes becomes rows, by which everything else knows classes."""

import re
from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from kinetics_builder.crowd.class_texts.versions import ClassText, adopt_file
from kinetics_builder.database.tables import ClassEdit, Label, LabelTerm, Term
from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.entries import ClassEntry, Group, groups_named
from kinetics_builder.text.foreign import spelled
from pipelines.classes.groups import import_groups
from pipelines.classes.trees import import_trees


def import_classes(
    session: Session, entries: Sequence[ClassEntry], groups: Sequence[Group] = ()
) -> None:
    """Make the labels, their terms and groups those of a list.

    A label that is not in it is retired, never deleted; one that comes back is taken up again,
    under the spelling it has now. Of parts of split classes `curate` knows whether they stand. A
    class with an id stays the label that it was, whatever it is called now. Without `groups`
    there are those that classes name. Running it again changes nothing.

    Raises:
        ClassesError: An id and a name are those of two labels, or a class was renamed that
            recorded edits name.

    """
    labels = _Labels(session)
    pairs = [(labels.of(entry), entry) for entry in entries]
    taken = {id(label) for label, _ in pairs}
    for label in labels.known:
        if id(label) in taken:
            label.is_retired, label.part_of_id = False, None
        elif label.part_of_id is None:
            label.is_retired = True
    for label, entry in pairs:
        _set_terms(label, entry)
    session.flush()
    for label, entry in pairs:
        told = ClassText(entry.description or "", entry.example or "", way=entry.way)
        adopt_file(session, label, told)
    session.flush()
    found = groups or groups_named(entries)
    import_groups(session, found, {label.id: entry.groups for label, entry in pairs})
    import_trees(session, entries, found)


class _Labels:
    """The labels there are, by id and by name."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.known = list(session.scalars(select(Label)))
        spelt = {spelled(label.name): label for label in self.known}
        self._by_name = spelt | {label.name: label for label in self.known}
        self._by_key = {label.key: label for label in self.known if label.key is not None}

    def of(self, entry: ClassEntry) -> Label:
        """Return the label of a class, under its name and id of now."""
        named = self._by_name.get(entry.name)
        label = self._by_key.get(entry.key) if entry.key is not None else None
        if label is not None and label is not named:
            self._rename(label, entry, named)
        label = label or named
        if label is None:
            self._session.add(label := Label(name=entry.name))
        label.name = entry.name
        if entry.key is not None:
            label.key = entry.key
        return label

    def _rename(self, label: Label, entry: ClassEntry, named: Label | None) -> None:
        if named is not None:
            raise ClassesError(
                f"line {entry.line}: the id {entry.key!r} is that of {label.name!r}, and there is "
                f"another class {entry.name!r} already. Give it another name; `kbuild curate` "
                "merges two classes."
            )
        if edit := next((e for e in _edits(self._session) if label.name in _names(e)), None):
            raise ClassesError(
                f"line {entry.line}: {label.name!r} is to be called {entry.name!r}, and the edit "
                f"`{edit}` names it. Keep the name here, and write `rename {label.name} -> "
                f"{entry.name}` into a file for `kbuild curate --edits`."
            )


def _edits(session: Session) -> Iterable[str]:
    return session.scalars(select(ClassEdit.text).order_by(ClassEdit.id))


def _names(edit: str) -> list[str]:
    return re.split(r"^\w+ | -> | \+ | \| ", edit)


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
