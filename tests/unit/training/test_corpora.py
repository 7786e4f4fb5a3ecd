"""All corpora together, from hand-written files in the original layouts."""

import json

import pytest

from training import corpora
from training.corpora import CORPORA, load_corpora, load_table
from training.download import MissingCorpusError
from training.originals import original_of
from training.splits import content_key


@pytest.fixture
def loaded(corpora_dir):
    return load_corpora(data_dir=corpora_dir, download=False)


def test_counts_by_corpus_split_and_label(loaded):
    counts = loaded.counts()
    assert tuple(sorted(counts)) == tuple(sorted(CORPORA))
    assert counts["imdb"] == {"train": {"positive": 1}, "dev": {"negative": 1}, "calibration": {"positive": 1}}
    assert counts["imdb_unlabelled"] == {"train": {"unlabelled": 1}, "dev": {"unlabelled": 1}}
    assert counts["counterfactual"] == {
        "train": {"negative": 2, "positive": 2},
        "dev": {"negative": 1, "positive": 1},
    }
    assert counts["waimai"] == {"train": {"negative": 1}, "dev": {"positive": 1}}
    assert counts["sst"]["train"] == {"negative": 1, "neutral": 1, "positive": 2}


def test_no_text_stands_twice_or_on_two_sides(loaded):
    training = [content_key(review.text) for review in loaded.select("train")]
    assert len(training) == len(set(training))
    measured = {content_key(review.text) for split in ("dev", "calibration") for review in loaded.select(split)}
    assert not measured & set(training)


def test_a_pair_whose_original_is_in_imdbs_dev_part_does_not_train(loaded):
    assert {review.group for review in loaded.select("train", ["counterfactual"])} == {"train-4", "train-6"}


def test_originals_of_dev_pairs_leave_imdb_when_the_pairs_are_not_asked_for(corpora_dir):
    alone = load_corpora(["imdb"], corpora_dir, download=False)
    assert alone.dropped["imdb", "original of a counterfactual dev pair"] == 1
    assert not any("neg/1_2.txt" in review.source for review in alone.reviews)
    assert {review.corpus for review in alone.reviews} == {"imdb"}


def test_select_by_label(loaded):
    assert {review.corpus for review in loaded.select(labelled=False)} == {"imdb_unlabelled"}
    assert len(loaded.select(labelled=True)) + len(loaded.select(labelled=False)) == len(loaded.reviews)


def test_bad_rows_are_counted_by_corpus_and_stop_nothing(loaded):
    manifest = loaded.to_manifest()
    assert manifest["problems"] == {"sst": 2, "counterfactual": 3, "amazon": 3, "online_shopping": 3, "imdb": 5}


def test_the_manifest_is_json_with_each_files_hash_once(loaded):
    manifest = json.loads(json.dumps(loaded.to_manifest()))
    paths = [file["path"] for file in manifest["files"]]
    assert len(paths) == len(set(paths)) == 14
    assert all(len(file["sha256"]) == 64 for file in manifest["files"])
    assert manifest["dropped"]["waimai"] == {"contradicting labels": 2}


def test_reading_again_gives_the_same(corpora_dir, loaded):
    assert load_corpora(data_dir=corpora_dir, download=False).reviews == loaded.reviews


def test_no_problem_and_no_note_holds_a_reviews_text(loaded):
    said = " ".join([*map(str, loaded.problems), *loaded.notes])
    assert not [review.text for review in loaded.reviews if len(review.text) > 8 and review.text in said]


def test_an_unknown_name_lists_the_known_ones(corpora_dir):
    with pytest.raises(ValueError, match="unknown corpus imbd: expected some of imdb, imdb_unlabelled, sst"):
        load_corpora(["imbd"], corpora_dir)


def test_every_file_of_every_corpus_has_an_original():
    for files in corpora.FILES.values():
        for file in files:
            assert original_of(file).url.startswith("https://")


def test_the_folder_comes_from_the_environment(corpora_dir, monkeypatch):
    monkeypatch.setenv("DATA_DIR", str(corpora_dir))
    assert load_corpora(["waimai"], download=False).counts()["waimai"]["train"] == {"negative": 1}


def test_a_missing_file_says_all_that_is_needed(corpora_dir):
    (corpora_dir / "sst/trees/dev.txt").unlink()
    with pytest.raises(MissingCorpusError) as error:
        load_corpora(["sst"], corpora_dir, download=False)
    message = str(error.value)
    assert "sst/trees/dev.txt is missing" in message
    assert str(corpora_dir / "sst/trees/dev.txt") in message
    assert "https://nlp.stanford.edu/sentiment/trainDevTestTrees_PTB.zip" in message
    assert "5c613a4f673fc74097d523a2c83f38e0cc462984d847b82c7aaf36b01cbbbfcc" in message
    assert "make train RECIPE=starter" in message


def test_the_table_on_the_command_line(corpora_dir, capsys):
    assert corpora.main(["--data-dir", str(corpora_dir), "--corpora", "waimai", "--problems"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["corpus", "split", "negative", "neutral", "positive", "unlabelled"]
    assert lines[1].split() == ["waimai", "train", "1", "0", "0", "0"]
    assert lines[2].split() == ["waimai", "dev", "0", "0", "1", "0"]
    assert "waimai                  2  contradicting labels" in lines


def test_the_command_line_without_data_fails_with_the_message_alone(tmp_path, capsys):
    assert corpora.main(["--data-dir", str(tmp_path), "--corpora", "waimai"]) == 1
    printed = capsys.readouterr()
    assert not printed.out
    assert printed.err.startswith("the corpus file chinese/waimai_10k.csv is missing")


def test_a_users_table_without_its_duplicates(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("text,label\nGood,1\ngood ,1\nBad,0\nOdd,0\nOdd,1\n", encoding="utf-8")
    loaded = load_table(path)
    assert [(review.text, review.label) for review in loaded.reviews] == [("Good", 2), ("Bad", 0)]
    assert loaded.to_manifest()["dropped"] == {"user": {"contradicting labels": 2, "duplicate": 1}}
