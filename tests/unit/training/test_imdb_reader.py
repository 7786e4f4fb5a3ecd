"""IMDB's archive in hand-written files of the original layout: reviews, problems, each trap of the data."""

import shutil
import tarfile
from collections import Counter

from models.labels import NEGATIVE, POSITIVE
from training.readers import imdb
from training.review import Review


def short(reviews):
    return [(review.text, review.label, review.split) for review in reviews]


def complaints(reading):
    return [str(problem) for problem in reading.problems]


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
