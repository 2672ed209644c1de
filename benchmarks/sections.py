"""How many bytes `kbuild restore` fetches where stretches alone are wanted, and the whole films.

    .venv/bin/python -m benchmarks.sections [--out FILE]

Films of 480 x 360 with sound, as one MP4 each, lie on a server of this machine that answers ranges.
A released file names clips of 10 s of each. Both ways restore it; counted are the bytes and the
answers that the server sent. The releases must be equal, byte by byte.
"""

import argparse
import platform
import re
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import av
import numpy as np

from benchmarks.report import machine
from kinetics_builder.workspace import Workspace
from pipelines.restoring.released import find_released
from pipelines.restoring.restore import restore

ROOT = Path(__file__).parent.parent
RATE, PIECE_SECONDS = 25, 60
FILMS = {"1 min": (1, (30,)), "4 min": (4, (100,)), "4 min, 3 clips": (4, (20, 100, 200))}
FILMS |= {"10 min": (10, (400,)), "30 min": (30, (1000,))}
"""Pieces of a minute, and where the clips begin, in seconds."""
HEADER = "label,youtube_id,time_start,time_end,split\n"
_BLOCK = 1 << 14


def write_piece(path: Path) -> None:
    """Write a minute of a moving, grainy picture, some 3.5 MB, and of noise."""
    noise = np.random.default_rng(0)
    y, x = np.mgrid[:360, :480]
    with av.open(str(path), "w") as container:
        options = {"preset": "veryfast", "g": "125"}
        picture = container.add_stream("libx264", rate=RATE, options=options)
        picture.width, picture.height, picture.pix_fmt = 480, 360, "yuv420p"
        picture.bit_rate = 450_000
        sound = container.add_stream("aac", rate=44100, layout="mono")
        for number in range(PIECE_SECONDS * RATE):
            waves = 128 + 60 * np.sin((x + 3 * number) / 40) * np.cos((y - 2 * number) / 30)
            grain = noise.normal(0, 5, (360, 480))
            grey = np.clip(waves + grain, 0, 255).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(np.stack([grey] * 3, -1), format="rgb24")
            container.mux(picture.encode(frame))
            heard = noise.uniform(-0.1, 0.1, (1, 44100 // RATE)).astype(np.float32)
            voice = av.AudioFrame.from_ndarray(heard, format="fltp", layout="mono")
            voice.sample_rate, voice.pts = 44100, number * 44100 // RATE
            container.mux(sound.encode(voice))
        container.mux(picture.encode())
        container.mux(sound.encode())


def write_film(piece: Path, path: Path, num_pieces: int) -> None:
    """Write pieces one behind another as one film."""
    with (
        av.open(str(piece)) as first,
        av.open(str(path), "w", options={"movflags": "+faststart"}) as film,
    ):
        streams = [film.add_stream_from_template(stream) for stream in first.streams]
        for number in range(num_pieces):
            with av.open(str(piece)) as source:
                for packet in source.demux():
                    if packet.dts is None or packet.pts is None:
                        continue
                    moment = float(packet.pts * packet.time_base)
                    if packet.stream.type == "audio" and not 0 <= moment < PIECE_SECONDS:
                        continue
                    later = round(number * PIECE_SECONDS / packet.time_base)
                    packet.pts, packet.dts = packet.pts + later, packet.dts + later
                    packet.stream = streams[packet.stream.index]
                    film.mux(packet)


@dataclass
class Counts:
    """What the server sent."""

    num_bytes: int = 0
    num_answers: int = 0


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, Counts]]:
    """Serve the files of a folder, by ranges where asked; gives the address and the counts."""
    counts = Counts()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BLOCK)
            super().setup()

        def handle(self) -> None:
            with suppress(ConnectionError):
                super().handle()

        def do_GET(self) -> None:
            body = (folder / Path(self.path).name).read_bytes()
            asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
            begin = int(asked[1]) if asked else 0
            end = min(int(asked[2]) + 1, len(body)) if asked and asked[2] else len(body)
            self.send_response(206 if asked else 200)
            self.send_header("Content-Type", "video/mp4")
            self.send_header("Content-Length", str(end - begin))
            self.send_header("ETag", f'"{len(body)}"')
            if asked:
                self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{len(body)}")
            self.end_headers()
            counts.num_answers += 1
            with suppress(ConnectionError):
                for place in range(begin, end, _BLOCK):
                    block = body[place : min(place + _BLOCK, end)]
                    self.wfile.write(block)
                    counts.num_bytes += len(block)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", counts
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Run:
    """What a way of fetching took."""

    num_bytes: int
    num_answers: int
    release: dict[str, bytes]


def run(work: Path, films: Path, name: str, starts: tuple[int, ...], sections: str) -> Run:
    """Restore the clips of one film."""
    settings = f"[run]\nworkers = 1\n[download]\nallow_private = true\nsections = '{sections}'\n"
    root = work / f"{name} {sections}"
    workspace = Workspace.create(root, settings)
    rows = [f"yoga,{name},{start},{start + 10},train\n" for start in starts]
    (root / "clips.csv").write_text(HEADER + "".join(rows))
    with served(films) as (base, counts):
        released = find_released(root / "clips.csv", "kinetics", address=f"{base}/{{id}}.mp4")
        report, _ = restore(workspace, released)
    assert report.num_restored == len(starts), report
    workspace.engine.dispose()
    folder = Path(report.release or "")
    files = (path for path in folder.rglob("*") if path.is_file())
    return Run(
        counts.num_bytes,
        counts.num_answers,
        {str(path.relative_to(folder)): path.read_bytes() for path in files},
    )


def main() -> None:
    """Measure, and write the page of results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks/results/sections.md")
    arguments = parser.parse_args()
    lines = [
        "# Stretches alone",
        "",
        f"{machine('cpu')}, Python {platform.python_version()}. `python -m benchmarks.sections`.",
        "Both releases are equal, byte by byte. MB are those that the server sent.",
        "",
        "| film | whole: MB | answers | stretches: MB | answers | share of MB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as folder:
        work, films = Path(folder), Path(folder) / "films"
        films.mkdir()
        write_piece(work / "piece.mp4")
        for number, (name, (num_pieces, starts)) in enumerate(FILMS.items()):
            write_film(work / "piece.mp4", films / f"film_{number:06d}.mp4", num_pieces)
            whole, parts = (
                run(work, films, f"film_{number:06d}", starts, way) for way in ("never", "auto")
            )
            assert whole.release == parts.release
            cells = [f"{one.num_bytes / 1e6:.1f} | {one.num_answers}" for one in (whole, parts)]
            share = f"{parts.num_bytes / whole.num_bytes:.0%}"
            lines.append(f"| {name} | {' | '.join(cells)} | {share} |")
            print(lines[-1], flush=True)
    arguments.out.write_text("\n".join([*lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
