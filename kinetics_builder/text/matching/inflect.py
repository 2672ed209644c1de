"""English word forms: plurals and singulars, gerunds and the rest of the verb.

Rules, and short lists of exceptions in `irregular`. Where English is ambiguous the rule picks
the form that action names use; a form that is no word harms nothing, for no title has it.
"""

import re

from kinetics_builder.text.matching.irregular import (
    BASES,
    GERUNDS,
    NO_PLURAL,
    NOUNS_IN_ING,
    PLURALS,
    SINGULARS_IN_IE,
    VERBS,
)

_SINGULARS = {many: one for one, many in PLURALS.items()}
_SILENT_E = re.compile(
    r"(v|c|u|[bcdfgkptz]l|[nrlp]s|[rd]g|[aeiou]z|[aeiou]{2}s)$"  # driv, juggl, nurs, rais
    r"|^[^aeiou]*[aeiouy][bdgklmnprst]$|[^aeiou]oth$"  # mak, bik, cloth
    r"|..(at|iz|is|ut|ag|sur|tur|kit|lin|bil|par|plor|spir|vad|rad|clud|glid|vid|smok|chas)$"
)
_NO_SILENT_E = re.compile(r"(eat|oat|out|put|ain|ein|oin|train)$")


def is_gerund(word: str) -> bool:
    """Say whether `word` is a verb in -ing, not a noun such as "string".

    >>> is_gerund("throwing"), is_gerund("string")
    (True, False)
    """
    if not (word.endswith("ing") and len(word) >= 5 and word.isascii()):
        return False
    return word not in NOUNS_IN_ING and bool(re.search("[aeiouy]", word[:-3]))


def base_of(gerund: str) -> str:
    """Return the infinitive of a verb in -ing.

    >>> [base_of(w) for w in ("throwing", "making", "running", "rolling", "juggling", "skiing")]
    ['throw', 'make', 'run', 'roll', 'juggle', 'ski']
    """
    if gerund in BASES:
        return BASES[gerund]
    stem = gerund[:-3]
    if stem in VERBS:
        return stem
    if stem + "e" in VERBS:
        return stem + "e"
    if re.search(r"([bdgmnprt])\1$", stem):
        return stem[:-1]
    return stem + "e" if _SILENT_E.search(stem) and not _NO_SILENT_E.search(stem) else stem


def gerund_of(base: str) -> str:
    """Return the -ing form of an infinitive.

    >>> [gerund_of(word) for word in ("throw", "make", "run", "tie", "see", "open")]
    ['throwing', 'making', 'running', 'tying', 'seeing', 'opening']
    """
    if base in GERUNDS:
        return GERUNDS[base]
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if base.endswith("e") and not base.endswith(("ee", "oe", "ye")):
        return base[:-1] + "ing"
    is_doubled = re.fullmatch(r"[^aeiou]*[aeiou][bdgklmnprt]|.*qu[ai][pt]", base)
    return (base + base[-1] if is_doubled else base) + "ing"


def verb_forms(base: str, gerund: str) -> tuple[str, ...]:
    """Return the finite forms and participles: base, third person, past.

    >>> verb_forms("throw", "throwing")
    ('throw', 'throws', 'threw', 'thrown')
    >>> verb_forms("clap", "clapping")
    ('clap', 'claps', 'clapped')
    """
    third = base + "es" if base in ("do", "go", "echo", "veto") else _with_s(base)
    third = "is" if base == "be" else third
    past = VERBS.get(base) or (_regular_past(base, gerund),)
    return tuple(dict.fromkeys((base, third, *past)))


def agent_of(base: str, gerund: str) -> str:
    """Return who does it.

    >>> agent_of("juggle", "juggling"), agent_of("run", "running")
    ('juggler', 'runner')
    """
    return _regular_past(base, gerund)[:-1] + "r"


def plural_of(noun: str) -> str:
    """Return the plural; words without one come back as they are.

    >>> [plural_of(word) for word in ("ball", "knife", "baby", "brush", "chess")]
    ['balls', 'knives', 'babies', 'brushes', 'chess']
    """
    if noun in NO_PLURAL or noun in _SINGULARS:
        return noun
    return PLURALS.get(noun) or _with_s(noun)


def singular_of(noun: str) -> str:
    """Return the singular; words that are singular already come back as they are.

    >>> [singular_of(word) for word in ("balls", "knives", "babies", "brushes", "glass", "teeth")]
    ['ball', 'knife', 'baby', 'brush', 'glass', 'tooth']
    """
    if noun in _SINGULARS:
        return _SINGULARS[noun]
    if noun in NO_PLURAL or len(noun) < 4 or not noun.endswith("s"):
        return noun
    if noun.endswith(("ss", "us", "is")):
        return noun
    if noun.endswith("ies") and len(noun) > 4 and noun[:-1] not in SINGULARS_IN_IE:
        return noun[:-3] + "y"
    return noun[:-2] if re.search("(ss|x|zz|ch|sh)es$", noun) else noun[:-1]


def number_forms(noun: str) -> tuple[str, str]:
    """Return the singular and the plural of a noun in either.

    >>> number_forms("cards"), number_forms("ups"), number_forms("baby")
    (('card', 'cards'), ('up', 'ups'), ('baby', 'babies'))
    """
    one = singular_of(noun)
    return one, plural_of(one)


def _regular_past(base: str, gerund: str) -> str:
    if re.search("[^aeiou]y$", base):
        return base[:-1] + "ied"
    return base + "d" if base.endswith("e") else gerund[:-3] + "ed"


def _with_s(word: str) -> str:
    if re.search("[^aeiou]y$", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search("(s|x|z|ch|sh)$", word) else "s")
