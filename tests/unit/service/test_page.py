"""The page and its files: served as what they are, under a strict policy, complete, and with nothing from elsewhere."""

import re

import pytest

from service.app import create_app
from service.page import FOLDER
from service.settings import Settings

FILES = sorted(file.name for file in FOLDER.iterdir())
SCRIPTS = [name for name in FILES if name.endswith(".js")]
IMPORT = re.compile(r'^import .* from "\./(.+)";$', re.MULTILINE)


def source(name):
    return (FOLDER / name).read_text(encoding="utf-8")


@pytest.fixture
def client():
    """The service before its model is loaded: the page must be there already."""
    return create_app(Settings()).test_client()


def test_the_page_is_there_before_the_model_is(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.content_type == "text/html; charset=utf-8"
    assert answer.text == source("index.html")


@pytest.mark.parametrize("path", ["/", "/docs", *(f"/page/{name}" for name in FILES)])
def test_every_file_comes_with_its_type_and_the_policy(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    kinds = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
    assert answer.mimetype == kinds.get(path.rpartition(".")[2], "text/html")
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert {policy[name] for name in ("script-src", "style-src", "connect-src", "img-src")} == {"'self'"}
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["/", "/docs", "/page/main.js"])
def test_a_browser_that_has_the_file_is_not_sent_it_again(client, path):
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = client.get(path, headers={"If-None-Match": '"other"'})
    assert (other.status_code, other.data) == (200, first.data)


def test_files_that_differ_have_tags_that_differ(client):
    tags = [client.get(f"/page/{name}").headers["ETag"] for name in FILES]
    assert len(set(tags)) == len(FILES)


@pytest.mark.parametrize("name", ["nothing.js", "..%2fpage.py", "%2e%2e/app.py", "page.css/", "reference.html", ""])
def test_nothing_else_can_be_asked_for(client, name):
    answer = client.get(f"/page/{name}")
    assert answer.status_code == 404
    assert answer.content_type == "application/problem+json"


def test_the_pages_name_every_file_and_none_that_is_missing(client):
    named = re.findall(r'(?:href|src)="page/([^"]+)"', source("index.html"))
    assert len(named) == len(set(named))
    named += re.findall(r'(?:href|src)="page/([^"]+)"', client.get("/docs").text)
    assert sorted(set(named)) == [name for name in FILES if name != "index.html"]
    preloaded = re.findall(r'modulepreload" href="page/([^"]+)"', source("index.html"))
    assert {"main.js", *preloaded} == set(SCRIPTS)


@pytest.mark.parametrize("name", SCRIPTS)
def test_imports_lead_somewhere_and_are_used(name):
    text = source(name)
    assert set(IMPORT.findall(text)) <= set(SCRIPTS)
    for names in re.findall(r"^import \{ (.+) \} from", text, re.MULTILINE):
        for one in names.split(", "):
            assert len(re.findall(rf"\b{one}\b", text)) > 1, f"{one} is imported and not used"


@pytest.mark.parametrize("name", FILES)
def test_no_file_asks_anything_of_another_server_or_makes_markup_of_text(name):
    text = source(name).replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(r"https?://|//[a-z]+\.[a-z]|url\(|@import", text)
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function", text)
    assert not re.findall(r"\sstyle=|\son[a-z]+=|javascript:", text)
