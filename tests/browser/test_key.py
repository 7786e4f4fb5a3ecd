"""Where the service wants an API key, the page asks for it, uses it, and keeps it nowhere."""

import pytest
from asking import NEGATED, answered
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.integration.live_service import running
from tests.integration.nginx import PREFIX, nginx_before

KEY = "0123456789abcdef"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory, default_artifact):
    with running(tmp_path_factory.mktemp("guarded"), default_artifact, WORKERS=1, API_KEYS=KEY) as started:
        started.wait_ready()
        yield started


def explain(page, text):
    page.fill("#review", text)
    page.click("text=Explain")


def give_key(page, key):
    page.fill("#key", key)
    page.click("text=Use this key")


def test_the_page_asks_for_the_key_and_goes_on_where_it_was(open_page, guarded):
    page = open_page(guarded)
    expect(page.locator("#key-form")).to_be_hidden()
    explain(page, NEGATED)
    expect(page.locator("#refusal")).to_contain_text("those who have an API key")
    expect(page.locator("#key")).to_be_focused()
    give_key(page, "another-key-0123456789")
    expect(page.locator("#refusal")).to_contain_text("does not know this API key")
    give_key(page, f" {KEY} ")
    answered(page, NEGATED)
    expect(page.locator("#key-form")).to_be_hidden()
    explain(page, "good")
    answered(page, "good")


def test_the_key_is_kept_nowhere(open_page, guarded):
    page = open_page(guarded)
    explain(page, NEGATED)
    give_key(page, KEY)
    answered(page, NEGATED)
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert KEY not in page.url
    page.reload()
    explain(page, NEGATED)
    expect(page.locator("#key-form")).to_be_visible()
    expect(page.locator("#key")).to_have_value("")


@pytest.mark.parametrize("key", ["two words", "schlüssel-0123456789", "钥匙钥匙钥匙", ""])
def test_what_no_header_can_hold_is_not_sent(open_page, guarded, key):
    page = open_page(guarded)
    explain(page, NEGATED)
    expect(page.locator("#key-form")).to_be_visible()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    give_key(page, key)
    page.wait_for_timeout(200)
    assert not asked
    assert page.locator("#key").evaluate("field => !field.validity.valid")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 360])
def test_the_form_is_accessible_and_fits(open_page, guarded, scheme, width):
    page = open_page(guarded, color_scheme=scheme, viewport={"width": width, "height": 740})
    explain(page, NEGATED)
    expect(page.locator("#key-form")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
    assert not Axe().run(page).response["violations"]


def test_behind_nginx_under_a_prefix_all_of_the_page_works(open_page, guarded, tmp_path):
    with nginx_before(guarded.port, tmp_path) as nginx:
        page = open_page(url=f"https://127.0.0.1:{nginx.port}{PREFIX}/", ignore_https_errors=True)
        explain(page, NEGATED)
        give_key(page, KEY)
        answered(page, NEGATED)
