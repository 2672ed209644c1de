"""The architecture's page agrees with the code."""

import re
from pathlib import Path

from kinetics_builder.database.tables import Base
from kinetics_builder.formats.format import Format
from kinetics_builder.formats.registry import all_formats
from pipelines.stages import MODULES

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return PAGE.split(f"## {title}\n")[1].split("\n## ")[0]


def test_every_table_stands_in_the_page_and_no_other() -> None:
    cells = re.findall(r"^\| (`.+?) \|", section("State"), re.MULTILINE)
    named = re.findall(r"`(\w+)`", " ".join(cells))
    assert sorted(named) == sorted(Base.metadata.tables)


def test_every_room_of_the_page_is_there_and_every_folder_is_in_the_page() -> None:
    rooms = section("Rooms")
    packages = re.split(r"^    (\w+)/", rooms, flags=re.MULTILINE)[1:]
    for package, text in zip(packages[::2], packages[1::2], strict=True):
        named = set(re.findall(r"(\w+)/", text))
        folders = {path.parent.name for path in (ROOT / package).glob("*/__init__.py")}
        assert folders <= named, package
        for line in text.splitlines():
            if line.startswith(" " * 12):  # goes on with what the line before says
                continue
            for word in re.split(r"\s{3,}", line.strip())[0].split("  "):
                files = [f"{word}.py", word] if word and "/" not in word else []
                assert not files or any((ROOT / package / file).exists() for file in files), word


def test_every_stage_and_verb_has_its_file() -> None:
    for module in MODULES.values():
        assert (ROOT / f"{module.replace('.', '/')}.py").exists()
    for folder, verbs in {
        "verifying": ("assign", "gold", "aggregate"),
        "publishing": ("release",),
        "publishing/curating": ("curate",),
        "inspecting": ("status", "report", "doctor"),
    }.items():
        for verb in verbs:
            assert (ROOT / "pipelines" / folder / f"{verb}.py").exists()
            assert verb in section("Rooms")


def format_row(one: Format) -> str:
    goes = " ".join(verb for verb in ("read", "write") if getattr(one, verb) is not None)
    cells = [f"`{one.name}`", goes, one.what, one.source, one.traps]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def test_every_format_stands_in_its_page_as_it_describes_itself() -> None:
    lines = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8").splitlines()
    written = {line.split("`")[1]: line for line in lines if line.startswith("| `")}
    assert written == {name: format_row(one) for name, one in all_formats().items()}
