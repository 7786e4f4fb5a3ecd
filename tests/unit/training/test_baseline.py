"""The baseline learns, keeps corpora and languages apart, and does without what it lacks."""

from models.labels import NEGATIVE, NEUTRAL, POSITIVE
from training.baseline import baseline
from training.review import Review

GOOD_EN, BAD_EN = "a good film, wonderful number {}", "a bad film, dreadful number {}"
GOOD_ZH, BAD_ZH = "第{}家很好吃", "第{}家太难吃"


def reviews(corpus: str, split: str, good: str, bad: str, language: str = "en", count: int = 6) -> list[Review]:
    return [
        Review(text.format(index), label, language, corpus, split, f"{corpus}:{index}")
        for index in range(count)
        for text, label in ((good, POSITIVE), (bad, NEGATIVE))
    ]


def test_words_and_characters_are_learned_each_in_its_corpus() -> None:
    train = reviews("imdb", "train", GOOD_EN, BAD_EN) + reviews("waimai", "train", GOOD_ZH, BAD_ZH, "zh")
    # In the other corpus the words mean the opposite: one model for both could not be right in both.
    train += reviews("user", "train", BAD_EN, GOOD_EN)
    dev = reviews("imdb", "dev", GOOD_EN, BAD_EN, count=8) + reviews("waimai", "dev", GOOD_ZH, BAD_ZH, "zh")
    dev += reviews("user", "dev", BAD_EN, GOOD_EN)
    figures = baseline(train, dev)
    assert list(figures) == ["imdb", "waimai", "user"]
    assert figures["imdb"] == {"train_rows": 12, "rows": 16, "accuracy": 1.0, "macro_f1": 1.0}
    assert figures["waimai"]["accuracy"] == figures["user"]["accuracy"] == 1.0


def test_one_corpus_of_two_languages_has_a_model_for_each() -> None:
    train, dev = (
        reviews("context", split, GOOD_EN, BAD_EN) + reviews("context", split, GOOD_ZH, BAD_ZH, "zh")
        for split in ("train", "dev")
    )
    assert baseline(train, dev)["context"] == {"train_rows": 24, "rows": 24, "accuracy": 1.0, "macro_f1": 1.0}


def test_phrases_of_the_treebank_count_as_its_sentences_and_are_not_measured() -> None:
    plain = [Review(f"seen on day {index}", NEUTRAL, "en", "sst", "dev", "x") for index in range(4)]
    dev = reviews("sst", "dev", GOOD_EN, BAD_EN) + plain
    train = reviews("sst", "train", GOOD_EN, BAD_EN) + [
        Review(one.text, one.label, "en", "sst_phrases", "train", "x") for one in plain
    ]
    figures = baseline(train, dev + reviews("sst_phrases", "dev", GOOD_EN, BAD_EN))
    assert set(figures) == {"sst", "sst2"}
    assert figures["sst"] == {"train_rows": 16, "rows": 16, "accuracy": 1.0, "macro_f1": 1.0}
    assert figures["sst2"] == {"train_rows": 12, "rows": 12, "accuracy": 1.0, "macro_f1": 1.0}


def test_a_corpus_that_cannot_be_trained_is_left_out() -> None:
    one_class = [one for one in reviews("hotel", "train", GOOD_ZH, BAD_ZH, "zh") if one.label == POSITIVE]
    dev = reviews("hotel", "dev", GOOD_ZH, BAD_ZH, "zh") + reviews("imdb", "dev", GOOD_EN, BAD_EN)
    assert baseline(one_class, dev) == {}


def test_reviews_of_nothing_but_punctuation_can_be_learned() -> None:
    figures = baseline(reviews("user", "train", "!!!", "..."), reviews("user", "dev", "!", "..", count=1))
    assert figures["user"]["rows"] == 2
