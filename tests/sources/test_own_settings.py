"""Cookies, proxies, plug-ins and formats of one's own: used where asked for, shown nowhere."""

import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kinetics_builder.config import Config, DownloadConfig, settings_hash
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Item, Label, ReleasedFile, Setting, Video
from kinetics_builder.errors import ConfigError, ItemFailed, Reason, SourceError
from kinetics_builder.text.masking import masked
from kinetics_builder.workspace import Workspace
from pipelines.cli import group
from pipelines.collecting import download
from pipelines.running.pace.rates import Rates
from pipelines.sources.source import Limits
from pipelines.sources.web.cookies import read_cookies
from pipelines.sources.web.options import Options, require_ready
from pipelines.sources.web.plugins import load_plugins
from pipelines.sources.web.ytdlp import _instance, fetch_video, instance
from tests.sources.conftest import ALLOWING, LOOPBACK, Answer, small_film

LIMITS = Limits(max_duration_seconds=60, max_bytes=10**6)
COOKIE = "127.0.0.1\tFALSE\t/\tFALSE\t0\tsession\ts3cr3t-w0rd\n"
HEAD = "# Netscape HTTP Cookie File\n\n"


def collect(tmp_path: Path, site: Any, settings: str) -> tuple[int, str]:
    """Run `kbuild collect` over one address of the site; returns exit code and output."""
    root = tmp_path / "workspace"
    if not root.exists():
        Workspace.create(root).engine.dispose()
    (root / "kbuild.toml").write_text(f"[run]\nworkers = 1\n{ALLOWING}{settings}")
    (tmp_path / "classes.txt").write_text("yoga\n")
    (tmp_path / "urls.txt").write_text(f"{site.base}/yoga.mp4\tyoga\n")
    site.answers.setdefault("/yoga.mp4", Answer(small_film(), "video/mp4"))
    words = ["collect", "--classes", f"{tmp_path}/classes.txt", "--source"]
    result = CliRunner().invoke(group, ["-C", str(root), *words, f"urls:{tmp_path}/urls.txt"])
    return result.exit_code, " ".join(result.output.split())


def rows(tmp_path: Path, stage: str) -> list[str]:
    workspace = Workspace.open(tmp_path / "workspace")
    with reading(workspace.engine) as session:
        found = [row.state.value for row in session.scalars(select(Item)) if row.stage == stage]
    workspace.engine.dispose()
    return found


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("", "holds no cookie"),
        (HEAD, "holds no cookie"),
        ('[{"name": "session", "value": "s3cr3t-w0rd"}]', ":1: 1 field where .*, as in JSON"),
        (f"{HEAD}{COOKIE}a b c s3cr3t-w0rd\n", ":4: 1 field where a cookie has 7"),
        (f"{HEAD}{COOKIE.replace(chr(9), ' ')}", ":3: 1 field"),
        (f"{HEAD}{COOKIE.strip()}\tmore\n", ":3: 8 fields"),
        (COOKIE.replace("FALSE\t0", "no\t0"), ":1: the second and fourth field"),
        (COOKIE.replace("\t0\t", "\tsoon\t"), ":1: the fifth field of a cookie is a Unix time"),
    ],
)
def test_a_file_of_cookies_that_is_none_is_told_by_line_and_not_quoted(
    tmp_path: Path, text: str, flaw: str
) -> None:
    path = tmp_path / "cookies.txt"
    path.write_text(text)
    with pytest.raises(ConfigError, match=flaw) as error:
        read_cookies(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)
    assert "s3cr3t" not in str(error.value)


@pytest.mark.parametrize(
    "make", [lambda p: None, lambda p: p.mkdir(), lambda p: p.write_bytes(b"\xff\0")]
)
def test_a_file_of_cookies_that_cannot_be_read_is_named(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "cookies.txt")
    with pytest.raises(ConfigError, match=r"download\.cookies_file: .*cookies\.txt: "):
        read_cookies(tmp_path / "cookies.txt")


