"""What the batch script says aloud, in this process and without a model."""

import pytest

from models.predictor import Predictor
from service import score
from service.job import plan

HEADER_NOTE = "the first line is taken as the header and is not scored"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.csv", "good film\nbad film\n", True),
        ("a.csv", "7,good film\n8,bad film\n", True),
        ("a.tsv", "good film\nbad film\n", True),
        ("a.csv", "review\nbad film\n", False),
        ("a.csv", "text\nbad film\n", False),
        ("a.jsonl", '{"opinion": "bad film"}\n', False),
    ],
)
def test_a_first_line_that_may_be_no_header_is_told(tmp_path, name, content, told):
    (tmp_path / name).write_text(content)
    with plan(str(tmp_path / name), None, None, None, "", False) as job:
        assert any(HEADER_NOTE in note for note in job.notes) == told


def test_a_model_that_cannot_be_loaded_is_no_fault_of_the_output(tmp_path, monkeypatch, capsys):
    def load(*_):
        raise OSError(12, "Cannot allocate memory")

    (tmp_path / "a.csv").write_text("text\ngood\n")
    monkeypatch.setattr(score.signal, "signal", lambda *_: None)
    monkeypatch.setattr(Predictor, "load", load)
    assert score.main([str(tmp_path / "a.csv")]) == score.RUN_FAILED
    said = capsys.readouterr().err
    assert "can't load torch and the model" in said
    assert "Cannot allocate memory" in said
    assert "can't write" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
