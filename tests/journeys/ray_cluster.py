"""A Ray cluster of two nodes on this machine, in a process of its own.

As a program it says its address and ends with its standard input. A line "kill" ends the second
node as a power cut would, "add" starts another in its place.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import psutil

from tests.ports import free_port

STORE_BYTES = 100 << 20
TRIES = 3
"""How often Ray is started: it gives itself 30 s, which busy cores may not do with."""
PATIENT = {
    "RAY_gcs_server_port_wait_time_s": "120",
    "RAY_worker_niceness": "0",  # else 15: on busy cores nothing would be left for its workers
}


@dataclass
class Cluster:
    """Two nodes with one CPU each."""

    process: "subprocess.Popen[str]"
    address: str
    client_address: str

    def say(self, word: str) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline(), "the cluster has ended"

    def desks(self) -> list[psutil.Process]:
        """The processes of Ray that hold the children of a node, those alive."""
        below = psutil.Process(self.process.pid).children(recursive=True)
        return [one for one in below if _is_desk(one)]


def _is_desk(process: psutil.Process) -> bool:
    try:
        return "".join(process.cmdline()).startswith("ray::Desk")
    except psutil.NoSuchProcess:  # it has ended meanwhile, or waits to be buried
        return False


@contextmanager
def two_nodes(environment: Mapping[str, str] = os.environ) -> Iterator[Cluster]:
    """Give a cluster that is there until the block is over."""
    for _ in range(TRIES):
        with ExitStack() as ended:
            if (cluster := _begun(ended, environment)) is not None:
                yield cluster
                return
    raise RuntimeError(f"Ray did not come up in {TRIES} tries")


def _begun(ended: ExitStack, environment: Mapping[str, str]) -> Cluster | None:
    port, pipe = free_port(), subprocess.PIPE
    command = [sys.executable, __file__, str(port)]
    process = ended.enter_context(
        subprocess.Popen(
            command,
            stdin=pipe,
            stdout=pipe,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
    )
    assert process.stdout
    lines = (line.strip() for line in iter(process.stdout.readline, ""))
    address = next((line for line in lines if re.fullmatch(r"[\d.]+:\d+", line)), None)
    if address is None:
        return None
    return Cluster(process, address, f"ray://127.0.0.1:{port}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def add_node(cluster: Any) -> Any:
    for is_last in [False] * (TRIES - 1) + [True]:
        try:
            return cluster.add_node(num_cpus=1, object_store_memory=STORE_BYTES)
        except Exception:  # Ray raises a bare one for a node that comes late; the last is told
            if is_last:
                raise
    return None


def main(client_port: int) -> None:
    for name, value in PATIENT.items():
        os.environ.setdefault(name, value)
    from ray.cluster_utils import Cluster as Nodes

    head = {"num_cpus": 1, "object_store_memory": STORE_BYTES, "include_dashboard": False}
    nodes = Nodes(
        initialize_head=True, head_node_args=head | {"ray_client_server_port": client_port}
    )
    second = add_node(nodes)
    say(nodes.address)
    for line in sys.stdin:
        if line.strip() == "kill":
            nodes.remove_node(second, allow_graceful=False)
            say("killed")
        if line.strip() == "add":
            second = add_node(nodes)
            say("added")
    nodes.shutdown()


if __name__ == "__main__":
    main(int(sys.argv[1]))
