"""The stages on a Ray cluster: the rows are those of one machine, whoever is killed meanwhile."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from kinetics_builder.config import RunConfig
from kinetics_builder.database.engine import reading
from kinetics_builder.database.tables import Item, State
from kinetics_builder.errors import ConfigError
from kinetics_builder.workspace import Workspace
from pipelines.collecting.collect import collect
from pipelines.running.engines.cluster import connecting, likeness
from tests.contents import Contents, contents
from tests.journeys.conftest import SETTINGS
from tests.journeys.ray_cluster import Cluster, two_nodes
from tests.ports import free_port

pytestmark = [pytest.mark.xdist_group("ray"), pytest.mark.timeout(900)]

HERE = Path(__file__).parent
KBUILD = str(Path(sys.executable).with_name("kbuild"))
StartChild = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What Ray's processes are told: a secret of their own, and a short temporary folder."""
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "5a" * 32}
    return os.environ | quiet | {"RAY_TMPDIR": "/tmp"}


@pytest.fixture(scope="session")
def cluster(environment: dict[str, str]) -> Iterator[Cluster]:
    """One for all tests: what starts Ray takes longest."""
    with two_nodes(environment) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, classes: Path, videos: Path) -> Contents:
    """The rows of a collect on this machine alone."""
    workspace = Workspace.create(tmp_path_factory.mktemp("undisturbed"), SETTINGS)
    collect(workspace, classes, f"folder:{videos}")
    return contents(workspace.engine)


def on_ray(root: Path, address: str) -> Workspace:
    ray = f'engine = "ray"\nray_address = "{address}"\n'
    return Workspace.create(root, f"{SETTINGS.replace('workers = 2', 'workers = 1')}{ray}")


def wait_until_running(workspace: Workspace, stage: str, process: "subprocess.Popen[str]") -> None:
    is_running = select(func.count()).where(Item.stage == stage, Item.state == State.DONE)
    deadline = time.monotonic() + 400
    while True:
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, f"{stage} has not begun"
        with reading(workspace.engine) as session:
            if session.scalar(is_running):
                return
        time.sleep(0.02)


@pytest.mark.long
def test_who_is_killed_on_a_cluster_changes_no_row(
    tmp_path: Path,
    cluster: Cluster,
    environment: dict[str, str],
    classes: Path,
    videos: Path,
    undisturbed: Contents,
    start_child: StartChild,
) -> None:
    workspace = on_ray(tmp_path / "workspace", cluster.client_address)

    def start(slow: str) -> "subprocess.Popen[str]":
        script = [sys.executable, str(HERE / "slow_collect.py"), str(workspace.root), str(classes)]
        command = [*script, f"folder:{videos}", slow]
        return start_child(command, stderr=subprocess.PIPE, env=environment)

    driver = start("download")
    wait_until_running(workspace, "download", driver)
    os.kill(driver.pid, signal.SIGKILL)
    driver.communicate()

    driver = start("cut")
    wait_until_running(workspace, "cut", driver)
    cluster.desks()[0].kill()
    said = driver.communicate(timeout=400)[1]
    assert driver.returncode == 0, said
    with reading(workspace.engine) as session:
        assert set(session.scalars(select(Item.state))) == {State.DONE}
    found = contents(workspace.engine)
    left_out = {"task", "task_slot", "work_tally", "tallied_slot"}  # `assign` is not run
    assert {name for name in found if found[name] != undisturbed[name]} <= left_out
    assert not list(workspace.root.rglob(".*.part"))


@pytest.mark.long
def test_an_item_costs_itself_and_a_lost_node_costs_nothing(
    tmp_path: Path, cluster: Cluster, environment: dict[str, str], start_child: StartChild
) -> None:
    workspace = on_ray(tmp_path / "workspace", cluster.address)
    command = [sys.executable, str(HERE / "ray_numbers.py"), str(workspace.root), "30"]
    driver = start_child(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)
    wait_until_running(workspace, "work", driver)
    cluster.say("kill")
    try:
        said, errors = driver.communicate(timeout=400)
    finally:
        cluster.say("add")
    assert driver.returncode == 0, errors
    told = json.loads(said.splitlines()[-1])
    assert (told["done"], told["failures"]) == (27, {"crashed": 1, "memory": 1, "timeout": 1})
    assert any("a machine was lost; its items were done anew" in note for note in told["notes"])


