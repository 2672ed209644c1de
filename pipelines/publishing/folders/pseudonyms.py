"""Names that tell whose things are together, and not whose they are."""

import hmac
import secrets
from collections.abc import Mapping

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from kinetics_builder.database.engine import reading, writing
from kinetics_builder.database.tables import Setting, Worker

_KEY = "pseudonym_key"
_LENGTH = 20


class Pseudonyms:
    """Keyed hashes of names. Who has the key can tell whether a name is meant; nobody else can."""

    def __init__(self, key: str) -> None:
        """Take the key."""
        self._key = key.encode()

    @classmethod
    def of(cls, engine: Engine) -> "Pseudonyms":
        """Return those of a workspace, whose database keeps the key; one is made if there is none.

        So a name has the same pseudonym in all releases of a workspace, and another elsewhere.
        """
        with reading(engine) as session:
            found = session.get(Setting, _KEY)
            if found is not None:
                return cls(found.value)
        with writing(engine) as session:
            made = session.get(Setting, _KEY)
            if made is None:
                made = Setting(key=_KEY, value=secrets.token_hex(32))
                session.add(made)
            return cls(made.value)

    def name(self, kind: str, *parts: str) -> str:
        """Return the pseudonym of a thing of a kind, 20 hexadecimal digits."""
        text = "\n".join((kind, *parts)).encode()
        return hmac.digest(self._key, text, "sha256").hex()[:_LENGTH]


def worker_names(session: Session, pseudonyms: Pseudonyms) -> Mapping[int, str]:
    """Return the pseudonym of each worker, by the worker's row."""
    workers = session.execute(select(Worker.id, Worker.name))
    return {key: pseudonyms.name("worker", name or f"#{key}") for key, name in workers}
