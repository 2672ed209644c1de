import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.text.matching.inflect import (
    agent_of,
    base_of,
    gerund_of,
    is_gerund,
    plural_of,
    singular_of,
    verb_forms,
)

VERBS = """
adjusting/adjust arranging/arrange baking/bake bandaging/bandage biking/bike
carrying/carry climbing/climb closing/close crawling/crawl dancing/dance
decorating/decorate driving/drive dunking/dunk dying/die eating/eat exercising/exercise
falling/fall freezing/freeze geocaching/geocache hugging/hug ironing/iron juggling/juggle
kayaking/kayak kissing/kiss massaging/massage opening/open pirouetting/pirouette
pouring/pour preparing/prepare putting/put raising/raise rolling/roll running/run
salting/salt saluting/salute shaking/shake sharpening/sharpen skiing/ski
snowmobiling/snowmobile squeezing/squeeze steering/steer stretching/stretch swimming/swim
throwing/throw tying/tie using/use waving/wave whistling/whistle wrestling/wrestle
"""


@pytest.mark.parametrize("pair", VERBS.split())
def test_verbs_go_from_gerund_to_base_and_back(pair: str) -> None:
    gerund, base = pair.split("/")
    assert base_of(gerund) == base
    assert gerund_of(base) == gerund


@pytest.mark.parametrize("word", ["string", "king", "something", "pudding", "thing", "ping"])
def test_nouns_in_ing_are_no_verbs(word: str) -> None:
    assert not is_gerund(word)


@pytest.mark.parametrize(
    ("base", "forms"),
    [
        ("throw", ("throw", "throws", "threw", "thrown")),
        ("carry", ("carry", "carries", "carried")),
        ("clap", ("clap", "claps", "clapped")),
        ("bake", ("bake", "bakes", "baked")),
        ("wash", ("wash", "washes", "washed")),
        ("ski", ("ski", "skis", "skied")),
        ("tie", ("tie", "ties", "tied")),
        ("put", ("put", "puts")),
        ("do", ("do", "does", "did", "done")),
    ],
)
def test_verb_forms(base: str, forms: tuple[str, ...]) -> None:
    assert verb_forms(base, gerund_of(base)) == forms


@pytest.mark.parametrize(
    ("base", "agent"), [("juggle", "juggler"), ("run", "runner"), ("carry", "carrier")]
)
def test_agents(base: str, agent: str) -> None:
    assert agent_of(base, gerund_of(base)) == agent


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("knife", "knives"),
        ("child", "children"),
        ("baby", "babies"),
        ("potato", "potatoes"),
        ("piano", "pianos"),
        ("horseshoe", "horseshoes"),
        ("cookie", "cookies"),
        ("brush", "brushes"),
        ("raise", "raises"),
        ("box", "boxes"),
        ("chess", "chess"),
        ("tennis", "tennis"),
    ],
)
def test_nouns_go_both_ways(one: str, many: str) -> None:
    assert singular_of(many) == one
    assert singular_of(one) == one
    if one != "tennis":
        assert plural_of(one) == many


@given(st.from_regex(r"[a-z]{2,12}", fullmatch=True))
def test_a_singular_has_no_further_singular_but_one(word: str) -> None:
    assert len(singular_of(word)) <= len(word) + 1
    assert plural_of(plural_of(word)).startswith(word[:1])
