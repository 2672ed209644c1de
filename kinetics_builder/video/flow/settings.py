"""How flow was computed: what a folder of it says of itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

from kinetics_builder.config import settings_hash
from kinetics_builder.errors import ModelError
from kinetics_builder.video.flow.levels import BOUND

RATE = 25.0
"""Pictures a second that flow is computed of (arXiv:1705.07750)."""
SHORT_SIDE = 256
"""Short side of those pictures, pixels (the same): the flow is of the scaled ones."""


class Method(StrEnum):
    """What computes flow."""

    TVL1 = "tv-l1"
    """Without learning, on the CPU."""
    RAFT = "raft"
    """A network (arXiv:2003.12039)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FlowSettings:
    """All that decides what the flow of a clip is."""

    method: Method
    parameters: Mapping[str, Any]
    """Of the method: JSON values."""
    program: str
    """What computed it, with its version."""
    frames_per_second: float = RATE
    short_side: int = SHORT_SIDE
    bound: float = BOUND
    """Pixels that 256 levels reach either way."""

    def __post_init__(self) -> None:
        if self.frames_per_second <= 0 or self.short_side < 1:
            raise ModelError(
                f"Flow of {self.frames_per_second:g} pictures a second and a short side of "
                f"{self.short_side} pixels cannot be computed; both must be above 0."
            )

    @property
    def hash(self) -> str:
        """Return a hash of all of them."""
        return settings_hash(self.to_json())

    def to_json(self) -> dict[str, Any]:
        """Return plain values; `from_json` gives the settings back."""
        return asdict(self) | {"method": self.method.value, "parameters": dict(self.parameters)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Return what `to_json` wrote; raises KeyError, TypeError and ValueError for others."""
        return cls(**{**data, "method": Method(data["method"])})

    def differences(self, wanted: "FlowSettings") -> list[str]:
        """Return in which settings these differ from `wanted`, for a person.

        Of another method no parameter is told: they are not the same ones.
        """
        mine, other = _flat(self), _flat(wanted)
        if self.method is not wanted.method:
            told = {field.name for field in fields(self)} - {"parameters", "program"}
            mine, other = ({k: v for k, v in one.items() if k in told} for one in (mine, other))
        return [
            f"{name} {mine.get(name)!r}, not {other.get(name)!r}"
            for name in sorted(mine.keys() | other.keys())
            if mine.get(name) != other.get(name)
        ]


def _flat(settings: FlowSettings) -> dict[str, Any]:
    values = settings.to_json()
    parameters: dict[str, Any] = values.pop("parameters")
    return parameters | values
