import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kinetics_builder.text.foreign import (
    LONGEST,
    address,
    flaw_of,
    is_storable,
    one_line,
    seconds,
    spelled,
)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda values: st.lists(values) | st.dictionaries(st.text(), values),
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        pytest.param("CC BY\r\n\tall\x0brights", "CC BY all rights", id="line breaks"),
        pytest.param("a\x00b\x1b\x85c\u2028d", "a b c d", id="control characters"),
        pytest.param("\ud83d\ude00 \ud83d!", "\U0001f600 ?!", id="halves, together and alone"),
        pytest.param("\x1b[1;31mred\x1b[0m", "red", id="colours of a terminal"),
        pytest.param("caf\udce9", "caf?", id="a byte that was no text"),
        pytest.param("\u202eevil\u202c \u2066x\u2069\u200b", "evil x", id="turned lines"),
        pytest.param("\ufeffice\u00ad", "ice", id="marks that nobody sees"),
        pytest.param("a\ufffe\ufdd0\U0010ffffb", "ab", id="noncharacters"),
        pytest.param("cafe\u0301", "caf\u00e9", id="composed"),
        pytest.param("می‌روم 👨‍👩‍👧", "می‌روم 👨‍👩‍👧", id="joiners stay"),
        pytest.param(20200131, "20200131", id="a number"),
        pytest.param(["CC BY", 4, None, "\n"], "CC BY, 4,", id="a list"),
        pytest.param({"name": "CC\nBY"}, '{"name": "CC\\nBY"}', id="an object"),
        pytest.param(None, None, id="null"),
        pytest.param(False, None, id="false"),
        pytest.param(float("nan"), None, id="no number"),
        pytest.param(" \u200b\n", None, id="nothing to see"),
        pytest.param("x" * 1001, "x" * 999 + "…", id="long"),
    ],
)
def test_any_value_becomes_one_line(value: object, text: str | None) -> None:
    assert one_line(value) == text


@given(anything)
def test_what_came_in_is_storable_and_stays_as_it_is(value: object) -> None:
    text = one_line(value)
    if text is not None:
        assert is_storable(text) and 0 < len(text) <= LONGEST
        assert "\n" not in text and "\0" not in text and text.encode()
        assert one_line(text) == text


@given(st.text(st.characters(codec=None), max_size=30))
def test_an_address_is_printable_and_what_is_printable_stays(text: str) -> None:
    assert address(text).isprintable()
    assert address(address(text)) == address(text)


@pytest.mark.parametrize(
    ("text", "flaw"),
    [
        ("arm\x07", "the control character U+0007"),
        ("arm\nwrestling", "the control character U+000A"),
        ("arm\u2029", "the control character U+2029"),
        ("arm\u200bwrestling", "the invisible character U+200B"),
        ("\u202egnilrust", "the invisible character U+202E"),
        ("arm\u3164", "the invisible character U+3164"),
        ("arm\ud800", "half a character, U+D800"),
        ("arm\uffff", "U+FFFF, which is no character"),
        ("queda de braço", None),
        ("می‌روم", None),
        ("arm\u00a0wrestling", None),
    ],
)
def test_a_name_is_refused_by_its_flaw(text: str, flaw: str | None) -> None:
    assert flaw_of(text) == flaw


@given(st.text(max_size=30))
def test_a_name_is_spelled_in_one_way(text: str) -> None:
    assert spelled(unicodedata.normalize("NFD", text)) == spelled(spelled(text))
    assert spelled(f" {text}\u00a0") == spelled(text)


@pytest.mark.parametrize("value", [None, True, [], {}, "1:20", "nan", -1, 0, 1e999, 10**400])
def test_a_length_that_is_none_is_not_known(value: object) -> None:
    assert seconds(value) is None
