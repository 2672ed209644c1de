"""Settings: the template, the defaults, and what a typo gets."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from kinetics_builder.config import Config, CutConfig, MatchConfig, settings_hash
from kinetics_builder.errors import ConfigError, WorkspaceError
from kinetics_builder.workspace import Workspace, default_settings, new_config


def load(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "kbuild.toml"
    path.write_text(text, encoding="utf-8")
    return Config.load(path)


NEW = replace(Config(), match=MatchConfig(mode="scored"), cut=CutConfig(keyframe_interval=16))
"""Of a new workspace: all that its settings say beside the defaults."""


def test_a_new_workspace_has_the_defaults_and_matches_scored(tmp_path: Path) -> None:
    assert Workspace.create(tmp_path / "new").config == NEW == new_config()


def test_a_workspace_whose_settings_say_nothing_matches_as_it_did(tmp_path: Path) -> None:
    assert Workspace.create(tmp_path / "old", "[match]\n").config == Config()
    assert Config().match.mode == "binary"


def test_every_default_stands_in_the_template(tmp_path: Path) -> None:
    uncommented = re.sub(r"^# (\w+ = )", r"\1", default_settings(), flags=re.MULTILINE)
    assert load(tmp_path, uncommented) == NEW
    settings = re.findall(r"^(?:# )?(\w+) = ", default_settings(), flags=re.MULTILINE)
    sections = re.findall(r"^\[(\w+)\]", default_settings(), flags=re.MULTILINE)
    known = {f for section in sections for f in getattr(Config(), section).__slots__}
    assert set(settings) == known | {"database"}
    assert {*sections, "panels", "database"} == set(Config.__slots__)


def test_the_panel_of_the_template_can_be_used_as_it_stands(tmp_path: Path) -> None:
    lines = re.findall(r"^#   (\[\[panels\]\]|\w+ = .*)$", default_settings(), flags=re.MULTILINE)
    (panel,) = load(tmp_path, "\n".join(lines)).panels
    assert (panel.name, panel.platform, panel.max_answers) == ("prolific-1", "prolific", 40)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("[verfy]\n", r"unknown setting 'verfy'. Known here: .*verify", id="section"),
        pytest.param(
            "[cut]\ncfr = 3\n",
            r"cut: unknown setting 'cfr'. Known here: blur_faces, crf, k",
            id="key",
        ),
        pytest.param("[cut]\ncrf = 'x'\n", "cut: crf must be of type int, found 'x'", id="type"),
        pytest.param("[cut]\ncrf = true\n", "must be of type int, found True", id="bool for int"),
        pytest.param("[cut]\ncrf = 70\n", "crf must be between 0 and 51, found 70", id="range"),
        pytest.param("cut = 3\n", "cut must be a table, found 3", id="no table"),
        pytest.param(
            "[verify]\nmin_yes = 6\n", r"between 1 and max_votes \(5\), found 6", id="unreachable"
        ),
        pytest.param(
            "[verify]\npolicy = 'all'\n",
            "policy must be 'three_of_five' or 'posterior', found 'all'",
            id="policy",
        ),
        pytest.param(
            "[verify]\npurity = 1.0\n", "purity must be above 0 and below 1", id="no certainty"
        ),
        pytest.param("[cut\n", r"kbuild\.toml: .*line 1", id="no TOML"),
        pytest.param(
            "[verify]\nmax_votes = 5\nway = 'wall'\n",
            r"kbuild\.toml:3: verify: way must be 'clip' or 'grid' or 'stream', found 'wall'",
            id="way",
        ),
        pytest.param(
            "[run]\n[verify]\n\ngrid_size = 49\n",
            r"kbuild\.toml:4: verify: grid_size must be between 12 and 48, found 49",
            id="grid",
        ),
        pytest.param(
            "[verify]\nwya = 'grid'\n",
            r"kbuild\.toml:2: verify: unknown setting 'wya'. Known here: .*way",
            id="line of an unknown key",
        ),
        pytest.param(
            "[run]\nengine = 'spark'\n",
            "engine must be 'local' or 'ray', found 'spark'",
            id="engine",
        ),
        pytest.param(
            "[run]\nray_address = 'http://a:1'\n", "'ray://HOST:PORT', 'HOST:PORT'", id="address"
        ),
        pytest.param(
            "[filters]\nnote = ['logo']\n",
            "filters: note: unknown 'logo'. Known are: still, dark, cartoon, screen",
            id="no filter",
        ),
        pytest.param("[download]\nextractors = 'a'\n", "must be a list of strings", id="no list"),
    ],
)
def test_a_wrong_setting_is_an_error_with_a_remedy(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load(tmp_path, text)


def test_whole_numbers_serve_as_seconds(tmp_path: Path) -> None:
    assert load(tmp_path, "[propose]\nclip_seconds = 4\n").propose.clip_seconds == 4.0


def test_the_hash_changes_with_any_value() -> None:
    assert settings_hash(CutConfig()) == settings_hash(CutConfig())
    assert settings_hash(CutConfig()) != settings_hash(CutConfig(crf=21))


def test_a_setting_that_is_left_out_cuts_nothing_anew() -> None:
    assert CutConfig().look == (20, "veryfast", 0, True), "as before there were more"
    assert CutConfig(keyframe_interval=16).look != CutConfig().look


def test_the_hash_changes_with_the_method_of_which_the_first_goes_unsaid() -> None:
    assert settings_hash(0.5, "", method=1) == settings_hash(0.5, "") == "dad8517f7cbc41b1"
    assert len({settings_hash(0.5, "", method=number) for number in range(1, 5)}) == 4


def test_a_workspace_is_made_once(tmp_path: Path) -> None:
    Workspace.create(tmp_path)
    with pytest.raises(WorkspaceError, match="is a workspace already"):
        Workspace.create(tmp_path)


def test_a_folder_that_is_no_workspace_says_what_to_type(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=r"kbuild\.toml is missing. Run `kbuild init"):
        Workspace.open(tmp_path)


OUTWARD = [
    pytest.param("../x.sqlite", id="up"),
    pytest.param("clips/../../x", id="down and up"),
    pytest.param("link/x", id="through a link"),
    pytest.param("kbuild.sqlite", id="a link itself"),
]


@pytest.mark.parametrize("value", OUTWARD)
@pytest.mark.parametrize("setting", ["database", "score.scorer"])
def test_a_path_of_the_settings_stays_in_the_workspace(
    tmp_path: Path, setting: str, value: str
) -> None:
    root, outside = tmp_path / "stranger", tmp_path / "outside"
    outside.mkdir()
    Workspace.create(root)
    (root / "link").symlink_to(outside)
    (root / "kbuild.sqlite").symlink_to(outside / "x")
    (root / "kbuild.toml").write_text(f"{setting} = {value!r}\n")
    with pytest.raises(ConfigError, match=rf"kbuild.toml: {setting} = '.* leads out of"):
        Workspace.open(root)
    assert list(outside.iterdir()) == [] and not (tmp_path / "x.sqlite").exists()


def test_an_absolute_path_of_the_settings_is_taken_at_its_word(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    database, scorer = tmp_path / "elsewhere" / "rows.sqlite", tmp_path / "scorer"
    text = f"database = '{database}'\nscore.scorer = '{scorer}'\n"
    workspace = Workspace.create(tmp_path / "new", text)
    assert workspace.engine and database.is_file() and workspace.scorers == (scorer,)


def test_a_workspace_behind_a_link_is_whole(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    (tmp_path / "new").symlink_to(tmp_path / "disk")
    workspace = Workspace.create(tmp_path / "new", "database = 'rows/../rows.sqlite'\n")
    assert workspace.engine and (tmp_path / "disk" / "rows.sqlite").is_file()
