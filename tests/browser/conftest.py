"""A real browser before a real service with the default model. `make test-browser` runs these: pytest tests/browser."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tests.integration.live_service import running

HERE = Path(__file__).parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
PHONE = {"width": 360, "height": 740}


def pytest_ignore_collect(collection_path, config):
    """Leave these out unless they are asked for by path: they need a browser."""
    asked = [Path(argument.split("::")[0]).resolve() for argument in config.args]
    return None if any(path.is_relative_to(HERE) for path in asked) else True


@pytest.fixture(scope="session")
def chromium():
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None:
        pytest.exit("these tests need Chromium: on Debian, apt-get install chromium", returncode=2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory, default_artifact):
    with running(tmp_path_factory.mktemp("browser"), default_artifact, WORKERS=1) as started:
        started.wait_ready()
        yield started


@pytest.fixture
def open_page(chromium):
    """Return a function that opens the page of a server, or at a URL; afterwards nothing may have gone wrong in any."""
    contexts, troubles = [], []

    def open_one(server=None, url=None, **options):
        url = url or f"http://127.0.0.1:{server.port}/"
        origin = origin_of(url)
        context = chromium.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: troubles.append(f"exception: {error}"))
        page.on("dialog", lambda dialog: (troubles.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda message: troubles.append(message.text) if is_trouble(message) else None)
        page.on(
            "request",
            lambda request: None if origin_of(request.url) == origin else troubles.append(f"to {request.url}"),
        )
        page.goto(url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert not troubles


def is_trouble(message):
    """Whether a line of the console tells of a defect: an error or a breach of the policy, but not an answer of 4xx."""
    return message.type in ("error", "warning") and not message.text.startswith("Failed to load resource")


def origin_of(url):
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@pytest.fixture
def page(open_page, server):
    """The page on a wide, light screen."""
    return open_page(server, color_scheme="light", viewport={"width": 1200, "height": 800})


@pytest.fixture
def phone(open_page, server):
    return open_page(server, viewport=PHONE, has_touch=True)
