"""The split rules against bytes worked out apart from the code: `printf %s TEXT | sha256sum | cut -c1-2`."""

import pytest

from training.splits import content_byte, content_key, content_split, film_split, treebank_dev_split, user_split

# text, first byte of its SHA-256, and that byte's split: mod 5 = 0 is test, mod 20 = 1 dev, mod 20 = 2 calibration
BYTES = [
    ("太慢了", 0xAF, "test"),  # 175
    ("好吃", 0x01, "dev"),  # 1
    ("书很好", 0x29, "dev"),  # 41
    ("衣服掉色", 0x66, "calibration"),  # 102
    ("服务好", 0x0B, "train"),  # 11: not mod 10
    ("afinebook.", 0x8A, "train"),  # 138
    ("apage-turner.", 0xF1, "dev"),  # 241
]


@pytest.mark.parametrize(("text", "byte", "split"), BYTES)
def test_content_decides_the_split(text, byte, split):
    assert content_byte(text) == byte
    assert content_split(text) == split


def test_case_white_space_and_byte_order_marks_change_no_split():
    assert content_key("\ufeffA  Page-\n\tturner.\u3000") == "apage-turner."
    assert content_byte(" \ufeffA PAGE-turner.\r\n") == 0xF1


def test_nothing_of_a_user_is_set_aside_for_a_test():
    assert user_split("太慢了") == "train"
    assert [user_split(text) for text in ("好吃", "衣服掉色", "服务好")] == ["dev", "calibration", "train"]


@pytest.mark.parametrize(
    ("title", "split"),
    [
        ("tt0453418", "train"),  # 0xc7 = 199
        ("tt0000002", "dev"),  # 0x33 = 51
        ("tt0000014", "dev"),  # 0x0b = 11
        ("tt0000012", "calibration"),  # 0x34 = 52
    ],
)
def test_the_film_decides_the_split_of_imdb(title, split):
    assert film_split(title) == split


def test_a_fifth_of_the_treebanks_dev_sentences_calibrates():
    assert treebank_dev_split("It broke.") == "calibration"  # 0x9b = 155
    assert treebank_dev_split("Dull.") == "dev"  # 0xce = 206


def test_half_a_surrogate_pair_has_a_split_too():
    assert content_split("\ud800") in {"test", "dev", "calibration", "train"}
