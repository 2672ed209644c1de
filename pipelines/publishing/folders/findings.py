"""What is found of a release that is not as it promises."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as a release promises."""

    sort: str
    """`file`, `video`, `uploader`, `group`, `copy`, `alike`, `list`, `earlier`, `against`,
    `signature`, `open`."""
    place: str
    """The file, with its line where there is one."""
    problem: str