def test_cookies_are_sent_and_neither_shown_nor_written(site: Any, tmp_path: Path) -> None:
    path = tmp_path / "cookies.txt"
    path.write_text(f"{HEAD}#HttpOnly_{COOKIE}")
    before = path.read_bytes(), path.stat().st_mtime_ns
    site.answers["/yoga.mp4"] = Answer(
        b"", status=404, headers={"Set-Cookie": "other=thing; Path=/", "X": "s3cr3t-w0rd"}
    )
    code, said = collect(tmp_path, site, "cookies_file = '../cookies.txt'\n")
    assert code == 1 and "1 removed" in said
    assert site.cookies == ["session=s3cr3t-w0rd"] * len(site.cookies) and site.cookies
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    for file in (tmp_path / "workspace").rglob("*"):
        assert not file.is_file() or b"s3cr3t-w0rd" not in file.read_bytes()
    instance(Options(cookies_file=str(path)))
    assert masked("the word is s3cr3t-w0rd!") == "the word is ***!"


def test_a_bad_file_of_cookies_stops_before_anything_is_asked(site: Any, tmp_path: Path) -> None:
    (tmp_path / "cookies.txt").write_text("{}\n")
    code, said = collect(tmp_path, site, "cookies_file = '../cookies.txt'\n")
    assert code == 1 and f"{tmp_path}/workspace/../cookies.txt:1: 1 field where" in said
    assert not site.asked and rows(tmp_path, "search") == []
    (tmp_path / "cookies.txt").write_text(COOKIE)
    code, said = collect(tmp_path, site, "cookies_file = '../cookies.txt'\n")
    assert rows(tmp_path, "download") == ["done"], said


class Proxy:
    """An HTTP proxy that hands requests of http on, or answers each with a status."""

    def __init__(self, status: int | None = None) -> None:
        self.status = status
        self.heads: list[bytes] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        head = client.recv(65536)
        self.heads.append(head)
        if self.status is not None:
            client.sendall(b"HTTP/1.0 %d no\r\nContent-Length: 0\r\n\r\n" % self.status)
            return
        method, address, rest = head.split(b" ", 2)
        host, _, path = address.removeprefix(b"http://").partition(b"/")
        name, _, port = host.partition(b":")
        where = "127.0.0.1" if name == b"films.test" else name.decode()
        with socket.create_connection((where, int(port))) as inner:
            inner.sendall(b"%s /%s %s" % (method, path, rest))
            while block := inner.recv(65536):
                client.sendall(block)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    yield made
    made.close()


