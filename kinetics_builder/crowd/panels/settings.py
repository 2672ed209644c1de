"""Settings of paid panels: one `[[panels]]` of `kbuild.toml` a study or batch."""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from kinetics_builder.errors import ConfigError
from kinetics_builder.setting_checks import not_negative, one_of, positive, share, some_of

PROLIFIC, CONNECT, EXTERNAL = "prolific", "connect", "external"
PLATFORMS = (PROLIFIC, CONNECT, EXTERNAL)
KINDS = ("clip", "boxes", "links", "actions", "verification", "questionnaire", "segments")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HOST = re.compile(r"[a-z0-9.-]+(:[0-9]{1,5})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class PanelConfig:
    """Whom one panel sends, what a session asks of them, and how they are sent back."""

    name: str = ""
    """In the address to paste into the platform: `/panel/NAME`."""
    platform: str = ""
    """"prolific", "connect" (CloudResearch), or "external" (the form ExternalQuestion, in a
    frame)."""
    is_open: bool = True
    """Whether new sessions may begin; those that are open may finish all the same."""
    studies: tuple[str, ...] = ()
    """Ids of the studies (projects, HITs) that may send people; empty: any."""
    kinds: tuple[str, ...] = ()
    """Kinds of questions that its people are asked, as ["clip"]; empty: all that wait."""
    consent: str = ""
    """A text file in the workspace, or absolute, that is shown before anything is asked; a blank
    line ends a paragraph. Empty: a few sentences of ours."""
    max_answers: int = 0
    """Answers that make a session complete; 0: all there is for the worker."""
    minutes: float = 60.0
    """After which a session that is not finished gives its place and its questions back."""
    places: int = 0
    """Sessions that may be open or complete; 0 for no bound."""
    training_right: int = 0
    """Of the practice answers (verify.practice_answers) so many must be right; 0 asks none."""
    screens_out: bool = True
    """Whether who is set aside, for gold or for haste, is sent back at once."""
    completion_code: str = ""
    screen_out_code: str = ""
    no_work_code: str = ""
    """For those for whom nothing is left to answer; empty: they are asked to return the study."""
    completion_url: str = ""
    """Where those go who are done, whole, code and all; empty: the platform's own for the code."""
    screen_out_url: str = ""
    bonus_per_answer: float = 0.0
    """Paid for each answer of an approved session, in the study's currency."""
    bonus_right: float = 0.0
    """Paid for an approved session whose known questions were answered well."""
    bonus_right_share: float = 0.9
    """From which share of right answers on."""
    frame_origin: str = ""
    """Of "external": the one that may show the page in a frame, as "https://workers.example"."""
    submit_hosts: tuple[str, ...] = ()
    """Of "external": hosts that `turkSubmitTo` may name."""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ConfigError(
                f"name must be 1 to 40 of a-z, 0-9 and -, found {self.name!r}. "
                'Write such as name = "prolific-1": it stands in the address.'
            )
        one_of(self, "platform", PLATFORMS)
        some_of(self, "kinds", KINDS)
        positive(self, "minutes")
        not_negative(self, "max_answers", "places", "training_right")
        not_negative(self, "bonus_per_answer", "bonus_right")
        share(self, "bonus_right_share")
        _check_codes(self)
        _check_urls(self)
        _check_frame(self)

    @property
    def is_framed(self) -> bool:
        """Whether the platform shows the page in a frame of its own."""
        return self.platform == EXTERNAL

    @property
    def realm(self) -> str:
        """Return within what a participant's id is one person: the platform, or its host."""
        if not self.is_framed:
            return self.platform
        return f"{self.platform} {urlsplit(self.frame_origin).netloc}"


def check_names(panels: tuple[PanelConfig, ...]) -> None:
    """Raise ConfigError if two panels have one name."""
    names = [panel.name for panel in panels]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"panels: two are called {name!r}. Give each a name of its own.")


def _check_codes(panel: PanelConfig) -> None:
    codes = {
        name: getattr(panel, name)
        for name in ("completion_code", "screen_out_code", "no_work_code")
    }
    for name, code in codes.items():
        if code and not _CODE.fullmatch(code):
            raise ConfigError(f"{name} must be 1 to 64 letters and digits, found {code!r}.")
    given = [code for code in codes.values() if code]
    if len(set(given)) < len(given):
        raise ConfigError(
            f"{', '.join(codes)} must differ, else the platform cannot tell who was done; "
            f"found {', '.join(map(repr, given))}."
        )
    if not panel.is_framed and not (panel.completion_code or panel.completion_url):
        raise ConfigError(
            "completion_code is missing: copy it from the study's settings at the platform."
        )


def _check_urls(panel: PanelConfig) -> None:
    for name in ("completion_url", "screen_out_url"):
        url = getattr(panel, name)
        if url and not is_safe(url):
            raise ConfigError(f"{name} must begin with https:// and a host, found {url!r}.")
    if panel.completion_url and panel.completion_url == panel.screen_out_url:
        raise ConfigError("completion_url and screen_out_url must differ; found the same.")


def _check_frame(panel: PanelConfig) -> None:
    if not panel.is_framed:
        if panel.frame_origin or panel.submit_hosts:
            raise ConfigError('frame_origin and submit_hosts are for platform = "external" alone.')
        return
    parts = urlsplit(panel.frame_origin)
    if not is_safe(panel.frame_origin) or f"{parts.scheme}://{parts.netloc}" != panel.frame_origin:
        raise ConfigError(
            "frame_origin must be https:// and a host, without a path, such as "
            f'"https://workers.example", found {panel.frame_origin!r}.'
        )
    if not panel.submit_hosts:
        raise ConfigError('submit_hosts must list a host, such as ["workers.example"].')
    for host in panel.submit_hosts:
        if not _HOST.fullmatch(host):
            raise ConfigError(f"submit_hosts: {host!r} is no host, such as 'workers.example'.")


def is_safe(url: str) -> bool:
    """Tell whether a URL is of https, or of this machine alone, and quotes nothing strange."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username is not None or re.search(r"[\s\"'<>;,*\\]", url):
        return False
    return parts.scheme == "https" or (
        parts.scheme == "http" and host in ("127.0.0.1", "localhost", "::1")
    )
