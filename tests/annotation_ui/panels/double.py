"""A double of Prolific on loopback: it sends participants, and takes their codes.

As Prolific's documents say: a study has places; taking one makes a submission that is active;
the study's address is called with the ids filled in; the code that comes back by
`/submissions/complete?cc=CODE` says what the submission is: awaiting review, or screened out. Who
returns a submission, or takes longer than the study allows, gives the place to others. An
unknown code is noted and makes the submission await review as `NOCODE`. Which participant comes
back it knows by its own login, here a cookie.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class Submission:
    """One participant's part in the study."""

    id: str
    participant: str
    status: str = "ACTIVE"
    code: str | None = None


@dataclass
class Prolific:
    """The study, as its researcher has set it up."""

    study: str
    num_places: int
    codes: dict[str, str]
    """Code -> what it makes of a submission."""
    external_study_url: str = ""
    address: str = ""
    submissions: list[Submission] = field(default_factory=list)

    def take(self, participant: str) -> str | None:
        """Give a place to a participant; return where they are sent, None when all are taken."""
        mine = [one for one in self.active() if one.participant == participant]
        if not mine and self.num_taken() >= self.num_places:
            return None
        if not mine:
            mine = [Submission(f"{0xA000 + len(self.submissions):024x}", participant)]
            self.submissions += mine
        filled = {"PROLIFIC_PID": participant, "STUDY_ID": self.study, "SESSION_ID": mine[0].id}
        url = self.external_study_url
        for name, value in filled.items():
            url = url.replace(f"{{{{%{name}%}}}}", value)
        return url

    def complete(self, participant: str, code: str) -> str:
        """Take a code from a participant; return what their submission is now."""
        for one in self.active():
            if one.participant == participant:
                one.code = code
                one.status = self.codes.get(code, "NOCODE")
                return one.status
        return "no submission"

    def return_submission(self, participant: str) -> None:
        """Let a participant give a place back; so does `time_out`, on Prolific's side."""
        self._end(participant, "RETURNED")

    def time_out(self, participant: str) -> None:
        self._end(participant, "TIMED-OUT")

    def _end(self, participant: str, status: str) -> None:
        for one in self.active():
            if one.participant == participant:
                one.status = status

    def active(self) -> list[Submission]:
        return [one for one in self.submissions if one.status == "ACTIVE"]

    def num_taken(self) -> int:
        return sum(one.status in ("ACTIVE", "AWAITING REVIEW") for one in self.submissions)

    def ids_of(self, status: str) -> list[str]:
        return [one.id for one in self.submissions if one.status == status]


@contextmanager
def in_thread(server: BaseServer) -> Iterator[None]:
    """Answer requests in a thread while the block runs."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def running(study: Prolific) -> Iterator[Prolific]:
    """Serve the double from a thread while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            me = (self.headers.get("Cookie") or "").removeprefix("participant=")
            if parts.path == "/take":
                url = study.take(me)
                self._reply(302 if url else 409, url or "", location=url)
            elif parts.path == "/submissions/complete":
                self._reply(200, study.complete(me, query.get("cc", "")))
            else:
                self._reply(404, "")

        def _reply(self, status: int, text: str, location: str | None = None) -> None:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    study.address = f"http://127.0.0.1:{server.server_port}"
    with in_thread(server):
        yield study
