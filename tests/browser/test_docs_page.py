"""The page at /docs: no script, fits every screen, and its links work."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "viewport", [{"width": 1200, "height": 800}, {"width": 360, "height": 740}], ids=["wide", "phone"]
)
def test_it_fits_and_the_accessibility_checker_finds_nothing(open_page, server, scheme, viewport):
    page = open_page(server, color_scheme=scheme, viewport=viewport)
    page.click("text=HTTP API")
    expect(page).to_have_url(re.compile("/docs$"))
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert not Axe().run(page).response["violations"]


def test_a_link_of_the_list_brings_its_request_into_view(page):
    page.goto(f"{page.url}docs")
    page.click("nav a[href='#v2ModelInfer']")
    expect(page.locator("#v2ModelInfer h3")).to_be_in_viewport()
    page.click("#v2ModelInfer >> text=InferRequest")
    expect(page.locator("#InferRequest h3")).to_be_in_viewport()
    page.click("text=Try it on the page")
    expect(page.locator("#review")).to_be_visible()