@pytest.mark.long
def test_a_ray_of_its_own_gives_the_rows_and_runs_nothing_of_the_folder_it_is_started_in(
    tmp_path: Path,
    environment: dict[str, str],
    classes: Path,
    videos: Path,
    undisturbed: Contents,
    start_child: StartChild,
) -> None:
    workspace = Workspace.create(tmp_path / "workspace", SETTINGS)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for name in ("socket", "ray", "numpy", "pipelines", "kinetics_builder", "psutil"):
        (foreign / f"{name}.py").write_text(f"open({str(foreign / 'ran')!r}, 'w')\n")
    own = {k: v for k, v in environment.items() if k not in ("RAY_ADDRESS", "PYTHONSAFEPATH")}
    command = [KBUILD, "-C", str(workspace.root), "collect", "--engine", "ray"]
    driver = start_child(
        [*command, "--classes", str(classes), "--source", f"folder:{videos}"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=own,
        cwd=foreign,
    )
    said = driver.communicate(timeout=400)[1]
    assert driver.returncode == 0, said
    assert not (foreign / "ran").exists()
    assert contents(workspace.engine) == undisturbed


def test_an_address_that_nobody_answers_is_one_line_within_seconds() -> None:
    for address in (f"127.0.0.1:{free_port()}", f"ray://127.0.0.1:{free_port()}"):
        begun = time.monotonic()
        with pytest.raises(ConfigError, match=r"nobody answers there .*`--engine local`"):
            connecting.connect(RunConfig(engine="ray", ray_address=address))
        assert time.monotonic() - begun < 60


@pytest.fixture(params=[b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"], ids=["silent", "of the web"])
def another_server(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that accepts whoever comes, and is no Ray: its address."""
    with socket.create_server(("127.0.0.1", 0)) as server, ExitStack() as accepted:

        def answer() -> None:
            with suppress(OSError):
                while True:
                    connection = accepted.enter_context(server.accept()[0])
                    connection.sendall(request.param)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.mark.few("silent-ray://", "of the web-")
@pytest.mark.parametrize("scheme", ["", "ray://"])
def test_what_answers_and_is_no_ray_is_one_line_within_half_a_minute(
    another_server: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connecting, "_ANSWER_SECONDS", 2.0)
    with pytest.raises(ConfigError, match=r"what listens there is no Ray, .*`--engine local`") as e:
        connecting.connect(RunConfig(engine="ray", ray_address=f"{scheme}{another_server}"))
    assert "\n" not in str(e.value)


def test_without_ray_it_is_said_how_it_is_installed(
    workspace: Workspace, classes: Path, videos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ConfigError, match=r"pip install 'kinetics-builder\[ray\]'"):
        collect(workspace.on_engine("ray"), classes, f"folder:{videos}")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"python": "3.99"}, "Python 3.99, and not"),
        ({"kbuild": "99.0"}, "kinetics-builder 99.0, and not"),
        ({"code": "other"}, "whose source is not the same"),
    ],
)
def test_what_is_another_program_is_told_apart(changes: dict[str, str], said: str) -> None:
    here = likeness.this_installation()
    assert said in here.unlike(replace(here, **changes))
    assert here.unlike(here) == ""


def test_a_machine_that_does_not_have_the_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / f".seen-999999999-ab-{socket.gethostname()}.part").touch()  # of a killed command
    with likeness.marked(tmp_path) as mark:
        assert likeness.fault_of(mark) == ""
        other = tmp_path / "other" / mark.name
        assert likeness.fault_of(other) == f"does not see {other.parent}"
        other.parent.mkdir()
        other.write_text("of somebody else")
        assert likeness.fault_of(other) == f"sees another folder at {other.parent}"
    assert [path.name for path in tmp_path.iterdir()] == ["other"]


@pytest.mark.parametrize(
    "said",
    [
        "Starting Ray client server failed. See its log.",
        "Initialization failure from server:\nZombieProcess: its client server failed",
    ],
)
@pytest.mark.parametrize("num_failures", [0, 3, 4])
def test_a_server_of_rays_that_does_not_come_up_is_asked_for_again(
    num_failures: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[dict[str, object]] = []

    def begin(**options: object) -> None:
        tries.append(options)
        if len(tries) <= num_failures:
            raise ConnectionAbortedError(said)

    monkeypatch.setattr(connecting.ray, "init", begin)
    monkeypatch.setattr(connecting, "_PAUSES_SECONDS", (0.0, 0.0, 0.0))
    run = RunConfig(engine="ray")
    if num_failures < 4:
        connecting.connect(run)
    else:
        with pytest.raises(ConfigError, match=r"no Ray to work with .*client server failed"):
            connecting.connect(run)
    assert len(tries) == min(num_failures + 1, 4)
