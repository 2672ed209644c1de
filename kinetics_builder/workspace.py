"""A workspace: one folder that holds a dataset in the making.

kbuild.toml  settings       media/     downloaded videos      releases/  what is given away
kbuild.sqlite  rows         clips/     cut clips              runs/      trained networks
                            stills/    key frames of films
                            stretches/ films as they are cut for releases
                            restored/  clips of released files
"""

import os
import threading
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.resources import as_file, files
from pathlib import Path

from sqlalchemy import Engine

from kinetics_builder.config import Config
from kinetics_builder.crowd.panels.settings import PanelConfig
from kinetics_builder.database.engine import open_database
from kinetics_builder.errors import ConfigError, WorkspaceError
from kinetics_builder.formats.release_files import FILMS, MANIFEST
from kinetics_builder.storage.storage import Storage

CONFIG_FILE = "kbuild.toml"


@dataclass(frozen=True)
class Workspace:
    """An opened workspace."""

    root: Path
    config: Config
    _engines: list[Engine] = field(default_factory=list, init=False, repr=False, compare=False)
    """The one engine, once it is open."""
    _opening: threading.Lock = field(
        default_factory=threading.Lock, init=False, repr=False, compare=False
    )

    @classmethod
    def create(cls, root: Path, settings: str | None = None) -> "Workspace":
        """Make `root` a workspace and open it.

        Args:
            root: A folder that is not there yet, is empty, or holds other files.
            settings: The text of `kbuild.toml`; without it the commented defaults.

        Raises:
            WorkspaceError: It is a workspace already, or cannot be written.

        """
        if (root / CONFIG_FILE).exists():
            raise WorkspaceError(f"{root} is a workspace already: {root / CONFIG_FILE} is there.")
        try:
            root.mkdir(parents=True, exist_ok=True)
            temporary = root / f".{CONFIG_FILE}.part"
            temporary.write_text(default_settings() if settings is None else settings, "utf-8")
            temporary.replace(root / CONFIG_FILE)
        except OSError as error:
            raise WorkspaceError(
                f"{root} cannot be made a workspace: {error.strerror}. Choose another folder."
            ) from error
        return cls.open(root)

    @classmethod
    def open(cls, root: Path) -> "Workspace":
        """Open the workspace at `root`.

        Raises:
            WorkspaceError: `root` holds no `kbuild.toml`.
            ConfigError: `kbuild.toml` has an unknown or wrong setting, or a path that leads
                out of the workspace.

        """
        if not (root / CONFIG_FILE).is_file():
            raise WorkspaceError(
                f"{root.absolute()} is no workspace: {CONFIG_FILE} is missing. "
                f"Run `kbuild init {root}`, or name another folder with `kbuild -C DIR`."
            )
        workspace = cls(root=root, config=Config.load(root / CONFIG_FILE))
        _ = workspace.scorers, workspace.database
        return workspace

    def on_engine(self, engine: str) -> "Workspace":
        """Return the same workspace with another setting `run.engine`."""
        run = replace(self.config.run, engine=engine)
        return replace(self, config=replace(self.config, run=run))

    @property
    def database(self) -> str:
        """The database: an absolute path, or a server's address."""
        address = self.config.database
        return address if "://" in address else str(self._setting("database", address))

    @property
    def scorers(self) -> tuple[Path, ...]:
        """The folders of the image scorers, absolute; none where motion alone is looked at."""
        return tuple(self._setting("score.scorer", name) for name in self.config.score.scorers)

    @property
    def detector_weights(self) -> Path | None:
        """The file of the person detector's weights, absolute; None where none is named."""
        file = self.config.detect.weights
        return self._setting("detect.weights", file) if file else None

    @property
    def engine(self) -> Engine:
        """The database, opened at its first use, once for all threads.

        Its connections are closed when the workspace is forgotten, or the program ends.
        """
        with self._opening:
            if not self._engines:
                self._engines.append(open_database(self.database, self.root))
            return self._engines[0]

    @property
    def is_writable(self) -> bool:
        """Whether files can be made in it."""
        return os.access(self.root, os.W_OK)

    @property
    def storage(self) -> Storage:
        """The door to the files that rows name, which may lie elsewhere."""
        config, cache = self.config.storage, self.config.storage.cache
        if cache:
            config = replace(config, cache=str(self._setting("storage.cache", cache)))
        return Storage(self.root.absolute(), config)

    def consent_of(self, panel: PanelConfig) -> tuple[str, ...]:
        """Return the paragraphs that a panel's people agree to; none where it names no file.

        Raises:
            ConfigError: The file cannot be read, or is empty.

        """
        if not panel.consent:
            return ()
        path = self._setting("panels.consent", panel.consent)
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"{path} cannot be read as text ({error}). Panel {panel.name!r} names it as its "
                "consent: write it, or empty the setting."
            ) from error
        found = tuple(" ".join(part.split()) for part in text.split("\n\n") if part.strip())
        if not found:
            raise ConfigError(f"{path} is empty; panel {panel.name!r} names it as its consent.")
        return found

    @property
    def media(self) -> Path:
        """The folder of downloaded videos."""
        return self._folder("media")

    @property
    def clips(self) -> Path:
        """The folder of cut clips."""
        return self._folder("clips")

    @property
    def stills(self) -> Path:
        """The folder of key frames' stills, with a folder for each film."""
        return self._folder("stills")

    @property
    def stretches(self) -> Path:
        """The folder of films as they are cut for releases."""
        return self._folder("stretches")

    @property
    def restored(self) -> Path:
        """The folder of clips that were cut as a released file of others says."""
        return self._folder("restored")

    @property
    def releases(self) -> Path:
        """The folder of releases."""
        return self._folder("releases")

    @property
    def runs(self) -> Path:
        """The folder of trained networks."""
        return self._folder("runs")

    def newest_release(self, *, of_films: bool = False) -> Path:
        """Return the folder of the release that was made, or found again, last.

        With `of_films` that of `ava release`, else that of `release`.

        Raises:
            WorkspaceError: There is none yet.

        """
        of_which = FILMS if of_films else MANIFEST
        found = [path.parent for path in self.releases.glob(f"[!.]*/{of_which}")]
        if not found:
            raise WorkspaceError(
                f"{self.releases} holds no release of {'films' if of_films else 'clips'}. "
                f"Run `kbuild {'ava ' * of_films}release` first, or name a release with "
                "--release DIR."
            )
        return max(found, key=lambda path: (path.stat().st_mtime_ns, path.name))

    def _setting(self, name: str, value: str) -> Path:
        """Return the path that a setting names, which may be a stranger's.

        A relative one stays in the workspace, links followed; only an absolute one, which
        says where it leads, may leave it.
        """
        root = self.root.resolve()
        path = (root / value).resolve()
        if not Path(value).is_absolute() and not path.is_relative_to(root):
            raise ConfigError(
                f"{self.root / CONFIG_FILE}: {name} = {value!r} leads out of the workspace, to "
                f"{path}. If that is meant, write the absolute path."
            )
        return path

    def _folder(self, name: str) -> Path:
        """Return a folder, made where that is possible: who only looks needs none."""
        folder = self.root / name
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
        return folder


def is_of_films(release: Path) -> bool:
    """Tell whether a folder is, as far as it is left, a release of films and not of clips."""
    return (release / FILMS).is_file() or any(release.glob("ava_*"))


def new_config() -> Config:
    """Return what a new workspace is told."""
    with as_file(files("kinetics_builder").joinpath("kbuild.toml")) as template:
        return Config.load(template)


def default_settings() -> str:
    """Return the commented text of a new `kbuild.toml`."""
    return files("kinetics_builder").joinpath("kbuild.toml").read_text(encoding="utf-8")