def test_a_proxy_is_asked_for_names_that_only_it_knows(
    site: Any, proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KBUILD_TEST_PROXY", f"http://ann:hunter2-3@127.0.0.1:{proxy.port}")
    site.answers["/yoga.mp4"] = Answer(small_film(), "video/mp4")
    options = Options(proxy="env:KBUILD_TEST_PROXY")
    fetched = fetch_video(options, f"http://films.test:{site.port}/yoga.mp4", tmp_path, LIMITS)
    assert fetched.file.read_bytes() == small_film()
    assert all(b"Proxy-Authorization: Basic" in head for head in proxy.heads)
    num_asked = len(proxy.heads)
    for host in ("inner.local", "localhost", "10.0.0.1", "127.1", "printer"):
        with pytest.raises(ItemFailed, match="is not public: ") as failure:
            fetch_video(options, f"http://{host}/yoga.mp4", tmp_path, LIMITS)
        assert failure.value.reason is Reason.UNSAFE_ADDRESS
    site.answers["/to.mp4"] = Answer(status=302, headers={"Location": "http://printer/x.mp4"})
    with pytest.raises(ItemFailed, match="printer is not public: a name of a private network"):
        fetch_video(options, f"http://films.test:{site.port}/to.mp4", tmp_path, LIMITS)
    assert not any(b"printer" in head.split(b"\r\n")[0] for head in proxy.heads[num_asked:])


def test_a_proxy_of_the_environment_is_not_used_unasked(
    site: Any, tmp_path: Path, closed_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{closed_port}")
    site.answers["/yoga.mp4"] = Answer(small_film(), "video/mp4")
    options = Options(allow_private=LOOPBACK, max_height=479)
    assert fetch_video(options, f"{site.base}/yoga.mp4", tmp_path, LIMITS).file.exists()


@pytest.mark.parametrize("scheme", ["http", "socks5", "socks4a"])
@pytest.mark.parametrize("target", ["http://films.org/yoga.mp4", "https://films.org/yoga.mp4"])
def test_a_proxy_that_refuses_stops_all_in_one_line(
    tmp_path: Path, closed_port: int, scheme: str, target: str
) -> None:
    options = Options(proxy=f"{scheme}://ann:hunter2-3@127.0.0.1:{closed_port}")
    with pytest.raises(SourceError, match=r"lets nothing through: .*refused") as error:
        fetch_video(options, target, tmp_path, LIMITS)
    assert type(error.value) is SourceError  # not the fault of one item
    assert "hunter2" not in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("target", ["http://films.org/yoga.mp4", "https://films.org/yoga.mp4"])
@pytest.mark.parametrize("status", [407, 502])
def test_a_proxy_that_asks_who_you_are_stops_all_and_a_site_that_is_down_does_not(
    tmp_path: Path, target: str, status: int
) -> None:
    asking = Proxy(status)
    options = Options(proxy=f"http://127.0.0.1:{asking.port}")
    with pytest.raises((SourceError, ItemFailed)) as error:
        fetch_video(options, target, tmp_path, LIMITS)
    asking.close()
    if status == 407:
        assert "lets nothing through" in str(error.value) and "407" in str(error.value)
    else:
        assert isinstance(error.value, ItemFailed) and error.value.reason is Reason.NETWORK


def test_a_run_whose_proxy_refuses_leaves_all_as_it_was_and_goes_on_later(
    site: Any, proxy: Proxy, tmp_path: Path, closed_port: int
) -> None:
    code, said = collect(tmp_path, site, f"proxy = 'http://127.0.0.1:{closed_port}'\n")
    assert code == 1 and "lets nothing through" in said and "Check download.proxy" in said
    assert set(rows(tmp_path, "search")) <= {"pending"} and not site.asked
    collect(tmp_path, site, f"proxy = 'http://127.0.0.1:{proxy.port}'\n")
    assert rows(tmp_path, "download") == ["done"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"proxy": "ftp://a:hunter2-3@b"}, "'ftp://.*' is no address of a proxy. Write it with"),
        ({"proxy": "films.lan:3128"}, "is no address of a proxy"),
        ({"proxy": "http://"}, "is no address of a proxy"),
        ({"proxy": "env:KBUILD_NONE"}, "the environment holds no KBUILD_NONE"),
        ({"proxy": "file:secret.txt"}, "is no absolute path"),
        ({"proxy": "file:/nowhere/secret.txt"}, "/nowhere/secret.txt: No such file"),
        (
            {"extractor_args": {"youtube": {"po_token": ["env:KBUILD_NONE"]}}},
            r"download\.extractor_args\.youtube\.po_token: the environment holds no",
        ),
        ({"cookies_file": "/nowhere/cookies.txt"}, "/nowhere/cookies.txt: No such file"),
        ({"plugins": ("no-such-package-here",)}, "no package 'no-such-package-here' is installed"),
        ({"plugins": ("click",)}, "'click' holds no plug-in of yt-dlp"),
    ],
)
def test_a_setting_that_leads_nowhere_is_told_before_the_run(
    settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as error:
        require_ready(DownloadConfig(**settings))
    assert "\n" not in str(error.value) and "hunter2" not in str(error.value)


def test_arguments_of_the_wrong_form_are_told_without_their_values() -> None:
    with pytest.raises(ConfigError, match=r"extractor_args: youtube\.po_token must be") as error:
        DownloadConfig(extractor_args={"youtube": {"po_token": "s3cr3t"}})  # type: ignore[dict-item]
    assert "s3cr3t" not in str(error.value)


def test_secrets_are_masked_in_errors_and_not_in_a_representation(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("web.gvs+MlQ-token-of-mine\nsecond line\n")
    config = DownloadConfig(
        proxy="socks5://ann:hunter2-4@films.org:1080",
        extractor_args={"youtube": {"po_token": [f"file:{tmp_path}/token"]}},
    )
    options = Options.of(config)
    arguments = instance(options)._instance.params["extractor_args"]
    assert arguments == {"youtube": {"po_token": ["web.gvs+MlQ-token-of-mine"]}}
    for text in (repr(config), repr(options)):
        assert "hunter2" not in text and "MlQ" not in text
    failure = ItemFailed(Reason.OTHER, "got 'MlQ-token-of-mine', hunter2-4 at films.org")
    assert failure.message == "got '***', *** at films.org"


def test_formats_and_speed_are_handed_on_and_redo_what_was_fetched_otherwise() -> None:
    options = Options.of(
        DownloadConfig(format="worst", format_sort=("+size",), max_bytes_per_second=1e6)
    )
    params = instance(options)._instance.params
    assert (params["format"], params["format_sort"]) == ("worst", ["+size"])
    assert params["ratelimit"] == 1e6
    plain = DownloadConfig()
    assert download.chosen(plain) == []
    assert settings_hash(1800.0, 500.0, 480, *download.chosen(plain)) == settings_hash(
        1800.0, 500.0, 480
    )
    assert download.chosen(DownloadConfig(format="worst"))


def test_a_plug_in_that_is_named_is_loaded_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "yt_dlp_plugins" / "extractor"
    folder.mkdir(parents=True)
    (folder / "kb_named.py").write_text(
        "from yt_dlp.extractor.common import InfoExtractor\n"
        "from yt_dlp_plugins.extractor.kb_helper import WORD\n"
        "class NamedIE(InfoExtractor):\n    _VALID_URL = r'kbnamed:' + WORD\n"
    )
    (folder / "kb_helper.py").write_text("WORD = 'x'\n")
    (folder / "kb_other.py").write_text("raise SystemExit('loaded')\n")
    info = tmp_path / "kb_plug-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: kb-plug\nVersion: 1.0\n")
    names = ("kb_named", "kb_helper")
    (info / "RECORD").write_text("".join(f"yt_dlp_plugins/extractor/{n}.py,,\n" for n in names))
    monkeypatch.syspath_prepend(tmp_path)
    try:
        assert [found.__name__ for found in load_plugins("kb-plug")] == ["NamedIE"]
        assert "yt_dlp_plugins.extractor.kb_other" not in sys.modules
        assert "Named" in instance(Options(plugins=("kb-plug",)))._instance._ies
    finally:
        for name in [name for name in sys.modules if name.startswith("yt_dlp_plugins")]:
            del sys.modules[name]
        _instance.cache_clear()


def test_who_is_signed_in_may_ask_youtube_more_often(tmp_path: Path) -> None:
    path = tmp_path / "cookies.txt"
    path.write_text(".youtube.com\tTRUE\t/\tTRUE\t0\tPREF\tf6=40000000\n")
    config = DownloadConfig(cookies_file=str(path))
    assert Rates.of(config).an_hour("youtube") == 250
    path.write_text(f"{path.read_text()}.youtube.com\tTRUE\t/\tTRUE\t0\tLOGIN_INFO\tAFmmF2sw\n")
    assert Rates.of(config).an_hour("youtube") == 1500
    own = DownloadConfig(cookies_file=str(path), videos_per_hour={"youtube": 60.0})
    assert Rates.of(own).an_hour("youtube") == 60
    path.unlink()
    assert Rates.of(config).an_hour("youtube") == 250


def test_a_file_of_cookies_is_looked_for_in_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "kbuild.toml").write_text("[download]\ncookies_file = 'my/cookies.txt'\n")
    config = Config.load(tmp_path / "kbuild.toml")
    assert config.download.cookies_file == str(tmp_path / "my" / "cookies.txt")


