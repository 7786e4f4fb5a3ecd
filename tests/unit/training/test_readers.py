"""Each reader on hand-written files in the original layout: exact reviews, exact problems, each trap of the data."""

import shutil
import tarfile
from collections import Counter

import pytest

from training.readers import amazon, chinese, counterfactual, imdb, treebank
from training.readers.reading import sha256_of
from training.review import Review

NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2


def short(reviews):
    return [(review.text, review.label, review.split) for review in reviews]


def complaints(reading):
    return [str(problem) for problem in reading.problems]


# Chinese CSVs


def test_shop_reviews_without_marks_and_test_texts(corpora_dir):
    reading = chinese.read(corpora_dir, ["online_shopping"])
    file = "chinese/online_shopping_10_cats.csv"
    assert reading.reviews == [
        Review("书很好", POSITIVE, "zh", "online_shopping", "dev", f"{file}:2", "书籍"),
        Review("质量差", NEGATIVE, "zh", "online_shopping", "train", f"{file}:3", "平板"),
        Review("房间很大", POSITIVE, "zh", "online_shopping", "train", f"{file}:5", "酒店"),
        Review("衣服\n掉色", NEGATIVE, "zh", "online_shopping", "calibration", f"{file}:8", "衣服"),
        # after a review of two lines; the original holds U+FEFF before this text
        Review("服务好", POSITIVE, "zh", "online_shopping", "train", f"{file}:11", "手机"),
    ]
    assert reading.dropped == Counter({("online_shopping", "test split"): 1})


def test_bad_shop_rows_are_reported_by_line(corpora_dir):
    file = "chinese/online_shopping_10_cats.csv"
    assert complaints(chinese.read(corpora_dir, ["online_shopping"])) == [
        f"{file}:6: empty review",
        f"{file}:7: label is '2', expected 0 or 1",
        f"{file}:10: 4 fields, expected 3",
    ]


def test_full_width_punctuation_and_quotation_marks_stay(corpora_dir):
    reading = chinese.read(corpora_dir, ["hotel"])
    assert reading.reviews[-1] == Review(
        '前台热情，"早餐"一般。', POSITIVE, "zh", "hotel", "train", "chinese/ChnSentiCorp_htl_all.csv:5"
    )


def test_a_byte_that_is_not_utf8_costs_one_row(corpora_dir):
    path = corpora_dir / "chinese/waimai_10k.csv"
    path.write_bytes(b"label,review\n1,\xb2\xbb\n0," + "难吃".encode())
    reading = chinese.read(corpora_dir, ["waimai"])
    assert short(reading.reviews) == [("难吃", NEGATIVE, "train")]
    assert complaints(reading) == ["chinese/waimai_10k.csv:2: not valid UTF-8"]


def test_another_files_columns_are_said(corpora_dir):
    (corpora_dir / "chinese/waimai_10k.csv").write_text("review,label\n难吃,0\n", encoding="utf-8")
    reading = chinese.read(corpora_dir, ["waimai"])
    assert not reading.reviews
    assert "columns are ['review', 'label'], expected ['label', 'review']" in complaints(reading)[0]


def test_a_file_is_recorded_with_hash_and_rows(corpora_dir):
    (file,) = chinese.read(corpora_dir, ["waimai"]).files
    path = corpora_dir / "chinese/waimai_10k.csv"
    assert (file.path, file.sha256, file.rows) == ("chinese/waimai_10k.csv", sha256_of(path), 4)


# Treebank


def test_sentences_of_the_treebank(corpora_dir):
    reading = treebank.read(corpora_dir, ["sst"])
    assert short(reading.reviews) == [
        ("Dull.", NEGATIVE, "dev"),
        ("It broke.", NEGATIVE, "calibration"),
        ("It doesn't bore.", POSITIVE, "train"),
        ('"Bright" (and/or) brave!', POSITIVE, "train"),
        ("bore that", NEUTRAL, "train"),
        ("the bore bright bore", NEGATIVE, "train"),
    ]
    assert reading.reviews[-1].source == "sst/trees/train.txt:7"


def test_a_development_sentence_in_train_goes_with_its_phrases(corpora_dir):
    reading = treebank.read(corpora_dir, ["sst", "sst_phrases"])
    assert reading.dropped["sst", "development sentence in train.txt"] == 1
    phrases = {review.text for review in reading.reviews if review.corpus == "sst_phrases"}
    assert "Dull" not in phrases
    assert "broke." not in phrases


