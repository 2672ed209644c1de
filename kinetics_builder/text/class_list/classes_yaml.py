"""The YAML form of the list of classes (JSON too). Values are taken as written: `no` is a word."""

from dataclasses import replace
from pathlib import Path

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from kinetics_builder.errors import ClassesError
from kinetics_builder.text.class_list.entries import (
    NONE_OF_THESE,
    ClassEntry,
    ClassList,
    Group,
    Query,
    TreeQuestion,
)
from kinetics_builder.ways import Way

KEYS = (
    "id",
    "name",
    "queries",
    "synonyms",
    "negative_words",
    "description",
    "example",
    "group",
    "groups",
    "verify",
)
GROUP_KEYS = ("name", "parent", "question", "description", "questions")
QUESTION_KEYS = ("id", "question", "example", "examples", "yes", "no")
# The one in Python refuses a question mark within braces.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PARTS = {"classes", "groups"}
"""Of a file that says more of groups than their names."""
_FORM = (
    "a list of names or of mappings with `name`, a mapping from names to mappings, or one from "
    "groups to lists"
)


def parse_yaml(text: str, path: Path) -> ClassList:
    """Return the classes and groups of a YAML text in its order; `path` is named in errors.

    Raises:
        ClassesError: The text is no YAML, has a key that is unknown or stands twice, or a
            value of the wrong kind.

    """
    try:
        root = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise _no_yaml(error, text, path) from error
    if root is None or _is_null(root):
        return ClassList(())
    reader = _Reader(path)
    groups: list[Group] = []
    if isinstance(root, MappingNode) and _is_in_parts(root):
        parts = reader.mapping(root, "the file", tuple(sorted(_PARTS)))
        root = parts["classes"]
        groups = reader.groups(parts.get("groups"))
        if _is_null(root):
            return ClassList((), tuple(groups))
    if isinstance(root, MappingNode) and _is_by_group(root):
        return reader.by_group(root)
    if isinstance(root, SequenceNode):
        return ClassList(tuple(map(reader.listed, root.value)), tuple(groups))
    if isinstance(root, MappingNode):
        pairs = ((reader.text(key, "a class name"), key, value) for key, value in root.value)
        return ClassList(tuple(reader.entry(*pair) for pair in pairs), tuple(groups))
    raise reader.wrong(root, "the file", _FORM)


def _is_in_parts(root: MappingNode) -> bool:
    """Say whether a file's keys are `classes` and `groups`, and not names of classes."""
    keys = [key.value for key, _ in root.value if isinstance(key, ScalarNode)]
    return len(keys) == len(root.value) and "classes" in keys and set(keys) <= _PARTS


def _no_yaml(error: yaml.YAMLError, text: str, path: Path) -> ClassesError:
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        problem = f"the control character U+{error.character:04X} may not stand here"
    else:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        problem = getattr(error, "problem", None) or "this is no YAML"
    return ClassesError(f"{path}:{line}: {problem}. Mend the YAML.")


def _is_null(node: Node) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _is_by_group(root: MappingNode) -> bool:
    """Say whether a file lists its classes by group, as that of Kinetics-400's parents does."""
    return bool(root.value) and all(isinstance(value, SequenceNode) for _, value in root.value)


