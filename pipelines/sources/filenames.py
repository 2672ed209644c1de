"""Titles from the names of files, where nothing better is known."""

import re

from kinetics_builder.formats.names import parse_file_name

_PATTERNS = (
    re.compile(r"v_(?P<title>[A-Za-z]+)_g\d+_c\d+"),  # UCF101: v_SoccerJuggling_g23_c01
    re.compile(  # HMDB51: RATRACE_wave_f_nm_np1_fr_goo_37
        r"(?P<title>.+)_[fhlu]_(?:nm|cm)_np\d+_(?:fr|ba|le|ri)_(?:goo|med|bad)_\d+"
    ),
    re.compile(r"(?P<title>.+?)[ _]*\[[A-Za-z0-9_-]{6,}\]"),  # yt-dlp: Title [id]
    re.compile(r"(?:v_)?[A-Za-z0-9_-]{11}_\d{6}_\d{6}(?P<title>)"),  # Kinetics: id_start_end
)


def title_from_name(stem: str) -> str:
    """Return the words of a file's name without its extension.

    Underscores, hyphens, dots and CamelCase separate words; the frames that data sets put
    around a name are taken off.

    >>> title_from_name("v_SoccerJuggling_g23_c01"), title_from_name("flipping_a_pancake")
    ('Soccer Juggling', 'flipping a pancake')
    >>> title_from_name("RATRACE_wave_f_nm_np1_fr_goo_37")
    'RATRACE wave'
    >>> title_from_name("Segway tour-SOX5yA1l24A")
    'Segway tour'
    """
    stem = parse_file_name(stem).title or stem
    found = next((match for p in _PATTERNS if (match := p.fullmatch(stem))), None)
    title = (found["title"] if found else "") or stem
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", re.sub(r"[_.+\-\s]+", " ", title))
    return spaced.strip() or stem
