"""An explanation is of the network that serves, adds up, and says where it is cut short."""

from pathlib import Path

import pytest
import torch

from models import artifact
from models.classifier import Architecture, SentimentClassifier
from models.decomposition import HORIZON
from models.explanation import Explanation
from models.focus import MAX_FOCUS, MAX_PAIRS
from models.labels import LABELS
from models.phrases import MAX_LEAVES
from models.predictor import Predictor
from models.text import SpanError, TextError

TEXTS = [
    "great",
    "i do not think the flower is beautiful",
    "我不喜欢数学",
    "The unquestionablyish 😀 room, isn't it <br /> GOOD?",
    "The breakfast was cold and nobody at the desk cared, but we never found a better view. " * 3,
    "not bad " * 200,
    "\u200b",
    "…",
]


@pytest.fixture(scope="module")
def predictor(tiny_artifact: Path) -> Predictor:
    return Predictor.load(tiny_artifact, "cpu")


@pytest.mark.parametrize("text", TEXTS)
def test_what_is_explained_is_what_is_served(predictor: Predictor, text: str) -> None:
    found = predictor.explain(text)
    (served,) = predictor.predict([text])
    assert found.prediction == served
    shares = found.prediction.probabilities
    odds = torch.tensor(shares["positive"] / shares["negative"]).log() * found.temperature
    assert found.logit == pytest.approx(float(odds), abs=1e-4)


@pytest.mark.parametrize("method", ["signals", "writes"])
@pytest.mark.parametrize("text", TEXTS)
def test_contributions_and_bias_are_the_logit(predictor: Predictor, text: str, method: str) -> None:
    found = predictor.explain(text, method=method)
    total = sum(word.contribution.total for word in found.words)
    assert abs(total + found.bias - found.logit) < 1e-4
    assert found.completeness_error < 1e-4
    for word in found.words:
        assert word.contribution.total == word.contribution.forward + word.contribution.backward


@pytest.mark.parametrize("text", TEXTS)
def test_trajectories_end_in_the_logit_with_and_without_a_word(predictor: Predictor, text: str) -> None:
    found = predictor.explain(text)
    ends = found.trajectory.forward[-1] + found.trajectory.backward[0]
    assert ends + found.bias == pytest.approx(found.logit, abs=1e-4)
    for without in found.without:
        forward, backward = without.trajectory.forward, without.trajectory.backward
        assert [place for place, value in enumerate(forward) if value is None] == [without.removed]
        read = [value for value in forward if value is not None], [value for value in backward if value is not None]
        assert read[0][-1] + read[1][0] + found.bias == pytest.approx(without.logit, abs=1e-4)


def test_without_a_word_is_the_text_with_a_space_in_its_place(predictor: Predictor) -> None:
    text = TEXTS[1]
    found = predictor.explain(text)
    assert found.without
    for without in found.without:
        word = found.words[without.removed]
        (expected,) = predictor.predict([text[: word.start] + " " + text[word.end :]])
        assert without.label == expected.label
        assert without.probabilities == pytest.approx(expected.probabilities, abs=1e-5)


def test_targets_turn_the_sign_and_neutral_is_against_both(predictor: Predictor) -> None:
    positive, negative, neutral = (
        predictor.explain(TEXTS[1], target) for target in ("positive", "negative", "neutral")
    )
    assert negative.logit == -positive.logit
    assert negative.words[2].contribution.total == pytest.approx(-positive.words[2].contribution.total, abs=1e-5)
    assert neutral.logit != positive.logit
    assert neutral.completeness_error < 1e-4


def test_the_whole_text_by_itself_is_the_logit_without_the_bias(predictor: Predictor) -> None:
    found = predictor.explain(TEXTS[4], spans=[(0, len(TEXTS[4]))])
    assert found.spans[0].score + found.bias == pytest.approx(found.logit, abs=1e-4)
    assert found.phrases[-1] == found.spans[0]


def test_spans_are_widened_to_words_and_get_their_interaction(predictor: Predictor) -> None:
    text = TEXTS[1]
    found = predictor.explain(text, spans=[(5, 6), (30, 33), (0, 38)])
    assert [(one.start, one.end) for one in found.spans] == [(5, 8), (29, 38), (0, 38)]
    scores = {(one.start, one.end): one.score for one in found.spans}
    both = next(one.value for one in found.interactions if (one.a, one.b) == ((5, 8), (29, 38)))
    (together,) = predictor.explain(text, spans=[(5, 38)]).spans  # all from the one to the other
    assert both != pytest.approx(together.score - scores[5, 8] - scores[29, 38])  # is not what both say alone
    ends = [(one.a, one.b) for one in found.interactions]
    assert all(a[1] <= b[0] for a, b in ends)  # one in the other has none
    assert len(ends) == len(set(ends))