class _Reader:
    """Turns nodes into entries, and what does not fit into errors with file and line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def listed(self, node: Node) -> ClassEntry:
        """Return the class of one element of a list: a name, or a mapping with `name`."""
        if isinstance(node, ScalarNode):
            return ClassEntry(name=self.text(node, "a class name"), line=_line(node))
        values = self.mapping(node, "a class", KEYS)
        if "name" not in values:
            raise self.wrong(node, "a class", "a mapping with the key `name`")
        return self.entry(self.text(values["name"], "name"), node, node)

    def entry(self, name: str, place: Node, node: Node) -> ClassEntry:
        """Return the class `name`, whose line is that of `place` and whose keys `node` holds."""
        values = {} if _is_null(node) else self.mapping(node, f"class {name!r}", KEYS)
        return ClassEntry(
            key=self.optional(values.get("id"), "id"),
            name=self.text(values["name"], "name") if "name" in values else name,
            queries=self.queries(values.get("queries")),
            synonyms=self.texts(values.get("synonyms"), "synonyms"),
            negative_words=self.texts(values.get("negative_words"), "negative_words"),
            groups=self.groups_of(values),
            description=self.optional(values.get("description"), "description"),
            example=self.optional(values.get("example"), "example"),
            way=self.way(values.get("verify")),
            line=_line(place),
        )

    def groups_of(self, values: dict[str, Node]) -> tuple[str, ...]:
        """Return the groups of a class: `group`, or `groups`."""
        if "group" in values and "groups" in values:
            raise self.error(values["groups"], "`group` stands there too. Put all into `groups`.")
        return self.texts(values.get("groups", values.get("group")), "groups")

    def by_group(self, root: MappingNode) -> ClassList:
        """Return the classes of {group: [class, ...]}; a class may stand in several groups."""
        classes: dict[str, ClassEntry] = {}
        groups = []
        for key, value in root.value:
            group = Group(name=self.text(key, "a group's name"), line=_line(key))
            groups.append(group)
            for entry in map(self.listed, value.value):
                entry = classes.get(entry.name, entry)
                classes[entry.name] = replace(entry, groups=(*entry.groups, group.name))
        return ClassList(tuple(classes.values()), tuple(groups))

    def groups(self, node: Node | None) -> list[Group]:
        """Return the groups of a file: a list as that of classes, or a mapping from names."""
        if node is None or _is_null(node):
            return []
        if isinstance(node, SequenceNode):
            return [self.listed_group(element) for element in node.value]
        if not isinstance(node, MappingNode):
            raise self.wrong(node, "groups", "a list, or a mapping from names to mappings")
        return [self.group(self.text(k, "a group's name"), k, value) for k, value in node.value]

    def listed_group(self, node: Node) -> Group:
        """Return the group of one element of a list: a name, or a mapping with `name`."""
        if isinstance(node, ScalarNode):
            return Group(name=self.text(node, "a group's name"), line=_line(node))
        values = self.mapping(node, "a group", GROUP_KEYS)
        if "name" not in values:
            raise self.wrong(node, "a group", "a mapping with the key `name`")
        return self.group(self.text(values["name"], "name"), node, node)

    def group(self, name: str, place: Node, node: Node) -> Group:
        """Return the group `name`, whose line is that of `place` and whose keys `node` holds."""
        values = {} if _is_null(node) else self.mapping(node, f"group {name!r}", GROUP_KEYS)
        return Group(
            name=name,
            parent=self.optional(values.get("parent"), "parent"),
            question=self.optional(values.get("question"), "question"),
            description=self.optional(values.get("description"), "description"),
            questions=self.questions(values.get("questions"), f"the questions of {name!r}"),
            line=_line(place),
        )

    def questions(self, node: Node | None, what: str) -> tuple[TreeQuestion, ...]:
        """Return a group's decision tree: a list of mappings with `id`, or a mapping from ids."""
        if node is None or _is_null(node):
            return ()
        if isinstance(node, MappingNode):
            return tuple(self.asked(self.text(k, "an id"), k, value) for k, value in node.value)
        if not isinstance(node, SequenceNode):
            raise self.wrong(node, what, "a list of mappings, or a mapping from ids to mappings")
        return tuple(self.asked(None, element, element) for element in node.value)

    def asked(self, key: str | None, place: Node, node: Node) -> TreeQuestion:
        """Return a question of a decision tree, known by `key` or by the `id` that it has."""
        values = self.mapping(node, "a question", QUESTION_KEYS)
        key = self.text(values["id"], "id") if "id" in values else key
        if key is None:
            raise self.error(place, "a question has no `id`. Answers are kept under it: write one.")
        if "example" in values and "examples" in values:
            raise self.error(values["examples"], "`example` stands there too. Keep `examples`.")
        return TreeQuestion(
            key=key,
            text=self.told(values, "question", key, place),
            examples=self.texts(values.get("examples", values.get("example")), "examples"),
            yes=self.told(values, "yes", key, place),
            no=self.told(values, "no", key, place),
            line=_line(place),
        )

    def told(self, values: dict[str, Node], what: str, key: str, place: Node) -> str:
        """Return a text that a question of a decision tree must have."""
        if found := self.optional(values.get(what), what):
            return found
        if what == "question":
            raise self.error(place, f"the question {key!r} asks nothing. Write its `question`.")
        raise self.error(
            place,
            f"the question {key!r} is a dead end: it says nothing of `{what}`. Lead it to another "
            f"question, a class or `{NONE_OF_THESE}`.",
        )

    def way(self, node: Node | None) -> Way | None:
        """Return how the class's clips are shown, or None where nothing is said."""
        found = self.optional(node, "verify")
        if found is None or found in list(Way):
            return None if found is None else Way(found)
        assert node is not None
        raise self.error(node, f"verify is {found!r}, expected one of {', '.join(Way)}.")

    def queries(self, node: Node | None) -> tuple[Query, ...]:
        """Return queries from {language: texts} or from plain texts, which are English."""
        if not isinstance(node, MappingNode):
            return tuple(Query("en", text) for text in self.texts(node, "queries"))
        return tuple(
            Query(language, text)
            for language, value in self.mapping(node, "queries").items()
            for text in self.texts(value, f"queries in {language!r}")
        )

    def mapping(self, node: Node, what: str, keys: tuple[str, ...] = ()) -> dict[str, Node]:
        """Return a mapping's values by key; without `keys` all keys are known."""
        if not isinstance(node, MappingNode):
            raise self.wrong(node, what, "a mapping of " + (", ".join(keys) or "languages"))
        found: dict[str, Node] = {}
        for key_node, value in node.value:
            key = self.text(key_node, f"a key of {what}")
            if keys and key not in keys:
                raise self.error(
                    key_node, f"unknown key {key!r} in {what}. Known here: {', '.join(keys)}."
                )
            if key in found:
                raise self.error(key_node, f"{key!r} stands twice in {what}. Remove one of them.")
            found[key] = value
        return found

    def texts(self, node: Node | None, what: str) -> tuple[str, ...]:
        """Return a list of texts; a single text is a list of one."""
        if node is None or _is_null(node):
            return ()
        elements = node.value if isinstance(node, SequenceNode) else [node]
        return tuple(self.text(element, what) for element in elements)

    def optional(self, node: Node | None, what: str) -> str | None:
        """Return a text, or None where there is none."""
        return None if node is None or _is_null(node) else self.text(node, what)

    def text(self, node: Node, what: str) -> str:
        """Return a text as it was written."""
        if not isinstance(node, ScalarNode):
            raise self.wrong(node, what, "a text")
        return str(node.value).strip()

    def wrong(self, node: Node, what: str, expected: str) -> ClassesError:
        """Return the error that says what was found where, and what was expected."""
        kinds = {ScalarNode: "a text", SequenceNode: "a list", MappingNode: "a mapping"}
        found = kinds[type(node)]
        return self.error(node, f"{what} is {found}, expected {expected}.")

    def error(self, node: Node, message: str) -> ClassesError:
        """Return an error that names file and line."""
        return ClassesError(f"{self.path}:{_line(node)}: {message}")


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1