FAULTS = [
    ("proxy = 'films.lan:3128'", "download.proxy: .* is no address of a proxy"),
    ("proxy = 'env:KBUILD_NONE'", "download.proxy: the environment holds no KBUILD_NONE"),
    ("cookies_file = 'none.txt'", "download.cookies_file: .*none.txt: No such file"),
    ("plugins = ['no-such-package-here']", "download.plugins: no package"),
    ("extractors = ['nobody']", "download.extractors: 'nobody' is no installed extractor"),
    ("format = 'bv*['", r"download.format: 'bv\*\[' is no choice of formats"),
    ("allow_private = ['a b']", "download.allow_private: 'a b' is no host"),
]


@pytest.mark.parametrize(("setting", "told"), FAULTS)
def test_a_fault_of_a_setting_is_told_first_by_every_command_that_uses_it(
    tmp_path: Path, setting: str, told: str
) -> None:
    root = tmp_path / "workspace"
    Workspace.create(root, f"[download]\n{setting}\n")
    (tmp_path / "classes.txt").write_text("yoga\n")
    (tmp_path / "urls.txt").write_text("http://films.invalid/1.mp4\n")
    (tmp_path / "k.csv").write_text("label,youtube_id,time_start,time_end\nyoga,aaaaaaaaaaA,0,9\n")
    source = ("--source", f"urls:{tmp_path}/urls.txt")
    classes = ("--classes", str(tmp_path / "classes.txt"))
    for command in (
        ("plan", *classes, *source),
        ("collect", *classes, *source),
        ("restore", str(tmp_path / "k.csv")),
        ("ava", "collect", *source),
        ("download",),
        ("ava", "download"),
    ):
        said = CliRunner().invoke(group, ["-C", str(root), *command])
        assert said.exit_code == 1, said.output
        assert re.search(f"(?m)^Error: .*{told}", said.output), (command, said.output)
    with reading(Workspace.open(root).engine) as session:
        for table in (Label, Video, ReleasedFile, Setting):
            assert not session.scalars(select(table)).all()


