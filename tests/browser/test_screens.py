"""Phone, dark, calm: the page fits, and an accessibility checker finds nothing serious."""

import pytest
from asking import LONG, NEGATED, answered, ask, marked
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

WIDE = {"width": 1200, "height": 800}


def sideways(page):
    """By how many pixels the page is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


@pytest.mark.parametrize("text", [NEGATED, "没有想象中那么差", LONG, "x" * 3_000, "good"], ids=range(5))
def test_nothing_hangs_over_the_edge_of_a_phone(phone, text):
    assert sideways(phone) == 0
    ask(phone, text)
    for summary in phone.locator("summary").all():
        summary.click()
    assert sideways(phone) == 0


def test_on_a_phone_the_answer_comes_into_view_and_a_tap_marks_a_word(phone):
    phone.tap("text=我不喜欢数学")
    answered(phone, "我不喜欢数学")
    expect(phone.locator("#verdict")).to_be_in_viewport()
    phone.locator(".text .word").nth(1).tap()
    assert marked(phone) == ["不"] * 6
    plot = phone.locator(".plot").nth(1)
    plot.scroll_into_view_if_needed()
    plot.locator(".words text").first.tap()
    assert marked(phone) == ["我"] * 6


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [WIDE, {"width": 360, "height": 740}], ids=["wide", "narrow"])
@pytest.mark.parametrize("text", [None, NEGATED, "我不喜欢数学"], ids=["empty", "english", "chinese"])
def test_the_accessibility_checker_finds_nothing_serious(open_page, server, scheme, viewport, text):
    page = open_page(server, color_scheme=scheme, viewport=viewport, reduced_motion="reduce")
    if text:
        ask(page, text)
        for summary in page.locator("summary").all():
            summary.click()
    found = Axe().run(page).response["violations"]
    serious = [
        (one["id"], one["impact"], [node["html"][:120] for node in one["nodes"]][:3])
        for one in found
        if one["impact"] in ("serious", "critical")
    ]
    assert not serious


def test_a_refusal_is_accessible_too(page):
    page.fill("#review", " ")
    page.click("text=Explain")
    expect(page.locator("#refusal")).to_be_visible()
    assert not Axe().run(page).response["violations"]


def test_dark_is_dark_and_light_is_light(open_page, server):
    for scheme, dark in (("dark", True), ("light", False)):
        page = open_page(server, color_scheme=scheme)
        ask(page, NEGATED)
        background, ink = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
            ".map(colour => colour.match(/\\d+/g).slice(0, 3).reduce((sum, part) => sum + Number(part), 0))"
        )
        assert (background < ink) == dark


def test_calm_where_calm_is_asked_for(open_page, server):
    page = open_page(server, reduced_motion="reduce")
    moving = (
        "[...document.querySelectorAll('*')].filter(one => getComputedStyle(one).transitionDuration !== '0s').length"
    )
    assert page.evaluate(moving) == 0
