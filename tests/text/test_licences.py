"""What sites write of licences, and what is let through."""

import pytest

from kinetics_builder.text.licences import WORDS, is_allowed, licence_kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (None, None),
        ("", None),
        ("Creative Commons Attribution license (reuse allowed)", "cc-by"),
        ("CC BY 4.0", "cc-by"),
        ("CC-BY-SA-3.0", "cc-by-sa"),
        ("cc_by_nc_nd", "cc-by-nc-nd"),
        ("by-nc", "cc-by-nc"),
        ("Attribution - Share Alike", "cc-by-sa"),
        ("Attribution-NonCommercial-ShareAlike License", "cc-by-nc-sa"),
        ("Attribution - Non Commercial - No Derivatives", "cc-by-nc-nd"),
        ("Attribution-NoDerivs", "cc-by-nd"),
        ("https://creativecommons.org/licenses/by/4.0/", "cc-by"),
        ("http://creativecommons.org/licenses/by-nd/2.0/deed.de", "cc-by-nd"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "cc0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "public-domain"),
        ("Public Domain Dedication", "cc0"),
        ("Public domain", "public-domain"),
        ("CC0", "cc0"),
        ("Creative Commons", "cc"),
        ("Standard YouTube License", "other"),
        ("All rights reserved", "other"),
        ("All rights reserved; attribution required by law", "other"),
        ("Share alike", "other"),
        ("MIT", "other"),
        ("accby", "other"),
    ],
)
def test_the_kind_of_a_licence(text: str | None, kind: str | None) -> None:
    assert licence_kind(text) == kind


@pytest.mark.parametrize(
    ("text", "asked", "is_let_through"),
    [
        ("Standard YouTube License", (), True),
        (None, (), True),
        (None, ("cc",), False),
        ("Creative Commons", ("cc",), True),
        ("Creative Commons", ("cc-by",), False),
        ("CC BY-NC 4.0", ("cc",), True),
        ("CC BY-NC 4.0", ("cc-by",), False),
        ("CC BY 4.0", ("cc-by", "public-domain"), True),
        ("CC0", ("cc",), True),
        ("Public domain", ("cc",), False),
        ("Public domain", ("cc", "public-domain"), True),
        ("Standard YouTube License", WORDS, False),
    ],
)
def test_what_is_let_through(
    text: str | None, asked: tuple[str, ...], is_let_through: bool
) -> None:
    assert is_allowed(text, asked) is is_let_through
