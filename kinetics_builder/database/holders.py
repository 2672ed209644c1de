"""Who holds the lock that a writer waited for in vain."""

import re
from pathlib import Path

import psutil
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from kinetics_builder.database.connecting import WRITE_LOCK

_LOCKS = Path("/proc/locks")
_LINE = re.compile(r"WRITE +(?P<pid>\d+) \S+:(?P<inode>\d+) (?P<byte>\d+) \S+$", re.MULTILINE)
"""As in `1: POSIX  ADVISORY  WRITE 12345 fe:01:131 120 120`."""
_WAL_WRITE_LOCK = "120"
"""The byte of the file `-shm` that SQLite's one writer locks (sqlite.org/walformat.html)."""
_HOLDER = text("""
    SELECT coalesce(nullif(application_name, ''), usename) AS name, pid,
           coalesce(host(client_addr), 'the server itself') AS machine,
           round(extract(epoch FROM clock_timestamp() - xact_start)) AS seconds
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND classid = CAST(:high AS oid) AND objid = CAST(:low AS oid)
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")


def lock_holder(engine: Engine) -> str:
    """Return who writes to the database now, and how to end that, as a sentence."""
    if engine.dialect.name == "sqlite":
        return _sqlite_holder(Path(f"{engine.url.database}-shm"))
    try:
        with engine.connect() as connection:
            numbers = {"high": WRITE_LOCK >> 32, "low": WRITE_LOCK & 0xFFFFFFFF}
            row = connection.execute(_HOLDER, numbers).first()
    except SQLAlchemyError:
        row = None
    if row is None:
        return "It is free again by now, or another program locks a table."
    return (
        f"{row.name} from {row.machine} has held it for {row.seconds:.0f} s; "
        f"SELECT pg_terminate_backend({row.pid}) ends that connection."
    )


def _sqlite_holder(shared: Path) -> str:
    """Return the process that holds SQLite's write lock, where the system tells (Linux)."""
    try:
        inode, table = str(shared.stat().st_ino), _LOCKS.read_text(encoding="ascii")
    except OSError:
        return "This system does not tell who holds it."
    for lock in _LINE.finditer(table):
        if (lock["inode"], lock["byte"]) == (inode, _WAL_WRITE_LOCK):
            return _process(int(lock["pid"]))
    return "It is free again by now."


def _process(pid: int) -> str:
    try:
        process = psutil.Process(pid)
        return f"Process {pid} holds it: {' '.join(process.cmdline())[:200] or process.name()}."
    except psutil.Error:
        return f"Process {pid} holds it."
