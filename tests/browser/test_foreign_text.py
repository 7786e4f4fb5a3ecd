"""A review is text, whatever is in it."""

import pytest
from asking import answered, ask, marked, words

MARKUP = "<img src=x onerror=alert(1)> not <b>good</b> <script>alert(2)</script> &amp; <svg onload=alert(3)>"


def test_markup_stays_text(page):
    ask(page, MARKUP)
    for place in range(0, len(words(page)), 5):
        page.locator(".text .word").nth(place).hover()
    for summary in page.locator("summary").all():
        summary.click()
    assert page.locator("img, #result script, #result b >> text=good").count() == 0
    assert page.locator(".text").evaluate("box => box.textContent") == MARKUP


@pytest.mark.parametrize(
    "text",
    [
        "I 😀 love it! Not bad   at all 👍🏽 👨‍👩‍👧 really",
        "我不喜欢数学，😀 但是老师很好！",
        "Ünïcödé e\u0301 ﬁne — “quoted”\n\nnew line\tand a tab",
        "مرحبا not good",
        "𝒢ood 𠮷野家 not bad",
    ],
)
def test_offsets_hold_for_every_script(page, text, server):
    ask(page, text)
    assert page.locator(".text").evaluate("box => box.textContent") == text
    answer = page.evaluate(
        "async text => (await fetch('explain', {method: 'POST', headers: {'Content-Type': 'application/json'}, "
        "body: JSON.stringify({text})})).json()",
        text,
    )
    assert page.locator(".text .word").evaluate_all("all => all.map(one => one.textContent)") == [
        text[word["start"] : word["end"]] for word in answer["tokens"]
    ]


def test_chinese_is_read_character_by_character_and_marked_as_chinese(page):
    page.click("text=没有想象中那么差")
    answered(page, "没有想象中那么差")
    assert page.locator(".text").get_attribute("lang") == "zh"
    page.locator(".text .word").last.click()
    assert marked(page) == ["差"] * 6
