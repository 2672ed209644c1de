"""Word forms of Portuguese, Spanish and French, from the infinitive that a query begins with.

Rules, and a short list of exceptions. A rule may make what is no word ("juege"): that harms
nothing, for no title has it. Accents count for nothing here: titles are compared without.
"""

import re
from collections.abc import Iterable, Iterator

LANGUAGES = ("pt", "es", "fr")

_ENDINGS = {
    ("pt", "ar"): "o a as am amos ando ei ou aram ado ada ados adas ava avam",
    ("pt", "er"): "o e es em emos endo i eu eram ido ida idos idas ia iam",
    ("pt", "ir"): "o e es em imos indo i iu iram ido ida idos idas ia iam",
    ("es", "ar"): "o a as an amos ando e aron ado ada ados adas aba aban",
    ("es", "er"): "o e es en emos iendo yendo i io yo ieron yeron ido ida idos idas ia ian",
    ("es", "ir"): "o e es en imos iendo yendo i io yo ieron yeron ido ida idos idas ia ian",
    ("fr", "er"): "e es ons ez ent ant ee ees ait aient eons eant eait",
    ("fr", "ir"): "is it issons issez issent issant i ie ies s t ons ent ant",
    ("fr", "re"): "s t ons ez ent ant u ue us ues",
}
"""Of finite forms, gerunds and participles."""
_NOUNS = {
    ("pt", "ar"): "acao acoes amento agem adura",
    ("pt", "er"): "imento icao edura",
    ("pt", "ir"): "imento icao idura",
    ("es", "ar"): "acion aciones amiento aje adura",
    ("es", "er"): "imiento icion edura",
    ("es", "ir"): "imiento icion idura",
    ("fr", "er"): "age ages ement ements ation ations ure ures",
    ("fr", "ir"): "issage issages issement age",
    ("fr", "re"): "age ages ement te",
}
"""Of the action: afinação, soldadura, arrosage."""
_WHO = {"pt": "dor dora dores doras", "es": "dor dora dores doras"}
_WHO_FRENCH = "eur euse eurs euses"
_IRREGULAR = {
    ("pt", "fazer"): "faz faco fazem fez fizeram feito",
    ("pt", "abrir"): "aberto aberta",
    ("es", "hacer"): "hago hizo hicieron hecho hecha",
    ("es", "poner"): "pongo puso pusieron puesto puesta",
    ("es", "abrir"): "abierto abierta",
    ("es", "escribir"): "escrito escrita",
    ("fr", "faire"): "fais fait font faisons faisant faite",
    ("fr", "prendre"): "prend prends prenons prenant prennent pris prise",
    ("fr", "mettre"): "met mets mis mise",
    ("fr", "battre"): "bat bats",
    ("fr", "traire"): "trait trais trayant",
    ("fr", "peindre"): "peint peins peignant peignent",
    ("fr", "conduire"): "conduit conduis conduisant conduisent",
    ("fr", "construire"): "construit construis construisant construisent",
    ("fr", "cuire"): "cuit cuis cuisant cuisent",
    ("fr", "ecrire"): "ecrit ecris ecrivant ecrivent",
    ("fr", "lire"): "lit lis lisant lisent lu",
    ("fr", "boire"): "bois boit buvant boivent bu",
    ("fr", "courir"): "cours court courant courent couru",
    ("fr", "ouvrir"): "ouvre ouvrent ouvert ouverte",
    ("fr", "tenir"): "tiens tient tiennent tenu",
    ("fr", "dormir"): "dors dort",
    ("fr", "sortir"): "sors sort",
    ("fr", "servir"): "sers sert",
}
_VOWELS = "aeiouyh"
_ELISION = re.compile(r"\b(?:[cdjlmnst]|jusqu|lorsqu|puisqu|qu)['\u2018\u2019\u02bc`\u00b4]", re.I)


def language_of(code: str) -> str | None:
    """Return which of the languages here a code such as "pt-BR" is of; None for others."""
    base = code.lower().partition("-")[0]
    return base if base in LANGUAGES else None


def unelided(text: str) -> str:
    """Return a French text without what lost its vowel before another word.

    >>> unelided("jouer de l'accordeon")
    'jouer de accordeon'
    """
    return _ELISION.sub("", text)


def elided(form: str) -> tuple[str, ...]:
    """Return a French word without accents as titles have it: as it is, and after l', d', j', s'.

    >>> elided("arrose"), elided("plante")
    (('arrose', 'larrose', 'darrose', 'jarrose', 'sarrose'), ('plante',))
    """
    if form[:1] not in _VOWELS:
        return (form,)
    return (form, *(f"{letter}{form}" for letter in "ldjs"))


