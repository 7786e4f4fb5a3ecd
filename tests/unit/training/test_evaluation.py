"""What is measured, and on which reviews, with a real model."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.labels import LABELS, NEGATIVE, NEUTRAL, POSITIVE
from models.predictor import Predictor
from training.corpora import Corpora
from training.evaluation import evaluate, parts_of, probabilities_of
from training.review import Review


@pytest.fixture(scope="module")
def predictor(tiny_artifact: Path) -> Predictor:
    return Predictor.load(tiny_artifact, "cpu")


def review(text: str, label: int | None, corpus: str, group: str = "", language: str = "en") -> Review:
    return Review(text, label, language, corpus, "dev", "file:1", group)


def test_sst_is_measured_twice_and_the_order_is_that_of_the_corpora() -> None:
    reviews = [
        review("fine", POSITIVE, "user"),
        review("so so", NEUTRAL, "sst"),
        review("bad", NEGATIVE, "sst"),
        review("good", POSITIVE, "imdb"),
    ]
    assert parts_of(reviews) == {"imdb": [3], "sst": [1, 2], "sst2": [2], "user": [0]}


def test_the_probes_by_capability_and_true_label(predictor: Predictor, tiny_corpora: Corpora) -> None:
    reviews = tiny_corpora.select("dev")
    found = evaluate(predictor, reviews)
    right = [one.label == LABELS[r.label or 0] for one, r in zip(found.predictions, reviews, strict=True)]
    assert found.split == "dev"
    part = [index for index, r in enumerate(reviews) if r.corpus == "context"]
    assert found.corpora["context"]["accuracy"] == pytest.approx(np.mean([right[index] for index in part]))
    both = found.context["zh"]["negated_negative"]
    rows = [i for i, r in enumerate(reviews) if (r.corpus, r.language, r.group) == ("probes", "zh", "negated_negative")]
    assert both["rows"] == len(rows)
    assert both["accuracy"] == pytest.approx(np.mean([right[index] for index in rows]))
    assert set(both["by_label"]) == {"positive"}
    assert set(found.context["en"]["plain"]["by_label"]) == {"negative", "neutral", "positive"}
    assert found.neutral_share is None  # no corpus of two classes
    assert set(found.languages) == {"en", "zh"}


def test_texts_of_one_line_count_as_one_answer_or_several(predictor: Predictor, tiny_corpora: Corpora) -> None:
    texts = [one.text for one in tiny_corpora.select("dev")[:300]]
    of_label = {one.label: text for one, text in zip(predictor.predict(texts), texts, strict=True)}
    first, other = list(of_label.values())[:2]  # two texts with two answers

    def probe(text: str, source: str) -> Review:
        return replace(review(text, POSITIVE, "probes", "names"), source=source)

    lines = [probe(first, "a:1"), probe(first, "a:1"), probe(first, "a:2"), probe(other, "a:2"), probe(other, "a:3")]
    figures = evaluate(predictor, lines).context["en"]["names"]
    assert (figures["rows"], figures["lines"], figures["one_answer"]) == (5, 2, 0.5)


def test_predictions_are_those_of_the_predictor_in_order(predictor: Predictor, tiny_corpora: Corpora) -> None:
    reviews = tiny_corpora.select("dev")[:1100]  # more than one window
    found = evaluate(predictor, reviews)
    alone = predictor.predict([reviews[0].text]) + predictor.predict([reviews[-1].text])
    assert found.reviews == reviews
    np.testing.assert_allclose(
        probabilities_of([found.predictions[0], found.predictions[-1]]), probabilities_of(alone), atol=1e-5
    )


def test_two_classes_are_measured_against_each_other_beside_the_neutral_share(predictor: Predictor) -> None:
    reviews = [review("awful and dreadful", NEGATIVE, "imdb"), review("The shop opens at nine.", POSITIVE, "imdb")]
    found = evaluate(predictor, reviews)
    figures = found.corpora["imdb"]
    scores = probabilities_of(found.predictions)
    forced = [scores[0, NEGATIVE] >= scores[0, POSITIVE], scores[1, POSITIVE] > scores[1, NEGATIVE]]
    assert figures["classes"] == 2
    assert figures["accuracy"] == pytest.approx(np.mean(forced))
    assert figures["neutral_share"] == np.mean(scores.argmax(axis=1) == NEUTRAL) == found.neutral_share
    assert np.sum(figures["confusion"]) == 2


def test_the_neutral_share_leaves_out_sentences_of_the_treebank(predictor: Predictor) -> None:
    found = evaluate(predictor, [review("so so", NEUTRAL, "sst"), review("good", POSITIVE, "sst")])
    assert found.corpora["sst"]["classes"] == 3
    assert found.corpora["sst2"]["rows"] == 1
    assert found.neutral_share is None


def test_counterfactual_pairs_are_counted(predictor: Predictor) -> None:
    pair = [review("great", POSITIVE, "counterfactual", "dev-1"), review("bad", NEGATIVE, "counterfactual", "dev-1")]
    assert evaluate(predictor, pair).corpora["counterfactual"]["pairs"] == 1


def test_unlabelled_reviews_and_phrases_are_left_out(predictor: Predictor) -> None:
    kept = review("good", POSITIVE, "imdb")
    found = evaluate(predictor, [review("x", None, "user"), review("a phrase", NEUTRAL, "sst_phrases"), kept])
    assert found.reviews == [kept]
    assert list(found.corpora) == ["imdb"]


def test_the_figures_are_json_and_hold_no_text(predictor: Predictor) -> None:
    written = json.dumps(evaluate(predictor, [review("secret words", POSITIVE, "user")]).to_dict(), allow_nan=False)
    assert "secret" not in written
    assert json.loads(written)["rows"] == 1


def test_nothing_to_measure_on_is_said(predictor: Predictor) -> None:
    with pytest.raises(ValueError, match="0 labelled reviews"):
        evaluate(predictor, [review("x", None, "user")])


def test_mixed_splits_are_refused(predictor: Predictor) -> None:
    one = review("good", POSITIVE, "user")
    with pytest.raises(ValueError, match="2 splits"):
        evaluate(predictor, [one, replace(one, split="train")])


def test_a_text_that_cannot_be_read_is_named_by_its_source(predictor: Predictor) -> None:
    bad = replace(review("good\0", POSITIVE, "user"), source="mine.csv:7")
    with pytest.raises(ValueError, match=r"^mine\.csv:7: .*U\+0000"):
        evaluate(predictor, [review("fine", POSITIVE, "user"), bad])
