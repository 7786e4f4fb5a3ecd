"""A review goes in, an answer comes out, or a sentence that says why not."""

from contextlib import suppress

import pytest
from asking import NEGATED, answered, ask, words
from playwright.sync_api import Error, expect

from tests.integration.live_service import running


def test_a_typed_review_gets_the_verdict_that_the_service_gives(page, server):
    page.locator("#review").press_sequentially(NEGATED)
    page.keyboard.press("Control+Enter")
    answered(page, NEGATED)
    _, prediction = server.predict({"text": NEGATED})
    expect(page.locator("#verdict")).to_have_text(prediction["label"])
    shown = page.locator(".share dd").all_inner_texts()
    assert [float(one.rstrip(" %")) / 100 for one in shown] == pytest.approx(
        list(prediction["probabilities"].values()), abs=6e-4
    )
    expect(page.locator("#status")).to_contain_text(prediction["label"])


def test_every_example_is_answered_at_a_click(page):
    examples = page.locator(".examples button")
    assert examples.count() == 6
    for place in range(examples.count()):
        text = examples.nth(place).inner_text()
        examples.nth(place).click()
        answered(page, text)
        expect(page.locator("#review")).to_have_value(text)
        expect(page.locator(".chart").first).to_be_visible()


def test_a_slow_answer_shows_progress_without_a_jump_and_is_overtaken_by_a_new_question(page):
    held = []
    top = page.locator("#result").bounding_box()["y"]
    page.route("**/explain", lambda route: held.append(route))
    page.click("text=The flower is so beautiful")
    expect(page.locator("#progress")).to_be_visible()
    expect(page.locator("#status")).to_have_text("Reading …")
    assert page.locator("#result").bounding_box()["y"] == top
    page.click("text=我喜欢数学")
    page.wait_for_function("document.querySelector('#review').value === '我喜欢数学'")
    while len(held) < 2:
        page.wait_for_timeout(20)
    held[1].continue_()
    with suppress(Error):  # the page gave this one up
        held[0].continue_()
    answered(page, "我喜欢数学")
    expect(page.locator("#progress")).to_be_hidden()
    page.wait_for_timeout(300)
    assert words(page) == list("我喜欢数学")


@pytest.mark.parametrize(("text", "said"), [("a" * 20_001, "20,001 characters"), ("  \n ", "blank")])
def test_a_refused_review_shows_the_reason_and_no_stale_answer(page, text, said):
    ask(page, NEGATED)
    page.fill("#review", text)
    page.click("text=Explain")
    expect(page.locator("#refusal")).to_contain_text(said)
    expect(page.locator("#result > *")).to_have_count(0)
    ask(page, NEGATED)
    expect(page.locator("#refusal")).to_be_hidden()


def test_a_service_that_still_loads_and_one_that_went_away_are_told(open_page, tmp_path, default_artifact):
    with running(tmp_path, default_artifact, WORKERS=1) as server:
        wait_alive(server)
        page = open_page(server)
        page.click("text=我喜欢数学")
        expect(page.locator("#refusal")).to_contain_text("being loaded")
        server.wait_ready()
        ask(page, NEGATED)
        server.process.terminate()
        server.process.wait(40)
        page.click("text=Explain")
        expect(page.locator("#refusal")).to_contain_text("can't be reached")


def wait_alive(server):
    while True:
        with suppress(OSError):
            if server.ask("GET", "/livez")[0] == 200:
                return
