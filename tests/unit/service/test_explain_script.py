"""python -m service.explain: the same explanation for a terminal, and as one file."""

import json
import re
import time

import pytest

from models.predictor import Predictor
from service.explain import main
from service.standalone import standalone
from service.terminal import lines

TEXT = "i do not think the flower is beautiful"


def run(capsys, *arguments):
    status = main(arguments)
    output = capsys.readouterr()
    return status, output.out, output.err


def test_it_prints_verdict_words_and_what_they_sum_to(capsys, tiny_artifact):
    status, output, said = run(capsys, TEXT, "--model", str(tiny_artifact))
    found = Predictor.load(tiny_artifact, "cpu").explain(TEXT)
    assert (status, said) == (0, "")
    assert output.startswith(f"{found.prediction.label} {found.prediction.score:.1%}")
    for word in found.words:
        assert re.search(rf"^{word.text} +{re.escape(f'{word.contribution.total:+.2f}')} ", output, re.MULTILINE)
    assert f"are the logit {found.logit:+.3f} for positive" in output
    assert f"  {found.without[0].logit:+7.2f}  " in output
    assert "\x1b" not in output  # no terminal, no colours


def test_colours_are_for_terminals_alone_and_say_nothing_that_is_not_in_plain_text(tiny_artifact):
    found = Predictor.load(tiny_artifact, "cpu").explain(TEXT)
    coloured, plain = "\n".join(lines(TEXT, found, True)), "\n".join(lines(TEXT, found, False))
    assert "\x1b[48;5;" in coloured
    without = re.sub(r"\x1b\[[0-9;]*m", "", coloured).splitlines()
    assert without[2:4] == [TEXT, ""]  # the coloured text
    assert without[:2] + without[4:] == plain.splitlines()


def test_a_word_without_end_is_cut_and_takes_no_time(tiny_artifact):
    text = "a" * 20_000 + " good"
    found = Predictor.load(tiny_artifact, "cpu").explain(text)
    began = time.monotonic()
    output = list(lines(text, found, True))
    assert time.monotonic() - began < 1
    assert max(map(len, output)) < 400


def test_control_characters_of_a_review_never_reach_the_terminal(tiny_artifact):
    text = "good\x1b[2J\x07 film\nwhich \u202eturns"
    found = Predictor.load(tiny_artifact, "cpu").explain(text)
    for colours in (True, False):
        output = "\n".join(lines(text, found, colours))
        assert "\x1b[2J" not in output
        assert "\x07" not in output
        assert "\u202e" not in output


def test_the_html_file_holds_the_answer_and_no_markup_of_the_review(capsys, tiny_artifact, tmp_path):
    text = "</script><img src=x onerror=alert(1)> 好 😀"
    target = tmp_path / "why.html"
    status, _, said = run(capsys, text, "--html", str(target), "--model", str(tiny_artifact))
    assert status == 0
    assert f"written to {target}" in said
    page = target.read_text("utf-8")
    assert "<img" not in page
    assert page.count("</script>") == 3
    inside = json.loads(re.search(r'id="explanation">(.*?)</script>', page, re.DOTALL)[1])
    assert inside["text"] == text
    assert inside["answer"]["tokens"][0]["text"] == "<"
    assert "http://" not in page.replace("http://www.w3.org/", "")
    assert "https://" not in page


def test_every_module_of_the_page_is_in_the_file():
    page = standalone("a", {})
    modules = json.loads(re.search(r'importmap">(.*?)</script>', page)[1])["imports"]
    assert {"undertone/answer.js", "undertone/elements.js"} <= set(modules)


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (["  "], 1, "the text is blank"),
        (["good", "--model", "nowhere.pt"], 1, "no model could be read at nowhere.pt"),
        (["good", "--html", "/nowhere/why.html"], 1, "can't write /nowhere/why.html: No such file or directory"),
    ],
)
def test_a_failure_is_one_line(capsys, tiny_artifact, arguments, status, says):
    model = [] if "--model" in arguments else ["--model", str(tiny_artifact)]
    found, output, said = run(capsys, *arguments, *model)
    assert (found, output) == (status, "")
    assert says in said
    assert said.count("\n") == 1


def test_it_reads_standard_input(capsys, monkeypatch, tiny_artifact):
    import io
    import sys

    for content, status, says in (("很好\n".encode(), 0, "positive"), (b"\xff", 1, "byte 0 can't be read")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        found, output, said = run(capsys, "-", "--model", str(tiny_artifact))
        assert found == status
        assert says in output + said
