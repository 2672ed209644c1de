#!/usr/bin/env bash
# decord2 gives pictures of another moment, without a word, behind a scene cut that x264 made no
# key frame of.
#
# x264 begins a scene with an I picture; less than min-keyint (25) behind the key frame before, it is
# one that decoding cannot begin at, and the index of the MP4 file does not list it. With a single
# reference picture, as the presets from veryfast on have it, its packet is flagged as a key frame
# nevertheless by the demuxer (PyAV shows that, too). decord2 collects its key frames by these flags
# and seeks by the index: it lands on the listed key frame before, and counts from there as if it
# were the flagged one. Read from the start the same pictures are right; so is a film in which no
# listed key frame follows.
#
# Seen with decord2 3.4.0 on a film of av 18.1.0 whose scenes begin at 0, 20 and 30:
#   listed in the index: [0, 30]
#   flagged: [0, 20, 30]
#   key frames to decord2: [0, 20, 30]
#   picture shown for 19: 19
#   picture shown for 20: 0
#   picture shown for 25: 5
#   picture shown for 29: 9
#   picture shown for 30: 30
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet decord2==3.4.0 av==18.1.0 numpy==2.4.6
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys

import av
import decord
import numpy as np

ASKED = (19, 20, 25, 29, 30)
across, down = np.meshgrid(np.arange(160), np.arange(120))
waves = {0: (0.03, 0.08), 20: (0.11, 0.05), 30: (0.06, 0.02)}
options = {"preset": "veryfast", "bf": "0"}
with av.open("film.mp4", "w") as container:
    stream = container.add_stream("libx264", rate=25, options=options)
    stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
    for number in range(60):
        a, b = waves[max(begin for begin in waves if begin <= number)]
        wave = 127 + 100 * np.sin(a * across + b * down)
        wave[20:60, 2 * number : 2 * number + 16] = 255
        picture = np.repeat(wave[..., None], 3, -1).astype(np.uint8)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
    container.mux(stream.encode(None))

with av.open("film.mp4") as container:
    stream = container.streams.video[0]
    listed = [n for n, entry in enumerate(stream.index_entries) if entry.is_keyframe]
    packets = [packet for packet in container.demux(stream) if packet.size]
    flagged = [n for n, packet in enumerate(packets) if packet.is_keyframe]
whole = decord.VideoReader("film.mp4").get_batch(range(60)).asnumpy().astype(int)
known = list(decord.VideoReader("film.mp4").get_key_indices())
shown = {}
for number in ASKED:
    picture = decord.VideoReader("film.mp4").get_batch([number]).asnumpy()[0].astype(int)
    shown[number] = int(np.abs(whole - picture).sum((1, 2, 3)).argmin())
print("listed in the index:", listed)
print("flagged:", flagged)
print("key frames to decord2:", known)
for number, found in shown.items():
    print(f"picture shown for {number}: {found}")
as_seen = shown == {19: 19, 20: 0, 25: 5, 29: 9, 30: 30}
sys.exit(0 if as_seen and listed == [0, 30] and flagged == known == [0, 20, 30] else 1)
PYTHON
