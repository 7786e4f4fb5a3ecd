"""The measures of the faithfulness bench, on the committed model and on numbers that can be reckoned by hand."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import Tensor

from bench.explain_cost import ratio
from bench.explain_exactness import errors_of
from bench.explain_flips import Pair, _partners, _scores
from bench.explain_methods import GRADIENTS, SIGNALS, WRITES, Methods
from bench.explain_phrases import labelled_spans, pearson, spearman, tokens_in
from bench.explain_removal import FRACTIONS, removals, tokens_of
from bench.pages import write_between
from models.focus import is_negator
from models.predictor import Predictor

TEXT = "i do not think the flower is beautiful"
TREE = "(1 (2 The) (1 (1 (2 is) (1 n't)) (3 (4 great) (2 .))))"


@pytest.fixture(scope="module")
def methods(default_artifact: Path) -> Methods:
    return Methods(Predictor.load(default_artifact, "cpu"))


def summed(sequences: Sequence[list[int]]) -> Tensor:
    """A verdict that is a plain sum, in which what each token brings is known."""
    return torch.tensor([float(sum(ids)) for ids in sequences])


def test_the_whole_order_of_a_sum_is_found_by_removal() -> None:
    ids = [8, -2, 0, 4, 1, 0, 0, 0, 0, 0]
    right, wrong = torch.tensor(ids, dtype=torch.float), -torch.tensor(ids, dtype=torch.float)
    drops = removals(ids, torch.stack((right, wrong)), summed)
    assert drops.shape == (2, 2, len(FRACTIONS), 2)
    whole = torch.sigmoid(torch.tensor(11.0))
    # One token up to a tenth, then two, then five, which are all but -2 and zeros.
    without = torch.tensor([3.0, 3, 3, -1, -2]).sigmoid()
    alone = torch.tensor([8.0, 8, 8, 12, 13]).sigmoid()
    for way in (0, 1):  # a padding of zero adds nothing
        torch.testing.assert_close(drops[0, way, :, 0], whole - without)
        torch.testing.assert_close(drops[0, way, :, 1], whole - alone)
    assert (drops[0, :, :, 0] > drops[1, :, :, 0]).all()
    assert (drops[0, :, :, 1] < drops[1, :, :, 1]).all()


def test_removal_speaks_of_the_verdict_that_there_is() -> None:
    ids = [-8, 2, 0, -4, -1]
    drops = removals(ids, torch.tensor([ids], dtype=torch.float), summed)
    assert drops[0, 0, 0, 0] == pytest.approx(float(torch.tensor([11.0]).sigmoid() - torch.tensor([3.0]).sigmoid()))


def test_a_share_is_at_least_one_token_and_rounded_up() -> None:
    assert [tokens_of(fraction, 10) for fraction in FRACTIONS] == [1, 1, 1, 2, 5]
    assert tokens_of(0.01, 400) == 4
    assert tokens_of(0.05, 21) == 2


def test_scores_of_the_exact_methods_sum_to_the_served_verdict(methods: Methods) -> None:
    ids, _ = methods.words(TEXT)
    z = float(methods.z([ids]))
    scores = methods.by_token(methods.open(ids))
    assert all(one.shape == (len(ids),) for one in scores.values())
    for name in (SIGNALS, WRITES):
        assert float(scores[name].sum()) + methods.bias == pytest.approx(z, abs=1e-4)
    baseline = float(methods.z([[0] * len(ids)]))
    assert float(scores[GRADIENTS].sum()) == pytest.approx(z - baseline, abs=0.1)  # sums nearly, and to something else
    assert errors_of(methods, ids).max() < 1e-4


def test_a_span_that_is_left_out_is_gone_with_all_its_tokens(methods: Methods) -> None:
    ids, _ = methods.words(TEXT)
    spans = torch.zeros(2, len(ids), dtype=torch.bool)
    spans[0, 2] = spans[1, 2:4] = True
    expected = methods.z([ids]) - methods.z([ids[:2] + ids[3:], ids[:2] + ids[4:]])
    torch.testing.assert_close(methods.left_out(ids, spans), expected, atol=1e-5, rtol=0)


def test_spans_of_a_tree_have_their_place_in_the_text(methods: Methods) -> None:
    text = "The isn't great."
    found = {text[span.start : span.end].strip(): (span.value, span.leaves) for span in labelled_spans(TREE)}
    assert found["isn't"] == (1, 2)
    assert found["great."] == (3, 2)
    assert found["great"] == (4, 1)
    assert found[text] == (1, 5)
    ids, words = methods.words(text)
    by_value = {span.leaves: span for span in labelled_spans(TREE) if span.leaves in (4, 5)}
    mask = tokens_in(by_value[4], words, len(ids))
    assert mask is not None
    assert not mask[0]
    assert mask[1:].all()
    half = next(span for span in labelled_spans(TREE) if text[span.start : span.end] == "n't")
    assert tokens_in(half, words, len(ids)) is None


def test_correlations() -> None:
    assert pearson([1, 2, 3], [1, 2, 4]) == pytest.approx(3 / (2 * 14 / 3) ** 0.5)
    assert spearman([1, 2, 30], [2, 4, 5]) == pytest.approx(1.0)
    assert spearman([1, 1, 2, 3], [4, 3, 2, 1]) == pytest.approx(-0.9487, abs=1e-4)  # equals share a rank
    assert spearman([1, 1], [1, 2]) != spearman([1, 1], [1, 2])  # nan


@pytest.mark.parametrize(
    ("pair", "told", "hit"),
    [
        (Pair(-2, 1, negator=-0.5, phrase=2, together=-1), -1, True),
        (Pair(2, -1, negator=-0.5, phrase=2, together=-1), -1, False),  # tells of the other turn
        (Pair(-2, 1, negator=-0.5, phrase=2, together=0.5), 0, False),  # takes away, turns nothing
        (Pair(-2, 1, negator=-4, phrase=2, together=-1), 0, False),  # a negator that is negative by itself
        (Pair(-2, 1), 0, False),
    ],
)
def test_what_counts_as_telling_of_a_turn(pair: Pair, told: int, hit: bool) -> None:
    assert (pair.told(), pair.hit()) == (told, hit)
    assert pair.turns
    assert not pair.clear


def test_a_margin_is_asked_of_both_scores() -> None:
    pair = Pair(-2, 3, negator=-0.5, phrase=2, together=-1)
    assert pair.clear
    assert pair.hit(0.5)
    assert not pair.hit(1.5)


def test_a_pair_holds_what_the_explanation_shows(methods: Methods) -> None:
    ids, words = methods.words(TEXT)
    (negator,) = [word for word in words if is_negator(word)]
    shown = [one for one in methods.predictor.explain(TEXT).interactions if one.a == (negator.start, negator.end)]
    first, reach = _partners(methods, TEXT, words, negator)
    assert first == shown[0].b
    assert reach == (negator.end + 1, len(TEXT))
    alone, phrase, together = _scores(methods, ids, words, shown[0].a, first)
    assert together - phrase - alone == pytest.approx(shown[0].value, abs=1e-4)


def test_a_ratio_is_of_medians() -> None:
    assert ratio(lambda: sum(range(200_000)), lambda: sum(range(20_000)), 5) > 2


def test_a_table_goes_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("a\n<!-- cost -->\nold\n<!-- end of cost -->\nb\n", encoding="utf-8")
    write_between(page, "cost", r"| \1 |")
    assert page.read_text(encoding="utf-8") == "a\n<!-- cost -->\n| \\1 |\n<!-- end of cost -->\nb\n"
    with pytest.raises(ValueError, match="0 places"):
        write_between(page, "flips", "")