@pytest.mark.parametrize("span", [(38, 50), (1, 2), (4, 4), (6, 6), (7, 5), (-5, 0)])
def test_a_span_without_a_word_is_refused_with_its_place(predictor: Predictor, span: tuple[int, int]) -> None:
    with pytest.raises(SpanError, match="touches no word") as refused:
        predictor.explain(TEXTS[1], spans=[(0, 4), span])
    assert refused.value.index == 1


def test_what_is_no_text_target_or_method_is_refused(predictor: Predictor) -> None:
    with pytest.raises(TextError):
        predictor.explain("  ")
    for wrong in ({"target": "good"}, {"method": "gradients"}, {"units": -1}):
        with pytest.raises(ValueError, match="expected one of negative, neutral, positive, one of signals, writes"):
            predictor.explain("good", **wrong)


def test_one_word_has_nothing_to_be_left_out(predictor: Predictor) -> None:
    found = predictor.explain("great")
    assert (found.without, found.interactions, found.notes) == ([], [], [])
    assert found.words[0].alone == pytest.approx(found.logit - found.bias, abs=1e-4)


def test_a_long_review_is_bounded_and_says_so(predictor: Predictor) -> None:
    found = predictor.explain(TEXTS[5])
    assert len(found.words) == predictor.max_tokens
    assert len(found.without) == MAX_FOCUS
    assert MAX_FOCUS <= sum(word.alone is not None for word in found.words) <= MAX_FOCUS + 2 * MAX_PAIRS
    assert len(found.phrases) <= 2 * MAX_LEAVES - 1
    said = " ".join(found.notes)
    for what in (f"{MAX_FOCUS} of 64 words", f"up to {HORIZON} tokens", "its middle was left out"):
        assert what in said


def test_units_are_the_strongest_and_as_many_as_asked(predictor: Predictor) -> None:
    found = predictor.explain(TEXTS[1], units=5)
    sizes = [abs(unit.contribution) for unit in found.units]
    assert len(sizes) == 5
    assert sizes == sorted(sizes, reverse=True)
    for unit in found.units:
        assert len(unit.h) == len(found.words)
        assert set(unit.weight) == {"max", "mean"}
    all_of_them = predictor.explain(TEXTS[1], units=10_000).units
    assert sum(unit.contribution for unit in all_of_them) + found.bias == pytest.approx(found.logit, abs=1e-4)


def test_gates_lie_between_their_quartiles(predictor: Predictor) -> None:
    found = predictor.explain(TEXTS[3])
    assert list(found.gates) == ["forward", "backward"]
    for gates in found.gates.values():
        assert list(gates) == ["i", "f", "o"]
        for gate in gates.values():
            assert len(gate.mean) == len(found.words)
            assert all(0 <= low <= high <= 1 for low, high in zip(gate.lower, gate.upper, strict=True))


def other_network(tmp_path: Path, predictor: Predictor, **changes: object) -> Predictor:
    """Another architecture, untrained, with the same vocabulary."""
    torch.manual_seed(1)
    architecture = Architecture(predictor.tokenizer.size, 8, hidden_size=8, **changes)
    manifest = predictor.manifest | {"encoder": architecture.to_dict()}
    path = tmp_path / "sentiment.pt"
    artifact.save(path, SentimentClassifier(architecture), predictor.tokenizer, manifest)
    return Predictor.load(path, "cpu")


@pytest.mark.parametrize(
    ("changes", "splits", "says"),
    [
        ({"encoder": "gru"}, True, "this network has 1 gru layers"),
        ({"encoder": "elman", "directions": 1}, True, "this network has 1 elman layers"),
        ({"layers": 2, "pooling": "last"}, True, "this network has 2 lstm layers"),
        ({"encoder": "jordan"}, False, "splits lstm, gru, elman, and this network has 1 jordan layers"),
    ],
)
def test_other_networks_are_explained_as_far_as_the_methods_go(
    tmp_path: Path, predictor: Predictor, changes: dict[str, object], splits: bool, says: str
) -> None:
    found: Explanation = other_network(tmp_path, predictor, **changes).explain(TEXTS[1])
    assert says in " ".join(found.notes)
    assert (found.words[0].contribution is not None) is splits
    assert (found.completeness_error is not None) is splits
    assert found.phrases == found.interactions == []
    assert len(found.without) == MAX_FOCUS
    assert list(found.prediction.probabilities) == list(LABELS)
