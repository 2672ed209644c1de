"""Settings that only say where their value lies, because it is secret: `env:NAME`, `file:PATH`."""

import os
from pathlib import Path

from kinetics_builder.errors import ConfigError
from kinetics_builder.text.masking import hide


def told(name: str, setting: str) -> str:
    """Return the value of a setting, read from where it lies if it says so.

    Such a value is masked from then on, wherever it would be shown.

    Args:
        name: Of the setting, for errors.
        setting: The value itself, `env:NAME` for a variable of the environment, or `file:PATH`
            for the first line of a file (absolute, or below `~`).

    Raises:
        ConfigError: There is no such variable or file, or nothing in it.

    """
    kind, _, place = setting.partition(":")
    if kind == "env":
        value = os.environ.get(place, "").strip()
        remedy = f"the environment holds no {place}. Set it before `kbuild` is started"
    elif kind == "file" and place:
        value, remedy = _first_line(Path(place).expanduser())
    else:
        return setting
    if not value:
        raise ConfigError(f"{name}: {remedy}, or take {setting!r} out of kbuild.toml.")
    hide(value)
    return value


def _first_line(path: Path) -> tuple[str, str]:
    """Return the first line of a file, and what to do where there is none."""
    if not path.is_absolute():
        return "", f"file:{path} is no absolute path. Write such as file:~/.secrets/proxy"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        return "", f"{path}: {error.strerror}. Make that file"
    except UnicodeDecodeError:
        return "", f"{path} is no text. Write the value into it as one line"
    return (lines[0].strip() if lines else ""), f"{path} is empty. Write the value into it"
