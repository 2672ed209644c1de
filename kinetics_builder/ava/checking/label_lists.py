"""The list of classes as PySlowFast and MMAction2 read it: by how lines begin, not by grammar.

Both have `read_labelmap` of ActivityNet's evaluator: a line that begins with exactly two spaces
and `name:`, `id:` or `label_id:` counts, and any other is passed over.
"""

from pathlib import Path

from kinetics_builder.ava.checking.report import Fate, Findings, Sort
from kinetics_builder.ava.checking.rows import raw_lines

_REMEDY = (
    "write it again: `kbuild convert --from ava-pbtxt --to activitynet-pbtxt` (or --from "
    "activitynet-pbtxt) writes two spaces, double quotes and one space behind the colon"
)
NO_CLASS = Sort(
    fate=Fate.STOPS,
    what="no line begins with exactly two spaces and name:, id: or label_id:, so the list is "
    "empty for the reader, and its measure ends with an error",
    remedy=_REMEDY,
)
NO_NUMBER = Sort(
    fate=Fate.STOPS,
    what="found {found}; the reader takes what stands behind the last space as the number",
    remedy=_REMEDY,
)
NO_NAME = Sort(
    fate=Fate.STOPS,
    what="found {found}; the reader takes what stands between double quotes as the name",
    remedy=_REMEDY,
)
TWICE = Sort(
    fate=Fate.STOPS,
    what="the class {found} stands here twice, and the measure ends with an AssertionError",
    remedy="leave one of them out",
)


def read_classes(
    path: Path, part: str, file: str, findings: Findings, *, stops_at_second: bool
) -> set[int]:
    """Return the numbers of the classes that the reader finds in a list."""
    found: set[int] = set()
    is_sound = True
    for number, line in raw_lines(path):
        if line.startswith("  name:"):
            if '"' not in line:
                findings.add(NO_NAME, part, file, number, found=repr(line.strip()))
                is_sound = False
        elif line.startswith(("  id:", "  label_id:")):
            text = line.strip().split(" ")[-1]
            try:
                value = int(text)
            except ValueError:
                findings.add(NO_NUMBER, part, file, number, found=repr(line.strip()))
                is_sound = False
                continue
            if value in found and stops_at_second:
                findings.add(TWICE, part, file, number, found=value)
            found.add(value)
    if not found and is_sound:
        findings.add(NO_CLASS, part, file)
    return found
