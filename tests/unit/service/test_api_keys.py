import pytest

from service.api_keys import ApiKeys, split_keys

FIRST, SECOND = "first-key-0123456789", "c2Vjb25kIGtleQ==/+._~-"


def test_keys_stand_apart_by_commas_lines_or_spaces():
    assert split_keys(f"{FIRST},{SECOND}") == split_keys(f"\n{FIRST}\r\n\n{SECOND}\n") == [FIRST, SECOND]
    assert split_keys(f" {FIRST} , {SECOND} ,") == [FIRST, SECOND]


@pytest.mark.parametrize("text", ["", " ,\n", "x" * 15, "x" * 257, f"{FIRST},x", "schlüssel-0123456789", f"{FIRST}\0"])
def test_what_cannot_be_a_key_is_refused_without_being_told(text):
    with pytest.raises(ValueError) as caught:
        split_keys(text)
    assert "key-" not in str(caught.value)


def test_each_key_is_accepted_and_nothing_near_it():
    keys = ApiKeys([FIRST, SECOND])
    assert keys.accept(FIRST)
    assert keys.accept(SECOND)
    for other in (
        "",
        FIRST[:-1],
        FIRST + "x",
        FIRST.upper(),
        f" {FIRST}",
        f"{FIRST},{SECOND}",
        "ÿ" * 20,
        "\ud800" * 20,
    ):
        assert not keys.accept(other)


def test_no_keys_accept_nothing():
    assert not ApiKeys()
    assert not ApiKeys().accept("")


def test_the_keys_themselves_are_not_kept():
    assert FIRST not in repr(vars(ApiKeys([FIRST])))
