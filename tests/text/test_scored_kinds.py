"""Kinds of titles that strangers' classes meet, in the languages of their queries."""

import pytest

from kinetics_builder.text.class_list.entries import ClassEntry, Query
from kinetics_builder.text.matching.matcher import Matcher
from kinetics_builder.text.matching.scored import ScoredMatcher


def _class(name: str, negative_words: tuple[str, ...] = (), **queries: str) -> ClassEntry:
    spoken = tuple(Query(language, text) for language, text in queries.items())
    return ClassEntry(name=name, queries=spoken, negative_words=negative_words)


ENTRIES = (
    _class("kneading dough", pt="amassar p\u00e3o", es="amasar pan", fr="p\u00e9trir la p\u00e2te"),
    _class("watering plants", pt="regar plantas", es="regar plantas", fr="arroser les plantes"),
    _class("tuning piano", pt="afinar piano", es="afinar un piano", fr="accorder un piano"),
    _class("hanging laundry", pt="estender roupa", es="tender la ropa", fr="\u00e9tendre le linge"),
    _class("playing accordion", pt="tocar acorde\u00e3o", fr="jouer de l'accord\u00e9on"),
    _class("welding", ("game",), pt="soldar", es="soldar", fr="souder"),
    _class("jump rope", pt="pular corda", es="saltar la cuerda", fr="sauter \u00e0 la corde"),
    _class("sharpening knife", es="afilar cuchillo", fr="aiguiser un couteau"),
    _class("shoeing horse", es="herrar caballo", fr="ferrer un cheval"),
    _class("playing dominoes", es="jugar domin\u00f3", fr="faire une partie de dominos"),
    _class("kite surfing"),
    _class("surfing"),
    _class("pitching (baseball)"),
    _class("pitching tent", pt="montar barraca"),
    _class("shelling walnuts"),
)
MATCHER = ScoredMatcher(ENTRIES)


@pytest.mark.parametrize(
    ("title", "label", "words"),
    [
        ("amassando o p\u00e3o em casa", "kneading dough", "amassando o p\u00e3o"),
        ("C\u00f3mo amaso el pan", "kneading dough", "amaso el pan"),
        ("Je p\u00e9tris la p\u00e2te \u00e0 pizza", "kneading dough", "p\u00e9tris la p\u00e2te"),
        ("Regamos las plantas", "watering plants", "Regamos las plantas"),
        ("riega tus plantas as\u00ed", "watering plants", "riega tus plantas"),
        ("J'arrose mes plantes", "watering plants", "J'arrose mes plantes"),
        ("Arrosage des plantes en \u00e9t\u00e9", "watering plants", "Arrosage des plantes"),
        ("afina\u00e7\u00e3o de pianos", "tuning piano", None),
        ("Afinador de pianos", "tuning piano", None),
        ("accordage d\u2019un piano", "tuning piano", None),
        ("Tendiendo la ropa", "hanging laundry", "Tendiendo la ropa"),
        ("tocando acordeao", "playing accordion", "tocando acordeao"),
        ("il joue de l'accord\u00e9on", "playing accordion", None),
        ("jouer un air d'accord\u00e9on", "playing accordion", None),
        ("Soldando una puerta", "welding", "Soldando"),
        ("soudeur professionnel", "welding", "soudeur"),
        ("Jumping rope 1000 times", "jump rope", "Jumping rope"),
        ("saltando a la cuerda", "jump rope", None),
        ("afilando cuchillos", "sharpening knife", None),
        ("aiguisage de couteaux", "sharpening knife", None),
        ("ferrage d'un cheval", "shoeing horse", None),
        ("on ferre les chevaux", "shoeing horse", None),
        ("juegan al domin\u00f3", "playing dominoes", None),
        ("Kitesurfing in Tarifa", "kite surfing", "Kitesurfing"),
        ("#KiteSurfing", "kite surfing", "KiteSurfing"),
    ],
)
def test_forms_of_other_languages_and_kinds_are_found(
    title: str, label: str, words: str | None
) -> None:
    first = MATCHER.match(title)[0]
    assert (first.label, first.score >= 0.6) == (label, True)
    assert words is None or first.words == words
    assert list(MATCHER.match_all([title])) == [MATCHER.match(title)]


def test_a_general_class_inside_a_compound_comes_after_the_special_one() -> None:
    first, second = MATCHER.match("Kitesurfing in Tarifa")
    assert (second.label, second.score < first.score) == ("surfing", True)


def test_a_name_without_what_stands_in_its_brackets_is_not_the_whole_name() -> None:
    (plain,) = MATCHER.match("Pitching my startup to investors")
    (said,) = MATCHER.match("baseball pitching drills")
    assert plain.score < said.score == 1.0


@pytest.mark.parametrize(
    "title",
    [
        "un pan con queso",
        "O piano de cauda",
        "Welding game simulator",
        "la ropa de mi abuela",
        "la cuerda rota",
        "un cheval blanc",
        "barraca de praia",
    ],
)
def test_an_object_of_a_query_without_its_verb_is_no_match(title: str) -> None:
    assert MATCHER.match(title) == ()


def test_the_binary_rule_stays_what_it_was() -> None:
    matcher = Matcher(ENTRIES)
    assert matcher.match("saltando a la cuerda") == ()
    assert [m.label for m in matcher.match("vamos saltar la cuerda")] == ["jump rope"]