def test_phrases_are_labelled_by_majority_and_a_tie_goes(corpora_dir):
    reading = treebank.read(corpora_dir, ["sst_phrases"])
    labels = {review.text: review.label for review in reading.reviews}
    assert labels["bore"] == NEGATIVE  # negative three times, neutral once
    assert labels["doesn't bore."] == POSITIVE
    assert labels["and/or"] == NEUTRAL
    assert not any(text.startswith("It doesn't") for text in labels)  # sentences are no phrases of their own

    (corpora_dir / "sst/trees/train.txt").write_text("(2 (1 odd) (2 one))\n(2 (3 Odd) (2 two))\n", encoding="utf-8")
    reading = treebank.read(corpora_dir, ["sst_phrases"])
    assert [review.text for review in reading.reviews] == ["one", "two"]
    assert reading.dropped["sst_phrases", "contradicting labels"] == 1


def test_only_what_is_named_is_given(corpora_dir):
    assert {review.corpus for review in treebank.read(corpora_dir, ["sst"]).reviews} == {"sst"}
    assert {review.corpus for review in treebank.read(corpora_dir, ["sst_phrases"]).reviews} == {"sst_phrases"}


@pytest.mark.parametrize(
    ("tree", "reason"),
    [
        ("(2 (2 An) (2 actor)", "1 brackets are left open"),
        ("(7 (2 An) (2 actor))", "column 1: label is '7', expected 0 to 4"),
        ("(2 An) (2 actor)", "column 8: text after the tree has ended"),
        ("(2 An))", "column 7: text after the tree has ended"),
        (")", "column 1: a bracket closes that was never opened"),
        ("(2 )", "column 4: a node without tokens"),
        ("An actor", "column 1: a token outside all brackets"),
    ],
)
def test_a_malformed_tree_says_where(tree, reason):
    with pytest.raises(ValueError) as error:
        treebank.parse(tree)
    assert str(error.value) == reason


def test_every_phrase_of_a_tree():
    assert treebank.parse("(4 (2 a) (3 (1 b) (0 c)))") == [
        (NEUTRAL, ("a",)),
        (NEGATIVE, ("b",)),
        (NEGATIVE, ("c",)),
        (POSITIVE, ("b", "c")),
        (POSITIVE, ("a", "b", "c")),
    ]


# Counterfactual pairs


def test_pairs_keep_their_group_and_their_quotation_marks(corpora_dir):
    reading = counterfactual.read(corpora_dir)
    assert [(review.text, review.label, review.split, review.group) for review in reading.reviews] == [
        ("A slow, dull film.\n\nAvoid.", NEGATIVE, "train", "train-4"),
        ("A slow, rich film.\n\nSee it.", POSITIVE, "train", "train-4"),
        ('They call it "art", and it is.', POSITIVE, "train", "train-5"),
        ('They call it "art", and it is not.', NEGATIVE, "train", "train-5"),
        ('"Quoted" by no one, and a lone " mark', POSITIVE, "train", "train-6"),
        ('"Quoted" by everyone, and a lone " mark', NEGATIVE, "train", "train-6"),
        ('I saw "it" twice.\n\nNever again.', NEGATIVE, "dev", "dev-4"),
        ('I saw "it" twice.\n\nSoon again.', POSITIVE, "dev", "dev-4"),
    ]


def test_bad_pairs_are_reported_by_line(corpora_dir):
    file = "counterfactual/combined/paired/train_paired.tsv"
    assert complaints(counterfactual.read(corpora_dir)) == [
        f"{file}:8: sentiment is 'Mixed', expected Negative or Positive",
        f"{file}:9: empty review",
        f"{file}:10: 2 fields, expected 3",
    ]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ('"He said ""no"" twice."', 'He said "no" twice.'),
        ('"""All of it."""', '"All of it."'),
        ('"""Quoted """"twice""""."""', 'Quoted "twice".'),
        ('"Just" a "quotation"', '"Just" a "quotation"'),
        ('"A whole quotation."', '"A whole quotation."'),
        ('"', '"'),
        ("", ""),
    ],
)
def test_unquote_only_what_is_quoted(field, text):
    assert counterfactual.unquote(field) == text


# IMDB


def test_imdb_reviews_by_film(corpora_dir):
    reading = imdb.read(corpora_dir, ["imdb", "imdb_unlabelled"])
    member = "aclImdb/train/"
    found = {review.source: review for review in reading.reviews}
    assert found[member + "pos/0_9.txt"] == Review(
        "Warm and\n\nfunny.", POSITIVE, "en", "imdb", "train", member + "pos/0_9.txt", "tt0000001"
    )
    assert found[member + "pos/2_10.txt"].split == "dev"
    assert found[member + "pos/3_8.txt"].split == "calibration"
    assert found[member + "neg/0_1.txt"].label == NEGATIVE
    assert found[member + "unsup/1_0.txt"] == Review(
        "Nobody knew.", None, "en", "imdb_unlabelled", "dev", member + "unsup/1_0.txt", "tt0000002"
    )
    assert len(found) == 11