def test_a_fault_is_told_where_nothing_is_left_to_do(site: Any, tmp_path: Path) -> None:
    _, said = collect(tmp_path, site, "")
    assert rows(tmp_path, "download") == ["done"], said
    for command in ("search", "download"):
        with (tmp_path / "workspace" / "kbuild.toml").open("a") as file:
            file.write("" if command == "download" else "cookies_file = 'none.txt'\n")
        said = CliRunner().invoke(group, ["-C", str(tmp_path / "workspace"), command]).output
        assert "download.cookies_file" in said and "No such file" in said
    (tmp_path / "workspace" / "none.txt").write_text("{}\n")
    said = CliRunner().invoke(group, ["-C", str(tmp_path / "workspace"), "search"]).output
    assert "none.txt:1: 1 field where a cookie has 7" in said


def test_what_needs_a_login_is_asked_for_again_with_cookies(site: Any, tmp_path: Path) -> None:
    site.answers["/yoga.mp4"] = Answer(status=401)
    code, said = collect(tmp_path, site, "")
    assert code == 1 and "(1 sign-in). " in said and "download.cookies_file signs in." in said
    assert "--retry-failed" not in said
    num_asked = site.num_asked("/yoga.mp4")
    collect(tmp_path, site, "")
    assert site.num_asked("/yoga.mp4") == num_asked
    (tmp_path / "cookies.txt").write_text("127.0.0.1\tFALSE\t/\tFALSE\t0\tname\tvalue\n")
    site.answers["/yoga.mp4"] = Answer(small_film(), "video/mp4")
    collect(tmp_path, site, f"cookies_file = '{tmp_path}/cookies.txt'\n")
    assert rows(tmp_path, "download") == ["done"]
