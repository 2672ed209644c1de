"""Reaching a Ray cluster, or starting a small one on this machine."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from typing import Any

import grpc
import ray

from kinetics_builder.config import RunConfig
from kinetics_builder.errors import ConfigError
from kinetics_builder.text.foreign import one_line

_LISTEN_SECONDS = 5.0
"""How long an address may take to accept a connection."""
_ANSWER_SECONDS = 20.0
"""How long what listens there may take to answer."""
_PAUSES_SECONDS = (1.0, 4.0, 10.0)
"""Before each further try where Ray's own processes for this command did not come up: those of a
command that was killed a moment ago may stand in their way, or the cores be busy."""
_NOT_STARTED = (
    "Starting Ray client server failed",
    "Initialization failure from server",  # it ended so soon that Ray could not even look at it
    "node timed out during startup",
)
_STORE_BYTES = 100 << 20
"""Ray's memory for results on this machine; ours are small."""
_HERE = "local"
_TOLD_TO_RAY = {
    "RAY_USAGE_STATS_ENABLED": "0",  # nothing is reported from a cluster that is started here
    "RAY_worker_niceness": "0",  # our children step back by themselves
    "RAY_CLIENT_RECONNECT_GRACE_PERIOD": "5",  # seconds; what a killed command has begun ends then
}
_REMEDY = (
    "Mend run.ray_address in kbuild.toml, start Ray there (`ray start --head`), "
    "or use `--engine local`."
)


def connect(run: RunConfig) -> None:
    """Connect this process to the cluster at `run.ray_address`, which it is not yet.

    Raises:
        ConfigError: Nobody answers there, or what does is no Ray that this one can use.

    """
    address = run.ray_address
    _require_answer(address)
    for name, value in _TOLD_TO_RAY.items():
        os.environ.setdefault(name, value)
    logging.getLogger("ray").setLevel(logging.ERROR)
    try:
        with _handlers_kept(), chdir("/"):  # Ray's workers import from the folder it is called in
            _init(run)
    except (OSError, RuntimeError, ValueError, TimeoutError, ray.exceptions.RayError) as error:
        raise ConfigError(
            f"run.ray_address = {address!r}: no Ray to work with "
            f"({str(one_line(str(error)))[:300]}). {_REMEDY}"
        ) from error


def _init(run: RunConfig) -> None:
    for pause in (*_PAUSES_SECONDS, None):
        try:
            ray.init(**_options(run))
            return
        except Exception as error:  # Ray raises a bare one for a node that comes late
            if not any(text in str(error) for text in _NOT_STARTED):
                raise
            if pause is None:
                raise RuntimeError(str(error)) from error
            ray.shutdown()
            time.sleep(pause)


def _options(run: RunConfig) -> dict[str, Any]:
    quiet = {"log_to_driver": False, "configure_logging": False, "logging_level": "ERROR"}
    if run.ray_address:
        return quiet | {"address": run.ray_address}
    return quiet | {
        "address": _HERE,
        "num_cpus": run.workers or os.cpu_count() or 1,
        "include_dashboard": False,
        "object_store_memory": _STORE_BYTES,
    }


def _require_answer(address: str) -> None:
    """Raise ConfigError where nobody listens, or no Ray: Ray itself would try for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), _LISTEN_SECONDS).close()
        _require_grpc(f"{host}:{port}")
    except OSError as error:
        said = error.strerror or str(error) or "no answer"
        raise ConfigError(
            f"run.ray_address = {address!r}: nobody answers there ({said}). {_REMEDY}"
        ) from error


def _require_grpc(place: str) -> None:
    """Raise TimeoutError where what listens does not speak gRPC, as all of Ray's servers do."""
    if os.environ.get("RAY_USE_TLS", "0").lower() in ("1", "true"):
        return  # that is between Ray and its certificates
    with grpc.insecure_channel(place) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=_ANSWER_SECONDS)
        except grpc.FutureTimeoutError as error:
            text = f"what listens there is no Ray, or says nothing for {_ANSWER_SECONDS:.0f} s"
            raise TimeoutError(text) from error


@contextmanager
def _handlers_kept() -> Iterator[None]:
    """Keep what this program does when the system stops it, which Ray would replace."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
