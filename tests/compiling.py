"""What each test's own database and page would compile anew is compiled once in a process."""

from collections.abc import Callable, Iterator
from typing import Any

import jinja2
import pytest
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from kinetics_builder.database import connecting


@pytest.fixture(scope="session", autouse=True)
def statements_are_compiled_once() -> Iterator[None]:
    """Let the engines of all SQLite databases share what their statements compile to."""
    create = connecting.create_engine
    first = create("sqlite://")
    first.connect().close()
    shared = {"dialect": first.dialect, "_compiled_cache": LRUCache[Any, Any](2000)}

    def made(*arguments: Any, **options: Any) -> Engine:
        engine = create(*arguments, **options)
        if engine.dialect.name == "sqlite":
            vars(engine).update(shared)
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connecting, "create_engine", made)
        yield
    first.dispose()


class _InMemory(jinja2.BytecodeCache):
    def __init__(self) -> None:
        self._known = dict[str, bytes]()

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._known:
            bucket.bytecode_from_string(self._known[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._known[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def templates_are_compiled_once() -> Iterator[None]:
    """Let the pages of all workspaces, and their reports, share their templates' code."""
    make, cache = jinja2.Environment.__init__, _InMemory()

    def made(self: jinja2.Environment, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **{"bytecode_cache": cache, **options})

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jinja2.Environment, "__init__", made)
        yield


@pytest.fixture(scope="session", autouse=True)
def addresses_are_compiled_once() -> Iterator[None]:
    """Let equal rules of all apps share the function that builds an address: most of an app's time.

    The function is handed the rule itself, with its converters.
    """
    compiling, compiled = Rule._compile_builder, dict[tuple[str, ...], Callable[..., Any]]()

    def once(rule: Rule, append_unknown: bool = True) -> Callable[..., Any]:
        key = (rule.rule, *map(repr, (rule._trace, rule.defaults, append_unknown)))
        if key not in compiled:
            compiled[key] = compiling(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield
