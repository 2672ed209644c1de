#!/usr/bin/env bash
# H.264 with B-frames in an AVI: each packet, and each decoded frame, has a presentation time,
# and it is the wrong one.
#
# AVI has no presentation times, and one expects none (None), as from a bare H.264 stream. The
# demuxer gives every packet one nevertheless: its place in decoding order plus one. Frames come
# out of the decoder in the right order with times that jump to and fro. Whoever sorts frames by
# time shuffles them; whoever drops what goes back loses a third. The decoder's order is right,
# and the sorted decoding times say when.
#
# Seen with PyAV 18.1.0 (libavformat 62.12.102):
#   pictures, in the order in which the decoder gives them: 0 1 2 3 4 5 6 7 8 9 ...
#   their times, in frames:                                 1 3 4 2 6 7 5 9 10 8 ...
#   frames whose time is before that of the frame before: 20 of 60
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet av==18.1.0 numpy==2.3.5
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from fractions import Fraction

import av
import numpy as np

with av.open("film.avi", "w") as output:
    stream = output.add_stream("libx264", rate=25, options={"bf": "2", "threads": "1"})
    stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
    for number in range(60):
        picture = np.full((64, 96, 3), 4 * number, dtype=np.uint8)
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        frame.pts, frame.time_base = number, Fraction(1, 25)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))

with av.open("film.avi") as film:
    frames = list(film.decode(video=0))
shown = [round(float(frame.to_ndarray(format="gray").mean()) / 4) for frame in frames]
times = [frame.pts for frame in frames]
back = sum(b < a for a, b in zip(times, times[1:]) if None not in (a, b))
print("pictures, in the order in which the decoder gives them:", *shown[:10], "...")
print("their times, in frames:                                ", *times[:10], "...")
print("frames whose time is before that of the frame before:", back, "of", len(frames))
is_ordered = all(a <= b for a, b in zip(shown, shown[1:]))
sys.exit(0 if is_ordered and len(frames) == 60 and back else 1)
PYTHON