def stem_of(word: str, language: str) -> tuple[str, str] | None:
    """Return the stem and the ending of an infinitive without accents; None for no infinitive.

    >>> stem_of("amasar", "es"), stem_of("peinarse", "es"), stem_of("vaca", "es")
    (('amas', 'ar'), ('pein', 'ar'), None)
    """
    if language == "es" and word.endswith(("arse", "erse", "irse")):
        word = word[:-2]
    stem, ending = word[:-2], word[-2:]
    return (stem, ending) if len(stem) > 1 and (language, ending) in _ENDINGS else None


def verb_forms(word: str, language: str) -> Iterable[str]:
    """Return what an infinitive becomes: who does it now or did it, gerunds, participles.

    >>> {"amaso", "amasando", "amasado"} <= set(verb_forms("amasar", "es"))
    True
    """
    found = stem_of(word, language)
    if found is None:
        return ()
    stem, ending = found
    endings = _ENDINGS[language, ending].split()
    forms = [f"{stem}{one}" for one in endings]
    if language == "es":
        forms += _changed(stem, ending)
        forms += [f"{form}{who}" for form in forms if form.endswith("ndo") for who in _ENCLITIC]
    elif language == "fr":
        forms += [stem, *_french(stem, endings)]
    return dict.fromkeys([*forms, *_IRREGULAR.get((language, stem + ending), "").split()])


_ENCLITIC = ("se", "lo", "la", "los", "las")


def nouns_of(word: str, language: str) -> Iterable[str]:
    """Return the nouns of what an infinitive says.

    >>> "afinacao" in nouns_of("afinar", "pt"), "arrosage" in nouns_of("arroser", "fr")
    (True, True)
    """
    found = stem_of(word, language)
    return (
        () if found is None else [f"{found[0]}{one}" for one in _NOUNS[language, found[1]].split()]
    )


def agents_of(word: str, language: str) -> Iterable[str]:
    """Return who does what an infinitive says.

    >>> "soldador" in agents_of("soldar", "es"), "soudeur" in agents_of("souder", "fr")
    (True, True)
    """
    found = stem_of(word, language)
    if found is None:
        return ()
    stem, ending = found
    if language == "fr":
        middle = "iss" if ending == "ir" else ""
        return [f"{stem}{middle}{one}" for one in _WHO_FRENCH.split()]
    return [f"{stem}{ending[0]}{one}" for one in _WHO[language].split()]


def number_forms(word: str, language: str) -> Iterator[str]:
    """Yield the other number of a noun without accents, as far as it is made without a mere -s.

    >>> list(number_forms("camion", "es")), list(number_forms("chevaux", "fr"))
    (['camiones'], ['cheval', 'chevau'])
    """
    for pattern, others in _NUMBERS[language]:
        if re.search(pattern, word):
            yield from (re.sub(pattern, other, word) for other in others)
            return


_NUMBERS: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "pt": (
        ("oes$", ("ao",)),
        ("ao$", ("oes", "aos", "aes")),
        ("ns$", ("m",)),
        ("m$", ("ns",)),
        ("([rz])es$", (r"\1",)),
        ("([rz])$", (r"\1es",)),
        ("([aeou])is$", (r"\1l",)),
        ("([aeou])l$", (r"\1is",)),
    ),
    "es": (
        ("ces$", ("z",)),
        ("z$", ("ces",)),
        ("([dlnrjs])es$", (r"\1",)),
        ("([dlnrj])$", (r"\1es",)),
    ),
    "fr": (
        ("aux$", ("al", "au")),
        ("eux$", ("eu",)),
        ("al$", ("aux",)),
        ("(eau|eu)$", (r"\1x",)),
    ),
}


def _changed(stem: str, ending: str) -> Iterator[str]:
    """Yield Spanish forms whose stem changes where it is stressed: cuelga, riega, pidiendo."""
    place = max(stem.rfind(vowel) for vowel in "eou")
    if place < 0:
        return
    for other in {"e": ("ie",), "o": ("ue",), "u": ("ue",)}[stem[place]]:
        changed = f"{stem[:place]}{other}{stem[place + 1 :]}"
        yield from (f"{changed}{one}" for one in ("o", "a", "as", "an", "e", "es", "en"))
    if ending == "ir":
        weak = {"e": "i", "o": "u", "u": "u"}[stem[place]]
        changed = f"{stem[:place]}{weak}{stem[place + 1 :]}"
        yield from (f"{changed}{one}" for one in ("o", "e", "es", "en", "iendo", "io", "ieron"))


def _french(stem: str, endings: Iterable[str]) -> Iterator[str]:
    """Yield French forms whose stem changes: nettoie, jette, appelle."""
    if stem.endswith("y"):
        yield from (f"{stem[:-1]}i{one}" for one in endings)
    if stem.endswith(("et", "el")):
        yield from (f"{stem}{stem[-1]}{one}" for one in ("e", "es", "ent"))