def test_bad_imdb_members_are_reported_by_name(corpora_dir):
    member = "aclImdb/train/pos/"
    assert sorted(complaints(imdb.read(corpora_dir, ["imdb"]))) == [
        member + "4_8.txt: line 4 of urls_pos.txt names no film",
        member + "5_3.txt: rating 3 in the folder pos, expected 7 to 10",
        member + "6_9.txt: not valid UTF-8 at byte 3",
        member + "7_9.txt: empty review",
        member + "notes.txt: file name is not ID_RATING.txt",
    ]


def test_reviews_of_the_final_measurement_are_left_out_of_the_full_original(corpora_dir):
    reading = imdb.read(corpora_dir, ["imdb"])
    assert reading.dropped == Counter({("imdb", "test split"): 1})
    assert not any("pos/15_9.txt" in review.source for review in reading.reviews)


def test_an_original_of_a_dev_pair_does_not_train(corpora_dir):
    # its quotation marks are of another kind, which must not hide it
    reading = imdb.read(corpora_dir, ["imdb"], paired_dev={"isawittwiceneveragain"})
    assert reading.dropped["imdb", "original of a counterfactual dev pair"] == 1
    assert not any("neg/1_2.txt" in review.source for review in reading.reviews)


def test_unlabelled_reviews_only_when_named(corpora_dir):
    assert {review.corpus for review in imdb.read(corpora_dir, ["imdb"]).reviews} == {"imdb"}
    assert {review.corpus for review in imdb.read(corpora_dir, ["imdb_unlabelled"]).reviews} == {"imdb_unlabelled"}


def test_an_absent_test_split_is_said_and_no_error(corpora_dir):
    assert imdb.read(corpora_dir, ["imdb"]).notes == [
        "imdb/aclImdb_v1.tar.gz: the test split is absent (it is not read in any case)"
    ]


def test_the_test_split_is_passed_over(corpora_dir, tmp_path):
    path = corpora_dir / imdb.FILE
    with tarfile.open(path) as archive:
        archive.extractall(tmp_path / "whole", filter="data")
    train = tmp_path / "whole/aclImdb/train"
    shutil.copytree(train, train.with_name("test"))
    before = imdb.read(corpora_dir, ["imdb"]).reviews
    with tarfile.open(path, "w:gz") as archive:
        archive.add(train.with_name("test"), "aclImdb/test")
        archive.add(train, "aclImdb/train")
    reading = imdb.read(corpora_dir, ["imdb"])
    assert sorted(short(reading.reviews)) == sorted(short(before))
    assert reading.notes == ["imdb/aclImdb_v1.tar.gz: 17 reviews of the test split passed over unread"]


def test_a_cut_archive_gives_what_it_holds_and_one_problem(corpora_dir):
    path = corpora_dir / imdb.FILE
    path.write_bytes(path.read_bytes()[:-200])
    reading = imdb.read(corpora_dir, ["imdb"])
    assert any(problem.startswith("imdb/aclImdb_v1.tar.gz: the archive ends early") for problem in complaints(reading))


# Amazon


def test_amazon_reviews_without_titles_entities_and_lost_letters(corpora_dir):
    reading = amazon.read(corpora_dir)
    assert [(review.text, review.label, review.split, review.group) for review in reading.reviews] == [
        ("No plot.", NEGATIVE, "train", "books"),
        ("A fine book.", POSITIVE, "train", "books"),
        ("A page-turner.", POSITIVE, "dev", "books"),
        ("One cliché after another.", NEGATIVE, "train", "dvd"),  # a file in Latin-1
        ("Pure d\ufffdj\ufffd vu, fianc\ufffd and all.", POSITIVE, "train", "dvd"),
        ("A bad cable.", NEGATIVE, "train", "electronics"),
        ('It said "works fine" & it does <here>.\n\nFive years & counting.', POSITIVE, "train", "electronics"),
    ]
    assert reading.dropped == Counter({("amazon", "test split"): 1})


def test_bad_amazon_reviews_are_reported_by_line(corpora_dir):
    assert complaints(amazon.read(corpora_dir)) == [
        "amazon/books/negative.review:29: empty review",
        "amazon/books/positive.review:29: rating is '3.0', expected 4.0 or 5.0 in positive.review",
        "amazon/electronics/negative.review:15: the review is not closed by </review>",
    ]


@pytest.mark.parametrize("lost", ["ï¿½", "\ufffd"])
def test_a_letter_lost_once_or_twice_has_the_same_split(corpora_dir, lost):
    path = corpora_dir / "amazon/dvd/positive.review"
    review = f"<review>\n<rating>\n5.0\n</rating>\n<review_text>\nNa{lost}ve.\n</review_text>\n</review>\n"
    path.write_text(review, encoding="utf-8")
    found = [review for review in amazon.read(corpora_dir).reviews if review.source.startswith("amazon/dvd/positive")]
    # printf %s 'naï¿½ve.' | sha256sum begins with f1 = 241; with U+FFFD it would train
    assert short(found) == [("Na\ufffdve.", POSITIVE, "dev")]
