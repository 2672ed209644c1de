"""Every error that `kbuild` shows to a person.

KbuildError
  + ConfigError      a setting is missing, unknown or out of range
  + ClassesError     the list of classes cannot be used
  + WorkspaceError   the folder is no workspace, or cannot be written
  + StageOrderError  a stage was run before the stage that feeds it
  + FormatError      a file's row that does not fit its format
  + CrowdError       a worker, or what is to be done about one, cannot be found
  + ReleaseError     what people said is not ready to be given away
  + SourceError      the place where videos come from does not answer
  + ModelError       a network, a checkpoint or a release that cannot be used
    + OtherLabelsError   the network knows other classes than the release has

A failed *item* is not an error for a person but a row with a reason: stages raise
`ItemFailed`, and the runner writes it down. Neither ever holds a password of an address.
"""

from enum import StrEnum

from kinetics_builder.text.masking import masked


class KbuildError(Exception):
    """Base class: the command line prints these without a traceback and exits 1."""

    def __init__(self, message: str = "") -> None:
        super().__init__(masked(message))


class ConfigError(KbuildError):
    """A setting is missing, unknown or out of range."""


class ClassesError(KbuildError):
    """The list of classes cannot be used."""


class WorkspaceError(KbuildError):
    """The folder is no workspace, or cannot be written."""


class StageOrderError(KbuildError):
    """A stage was run before the stage that feeds it."""

    def __init__(self, stage: str, needs: str, what: str) -> None:
        super().__init__(
            f"`kbuild {stage}` found no {what}. Run `kbuild {needs}` first; "
            "`kbuild status` shows what each stage has written."
        )


class FormatError(KbuildError):
    """A file's row that does not fit its format."""


class CrowdError(KbuildError):
    """A worker, or what is to be done about one, cannot be found."""


class ReleaseError(KbuildError):
    """What people said is not ready to be given away."""


class SourceError(KbuildError):
    """The place where videos come from does not answer."""


class ModelError(KbuildError):
    """A network, a checkpoint or a release that cannot be used."""


class OtherLabelsError(ModelError):
    """A network that is asked about a release whose classes it does not know."""


class Reason(StrEnum):
    """Why an item failed; `kbuild status` counts by these."""

    REMOVED = "removed"
    PRIVATE = "private"
    GEO = "geo"
    SIGN_IN = "sign-in"
    RATE_LIMITED = "rate-limited"
    REFUSED = "refused"
    UNSAFE_ADDRESS = "unsafe address"
    LICENCE = "licence"
    TAKEN_DOWN = "taken down"
    NETWORK = "network"
    INCOMPLETE = "incomplete"
    NO_FORMAT = "no format"
    TOO_SHORT = "too short"
    TOO_LONG = "too long"
    TOO_LARGE = "too large"
    LARGE_PICTURE = "too large a picture"
    BROKEN = "broken"
    CHANGED = "changed"
    MISSING = "missing"
    BAD_ROW = "bad row"
    NO_VIDEO = "no video"
    STILL = "still"
    NO_MATCH = "no title match"
    NO_COLOUR = "black and white"
    CARTOON = "cartoon"
    NO_PERSON = "no person"
    CUT = "across a cut"
    DARK = "too dark"
    SCREEN = "screen recording"
    OVERLAY = "overlay"
    TEXT = "writing"
    NSFW = "nsfw"
    TIMEOUT = "timeout"
    MEMORY = "memory"
    CRASHED = "crashed"
    OTHER = "other"


SOON = frozenset({Reason.RATE_LIMITED, Reason.NETWORK, Reason.INCOMPLETE, Reason.CRASHED})
"""Reasons that the same run may find gone, after a pause."""

RETRYABLE = SOON | {
    *(Reason.REFUSED, Reason.NO_FORMAT, Reason.TIMEOUT, Reason.OTHER),
    *(Reason.CHANGED, Reason.MISSING),
}
"""Reasons that a later run may find gone: `--retry-failed` tries these again."""


class ItemFailed(Exception):
    """One item of a stage failed. Picklable: it crosses from the child to the runner."""

    def __init__(self, reason: Reason, message: str, pause_seconds: float | None = None) -> None:
        self.reason = reason
        self.message = masked(message)
        self.pause_seconds = pause_seconds
        """How long the other side asked to be left alone, None where it did not."""
        super().__init__(reason, self.message, pause_seconds)

    def __str__(self) -> str:
        return f"{self.reason.value}: {self.message}"
