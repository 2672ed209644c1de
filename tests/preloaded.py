"""What the server of the tests' children imports, too: yt-dlp, its patterns of addresses compiled.

Each child that is handed an address would compile some two thousand of them anew.
"""

from yt_dlp.extractor import gen_extractor_classes

for extractor in gen_extractor_classes():
    extractor.suitable("http://127.0.0.1/film.mp4")
