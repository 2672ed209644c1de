"""What the server of the tests' children imports, too: yt-dlp, its patterns of addresses compiled.

Each child that is handed an address would compile some two thousand of them anew. None of them
waits for as long as yt-dlp does before it asks for a part of a film again.
"""

from yt_dlp.extractor import gen_extractor_classes

from pipelines.sources.web import options
from tests.pauses import SHORT_SECONDS

for extractor in gen_extractor_classes():
    extractor.suitable("http://127.0.0.1/film.mp4")

options._pause = lambda n: SHORT_SECONDS
