"""All views show the same words and the same word, by mouse, by touch and by keyboard."""

import pytest
from asking import LONG, NEGATED, answered, ask, marked, words
from playwright.sync_api import expect


@pytest.fixture
def asked(page):
    ask(page, NEGATED)
    return page


def test_every_view_is_there_and_says_what_it_shows(asked):
    titles = asked.locator(".chart h3").all_inner_texts()
    assert titles == [
        "The verdict as it comes about",
        "What words do to each other",
        "Phrases by themselves",
        "Hidden units",
        "Gates",
    ]
    for chart in asked.locator(".chart").all():
        assert len(chart.locator(".plot").get_attribute("aria-label")) > 30
        assert chart.locator(".words text").all_text_contents() == NEGATED.split()
        chart.locator("summary").click()
        expect(chart.locator("table tbody tr").first).to_be_visible()


def test_the_numbers_are_the_services(asked, server):
    answer = asked.evaluate(
        "async text => (await fetch('explain', {method: 'POST', headers: {'Content-Type': 'application/json'}, "
        "body: JSON.stringify({text})})).json()",
        NEGATED,
    )
    asked.locator(".words-section summary").click()
    rows = asked.locator(".words-section tbody tr")
    expect(rows).to_have_count(len(answer["tokens"]))  # made when it is opened
    for row, word in zip(rows.all(), answer["tokens"], strict=True):
        text, brought, *_ = row.locator("th, td").all_inner_texts()
        assert text == word["text"]
        assert float(brought.replace("−", "-")) == pytest.approx(word["contribution"]["total"], abs=0.006)
    removed = [answer["tokens"][one["removed"]]["text"] for one in answer["without"]]
    assert asked.locator(".without del").all_inner_texts() == removed


def test_a_word_under_the_pointer_is_marked_in_every_view_and_let_go(asked):
    before = marked(asked)
    assert len(set(before)) == 1
    asked.locator(".text .word", has_text="beautiful").hover()
    assert marked(asked) == ["beautiful"] * 6
    expect(asked.locator(".said")).to_contain_text("“beautiful” brought")
    asked.mouse.move(1, 1)
    assert marked(asked) == before


@pytest.mark.parametrize("chart", range(5))
def test_pointing_into_a_chart_marks_the_word_of_that_column(asked, chart):
    plot = asked.locator(".plot").nth(chart)
    plot.scroll_into_view_if_needed()
    box, label = plot.bounding_box(), plot.locator(".words text", has_text="flower").bounding_box()
    asked.mouse.move(label["x"] + label["width"] / 2, box["y"] + box["height"] / 2)
    assert marked(asked) == ["flower"] * 6


def test_the_row_that_is_chosen_is_the_dashed_line(asked):
    dashed = asked.locator(".line.dashed[d^='M']:not(.legend *)")
    drawn = dashed.first.get_attribute("d")
    row = asked.locator(".without tbody tr", has=asked.locator("del", has_text="beautiful"))
    row.locator("input").check()
    expect(asked.locator(".dashed-name")).to_have_text("without “beautiful”")
    assert dashed.first.get_attribute("d") != drawn
    assert marked(asked) == ["beautiful"] * 6


def test_the_keyboard_alone_is_enough(page):
    page.keyboard.press("Tab")
    expect(page.locator("#review")).to_be_focused()
    page.keyboard.type(NEGATED)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    answered(page, NEGATED)
    for _ in range(7):  # past the examples
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").split()[0] == "word"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Home")
    assert marked(page) == ["i"] * 6
    for word in NEGATED.split()[1:]:
        page.keyboard.press("ArrowRight")
        assert marked(page) == [word] * 6
        assert page.evaluate("document.activeElement.textContent") == word
    page.keyboard.press("ArrowRight")
    assert marked(page) == ["beautiful"] * 6
    page.locator(".pane").first.focus()
    page.keyboard.press("ArrowLeft")
    assert marked(page) == ["is"] * 6
    page.locator(".without input:checked").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".dashed-name")).not_to_have_text("")


def test_a_long_review_scrolls_its_charts_together_and_tells_its_middle_was_left_out(page):
    ask(page, LONG)
    expect(page.locator(".unread").first).to_be_attached()
    expect(page.locator(".verdict")).to_contain_text("the middle left out")
    page.locator(".text .word").first.click()
    page.keyboard.press("End")
    lefts = page.evaluate("[...document.querySelectorAll('.pane')].map(pane => Math.round(pane.scrollLeft))")
    assert len(set(lefts)) == 1
    assert lefts[0] > 5_000
    page.locator(".overview svg").click(position={"x": 5, "y": 10})
    lefts = page.evaluate("[...document.querySelectorAll('.pane')].map(pane => Math.round(pane.scrollLeft))")
    assert set(lefts) == {0}


def test_one_word_is_enough(page):
    ask(page, "good")
    assert words(page) == ["good"]
    expect(page.locator(".without")).to_have_count(0)
    expect(page.locator(".chart").first).to_be_visible()
