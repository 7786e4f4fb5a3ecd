"""No text trains twice, and none trains that also measures."""

from collections import Counter

from training.duplicates import deduplicate
from training.review import Review


def review(text, corpus="amazon", split="train", label=0, group=""):
    return Review(text, label, "en", corpus, split, f"{corpus}:{split}:{text}", group)


def test_a_text_is_kept_once_whatever_its_case_and_spacing():
    first, again, other = review("So dull."), review("so  DULL.\n"), review("So bright.")
    kept, dropped = deduplicate([first, again, other])
    assert kept == [first, other]
    assert dropped == Counter({("amazon", "duplicate"): 1})


def test_across_corpora_the_more_particular_one_keeps_a_training_text():
    shop, hotel = review("隔音差", "online_shopping"), review("隔音差", "hotel")
    kept, dropped = deduplicate([shop, hotel])
    assert kept == [hotel]
    assert dropped == Counter({("online_shopping", "duplicate"): 1})


def test_in_dev_a_text_is_kept_once_a_corpus():
    shop, hotel = review("好吃", "online_shopping", "dev"), review("好吃", "hotel", "dev")
    kept, dropped = deduplicate([shop, shop, hotel])
    assert kept == [shop, hotel]
    assert dropped == Counter({("online_shopping", "duplicate"): 1})


def test_all_copies_of_a_text_with_contradicting_labels_go():
    kept, dropped = deduplicate(
        [review("So so.", label=0), review("so so.", "imdb", label=2), review("Fine.", label=2)]
    )
    assert [found.text for found in kept] == ["Fine."]
    assert dropped == Counter({("amazon", "contradicting labels"): 1, ("imdb", "contradicting labels"): 1})


def test_a_dev_text_of_one_corpus_trains_in_no_other():
    dev, train = review("Seen.", "imdb", "dev"), review("seen.", "amazon", "train")
    assert deduplicate([train, dev])[0] == [dev]


def test_both_sides_of_a_pair_go_when_one_measures():
    dev = review("They call it art.", "imdb", "dev")
    original = review("They call it art.", "counterfactual", group="train-1")
    edit = review("They call it junk.", "counterfactual", label=2, group="train-1")
    other = review("They call.", "counterfactual", label=2, group="train-2")
    kept, dropped = deduplicate([dev, edit, original, other])
    assert kept == [dev, other]
    assert dropped.total() == 2
    assert {corpus for corpus, _ in dropped} == {"counterfactual"}


def test_a_pair_keeps_its_original_and_imdb_gives_way():
    original = review("Avoid.", "counterfactual", group="train-1")
    assert deduplicate([review("Avoid.", "imdb"), original])[0] == [original]


def test_a_calibration_text_that_trains_is_no_calibration_text():
    train, calibration = review("Avoid."), review("Avoid.", "imdb", "calibration")
    assert deduplicate([calibration, train])[0] == [train]


def test_phrases_give_way_to_whole_sentences_of_any_split():
    for split in ("train", "dev", "calibration"):
        sentence, phrase = review("Cool.", "sst", split, label=2), review("cool .", "sst_phrases", label=1)
        kept, dropped = deduplicate([phrase, sentence])
        assert kept == [sentence], split
        assert dropped.total() == 1


def test_unlabelled_text_gives_way_to_labelled_and_keeps_its_own_splits():
    labelled = [review("A.", "imdb"), review("B.", "imdb", "dev"), review("C.", "imdb", "calibration")]
    same = [review(text, "imdb_unlabelled", label=None) for text in ("A.", "B.", "C.")]
    own = [review(split, "imdb_unlabelled", split, label=None) for split in ("dev", "calibration")]
    assert deduplicate([*same, *own, *labelled])[0] == [*own, *labelled]


def test_the_order_stays():
    reviews = [review(f"Text {number}.", corpus) for number, corpus in enumerate(["waimai", "sst", "imdb", "hotel"])]
    assert deduplicate(reviews)[0] == reviews


def test_a_probe_stays_whatever_trains_and_what_equals_it_goes():
    probe = review("So quiet.", "probes", "dev", label=2)
    one, other = review("so quiet.", "user", label=0), review("SO quiet.", "amazon", label=2)
    kept, dropped = deduplicate([probe, one, other])
    assert kept == [probe]
    assert dropped.total() == 2
    assert deduplicate([probe, one])[0] == [probe]
