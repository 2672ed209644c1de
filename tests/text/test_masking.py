import pickle

import pytest

from kinetics_builder.errors import ItemFailed, KbuildError, Reason, WorkspaceError
from kinetics_builder.text.masking import has_secret, masked


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param(
            "http://me:hunter2@a.org/x: 403", "http://***@a.org/x: 403", id="a login of the web"
        ),
        pytest.param("https://ghp_Ab1@a.org/x", "https://***@a.org/x", id="a token as its name"),
        pytest.param("HTTPS://me:h@a.org", "HTTPS://***@a.org", id="a scheme in capitals"),
        pytest.param(
            "postgresql://ann:h:u@nt@db:5432/clips refused",
            "postgresql://ann:***@db:5432/clips refused",
            id="a password with a colon and an at",
        ),
        pytest.param(
            "postgresql+psycopg://ann:a/b?c#d@db/clips",
            "postgresql+psycopg://ann:***@db/clips",
            id="a password with what ends a host",
        ),
        pytest.param("'postgresql://:pw@/x'", "'postgresql://:***@/x'", id="no name, no host"),
        pytest.param(
            "two: ftp://a:b@c/d, http://e:f@g/h",
            "two: ftp://***@c/d, http://***@g/h",
            id="two addresses in one text",
        ),
        pytest.param(
            "https://a.org/f.mp4?page=2&X-Amz-Signature=abc%2F1&access_token=t",
            "https://a.org/f.mp4?page=2&X-Amz-Signature=***&access_token=***",
            id="keys among the parameters",
        ),
        pytest.param(
            "host=db password='a b' user=ann", "host=db password=*** user=ann", id="words of libpq"
        ),
    ],
)
def test_secrets_are_masked_and_the_rest_stays(text: str, shown: str) -> None:
    assert masked(text) == shown
    assert masked(shown) == shown
    assert has_secret(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ann@db/clips",
        "http://127.0.0.1:8000/user@home?v=1",
        "http://[::1]:80/@x",
        "write to a:b@c.org",
        "https://a.org:8443/x?mail=a@b",
        "password authentication failed for user \"ann\"",
        "the title names no class: 'signature move: 10 tokens'",
    ],
)  # fmt: skip
def test_what_is_no_secret_stays(text: str) -> None:
    assert masked(text) == text
    assert not has_secret(text)


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("invalid literal for int(): 'pa'", "invalid literal for int(): '***'"),
        ('no host name "ss@db" is known', 'no host name "***@db" is known'),
        ("got pa/ss", "got ***"),
        ("a pass was made", "a pass was made"),
    ],
)
def test_pieces_of_a_known_password_are_masked_where_a_library_cut_it(
    said: str, shown: str
) -> None:
    addresses = ("postgresql://ann:pa/ss@db/clips", "postgresql://ann:pa@ss@db/clips")
    assert masked(said, *addresses) == shown


def test_a_known_password_is_masked_decoded_too() -> None:
    assert masked("login p@w/1 failed", "https://ann:p%40w%2F1@a.org/") == "login *** failed"


def test_no_error_holds_a_password() -> None:
    text = "http://me:hunter2@a.org/x does not answer"
    for error in (KbuildError(text), WorkspaceError(text), ItemFailed(Reason.NETWORK, text)):
        kept = pickle.loads(pickle.dumps(error))
        assert "hunter2" not in f"{error} {error!r} {kept} {kept!r} {error.args}"
        assert "http://***@a.org/x does not answer" in str(kept)


def test_a_long_text_costs_no_more_than_its_length() -> None:
    assert masked("a-" * 200_000 + "://") == "a-" * 200_000 + "://"
