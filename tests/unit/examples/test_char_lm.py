"""The character language model: batches, state, errors, and a text learned by heart."""

import itertools
from pathlib import Path
from random import Random

import pytest
import torch

from examples.char_lm import BATCH, PIECE, main, random_batches, read, sequential_batches
from models.language_model import StreamLanguageModel

RHYME = "the cat sat on the mat and the dog sat on the log and all was well in the house by the sea "


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "rhyme.txt"
    path.write_text(RHYME * 40, encoding="utf-8")
    return path


def test_the_text_becomes_letters_and_single_spaces(tmp_path: Path) -> None:
    path = tmp_path / "mixed.txt"
    path.write_text("It's 3 o'clock;\n\nTEA — now! " * 100, encoding="utf-8")
    found = read(path, 0, keep_all=False)
    assert found.decode(found.ids[:20].tolist()) == "it s o clock tea now"
    assert found.encode("tea") == [1 + found.characters.index(one) for one in "tea"]
    assert "—" in read(path, 0, keep_all=True).characters


@pytest.mark.parametrize("batches", [random_batches, sequential_batches])
def test_targets_are_the_inputs_one_character_on_and_pieces_never_overlap(batches: object, text: Path) -> None:
    ids = read(text, 0, keep_all=False).ids
    places = torch.arange(len(ids))
    seen: list[int] = []
    count = 0
    for inputs, targets in batches(places, Random(1)):  # type: ignore[operator]
        assert inputs.shape == targets.shape == (BATCH, PIECE)
        assert torch.equal(targets, inputs + 1)
        seen += inputs.flatten().tolist()
        count += 1
    assert count >= 2
    assert len(seen) == len(set(seen))


def test_a_strand_goes_on_where_it_ended(text: Path) -> None:
    places = torch.arange(len(read(text, 0, keep_all=False).ids))
    batches = [inputs for inputs, _ in sequential_batches(places, Random(1))]
    for before, after in itertools.pairwise(batches):
        assert torch.equal(before[:, -1] + 1, after[:, 0])


@pytest.mark.parametrize(("kind", "inputs"), [("elman", "one-hot"), ("gru", "one-hot"), ("elman", "embedding")])
def test_cell_by_cell_equals_the_kernels_and_a_carried_state_one_run(kind: str, inputs: str) -> None:
    torch.manual_seed(1)
    fast = StreamLanguageModel(9, 7, kind, inputs).double()
    slow = StreamLanguageModel(9, 7, kind, inputs, stepwise=True).double()
    slow.load_state_dict(fast.state_dict())
    ids = torch.randint(9, (3, 12))
    logits, end = fast(ids)
    assert logits.shape == (3, 12, 9)
    torch.testing.assert_close(slow(ids)[0], logits, atol=1e-12, rtol=0)
    first, state = fast(ids[:, :5])
    second, state = fast(ids[:, 5:], state)
    torch.testing.assert_close(torch.cat((first, second), 1), logits, atol=1e-12, rtol=0)
    torch.testing.assert_close(state, end, atol=1e-12, rtol=0)


def test_an_embedding_goes_through_relu_and_is_summed_before_tanh() -> None:
    torch.manual_seed(1)
    model = StreamLanguageModel(5, 4, inputs="embedding").double()
    state = torch.randn(1, 1, 4, dtype=torch.float64)
    _, found = model(torch.tensor([[3]]), state)
    cell = model.recurrence.cell
    x = model.embedding.weight[3].clamp(min=0)
    expected = torch.tanh(x + cell.weight_hh @ state[0, 0] + cell.bias_hh)
    torch.testing.assert_close(found[0, 0], expected)


def test_other_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="expected one of elman, jordan, lstm, gru with one-hot"):
        StreamLanguageModel(5, 4, "lstm", "embedding")


def test_a_rhyme_is_learned_by_heart(text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--text", str(text), "--characters", "3000", "--hidden-size", "64", "--epochs", "150"]
    assert main([*arguments, "--prefix", "the cat ", "--length", "60", "--out", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    perplexity = float(said.split("perplexity ")[1].split()[0])
    assert 1 <= perplexity < 1.6
    assert "greedy: the cat sat on the " in said
    assert (tmp_path / "char_lm.png").exists()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--text", "none.txt"], "none.txt could not be read"),
        (["--text", "SHORT"], "fewer than one batch of 32 × 35 needs"),
        (["--text", "RHYME", "--prefix", "the ship?"], "the prefix has 'p', which the text never does"),
        (["--text", "RHYME", "--prefix", ""], "--prefix must not be empty"),
        (["--text", "RHYME", "--kind", "gru", "--inputs", "embedding"], "elman with embedding"),
        (["--text", "RHYME", "--device", "cuda:9"], "cuda:9"),
    ],
)
def test_a_slip_is_said(
    arguments: list[str], reason: str, text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short = tmp_path / "short.txt"
    short.write_text("too short")
    given = [{"RHYME": str(text), "SHORT": str(short)}.get(one, one) for one in arguments]
    with pytest.raises(SystemExit):
        main([*given, "--out", str(tmp_path)])
    assert reason in capsys.readouterr().err


def test_a_loss_that_is_no_number_ends_the_run(text: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--text", str(text), "--hidden-size", "16", "--epochs", "50", "--clip", "0", "--learning-rate", "1e38"]
    assert main([*arguments, "--prefix", "the", "--out", str(tmp_path)]) == 1
    assert "no number any more" in capsys.readouterr().out
