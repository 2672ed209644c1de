#!/usr/bin/env bash
# A packet lost from an MPEG transport stream: FFmpeg flags a picture as corrupt, and it is the
# whole one before the damaged one.
#
# The demuxer sees by the counters (ISO/IEC 13818-1, 2.4.3) that a part is missing, and flags the
# packet that it is putting together. The parser behind it gives out the picture before only when
# the next one begins, with the flags of that moment. So the flag is on an intact picture, and the
# torn one goes without. Where whole pictures are missing, an intact one is flagged all the same,
# and nothing says how many are gone.
#
# Seen with PyAV 18.1.0 (libavformat 62.12.102):
#   a part of picture 50 is lost: 100 packets, flagged [49]
#   pictures 50, 51 and 52 are lost: 97 packets, flagged [48]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet av==18.1.0 numpy==2.3.5
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from pathlib import Path

import av
import numpy as np

SIZE = 188
noise = np.random.default_rng(0)
with av.open("film.ts", "w") as output:
    stream = output.add_stream("libx264", rate=25, options={"bf": "0", "g": "25", "threads": "1"})
    stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
    for _ in range(100):
        picture = noise.integers(0, 255, (64, 96, 3), dtype=np.uint8)
        output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
    output.mux(stream.encode(None))


def packets(name):
    with av.open(name) as film:
        return [(packet.pos, packet.is_corrupt) for packet in film.demux(video=0) if packet.size]


def flagged_without(begin, end):
    content = Path("film.ts").read_bytes()
    Path("torn.ts").write_bytes(content[:begin] + content[end:])
    found = packets("torn.ts")
    return len(found), [place for place, (_, is_corrupt) in enumerate(found) if is_corrupt]


begins = [position for position, _ in packets("film.ts")]
part = flagged_without(begins[50] + 10 * SIZE, begins[50] + 11 * SIZE)
whole = flagged_without(begins[50], begins[53])
print(f"a part of picture 50 is lost: {part[0]} packets, flagged {part[1]}")
print(f"pictures 50, 51 and 52 are lost: {whole[0]} packets, flagged {whole[1]}")
sys.exit(0 if (part, whole) == ((100, [49]), (97, [48])) else 1)
PYTHON
