"""Invitation codes: what a worker types at the first login and at every later one."""

import base64
import hashlib
import secrets

from sqlalchemy import insert
from sqlalchemy.orm import Session

from kinetics_builder.crowd.acts import note_act
from kinetics_builder.database.tables import Act, Worker
from kinetics_builder.text.counting import counted

_NUM_BYTES = 10
_MISREAD = str.maketrans("018", "OIB")


def make_invitations(session: Session, count: int) -> list[str]:
    """Add `count` workers and return their invitation codes, such as `K7QF-2ZLM-…`.

    Each code carries 80 random bits. The database keeps hashes alone, so a code that was
    not written down is lost; making another one costs nothing.
    """
    codes = [new_code() for _ in range(count)]
    if codes:
        session.execute(insert(Worker), [{"code_hash": hash_code(code)} for code in codes])
        note_act(session, Act.INVITED, counted(count, "code"))
    return codes


def new_code() -> str:
    """Return a fresh invitation code of 80 random bits."""
    return _spaced(secrets.token_bytes(_NUM_BYTES))


def hash_code(code: str) -> str:
    """Return the SHA-256 that `Worker.code_hash` holds, in hexadecimal.

    Case, spaces and hyphens do not matter, and 0, 1 and 8, which no code has, are read
    as the letters they look like.

    >>> hash_code("k7qf 2zlm-oib2") == hash_code("K7QF2ZLM0182")
    True
    """
    letters = "".join(character for character in code.upper() if character.isalnum())
    return hashlib.sha256(letters.translate(_MISREAD).encode()).hexdigest()


def _spaced(code: bytes) -> str:
    letters = base64.b32encode(code).decode()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))
