"""What a line of a stream may hold."""

import pytest

from service.lines import Line
from service.stream_schemas import StreamLines

LINES = StreamLines(max_bytes=1_048_576, max_characters=20_000)


def read(data):
    return LINES.read(Line(7, data))


def test_a_review_is_read():
    assert read('{"text": "我喜欢数学"}'.encode()) == ({"line": 7}, "我喜欢数学", None)


@pytest.mark.parametrize("wrapping", [b'\xef\xbb\xbf{"text": "a"}', b' {"text": "a"}\r', b'{"text": "a"}\t'])
def test_what_editors_add_to_a_line_does_no_harm(wrapping):
    assert read(wrapping).text == "a"


@pytest.mark.parametrize(("written", "id"), [(b'"a"', "a"), (b'""', ""), (b"17", 17), (b"-1", -1), (b"0", 0)])
def test_an_id_comes_back(written, id):
    review = read(b'{"id": ' + written + b', "text": "a"}')
    assert review.fault is None
    assert review.head == {"line": 7, "id": id}


def test_an_id_comes_back_with_a_fault():
    review = read(b'{"id": "a", "text": ""}')
    assert review.head == {"line": 7, "id": "a"}
    assert review.fault.code == 422


AT_FAULT = [
    (None, 413, "longer than 1,048,576 bytes"),
    (b"{", 400, "column 2"),
    (b'{"text": "\xff"}', 400, "byte 10"),
    (b'{"text": NaN}', 400, "NaN"),
    (b'{"text": "a", "text": "b"}', 400, "twice"),
    (b"[" * 200_000, 400, "nested too deeply"),
    (b"[]", 422, "a list"),
    (b'"good"', 422, "a string"),
    (b"null", 422, "null"),
    (b"{}", 422, "missing"),
    (b'{"text": " "}', 422, "blank"),
    (b'{"text": 3}', 422, "a number"),
    (b'{"text": "a\\ud83d"}', 422, "surrogate"),
    (b'{"text": "' + b"x" * 20_001 + b'"}', 422, "20,001 characters"),
    (b'{"texts": ["a"]}', 422, "missing"),
    (b'{"text": "a", "lang": "en"}', 422, "text and id are the only ones"),
    (b'{"text": "a", "id": null}', 422, "null"),
    (b'{"text": "a", "id": true}', 422, "true or false"),
    (b'{"text": "a", "id": 1.5}', 422, "a number"),
    (b'{"text": "a", "id": 1234567890123456789}', 422, "15 digits"),
    (b'{"text": "a", "id": "' + b"x" * 129 + b'"}', 422, "129 characters"),
    (b'{"text": "a", "id": "\\udc00"}', 422, "surrogate"),
]


@pytest.mark.parametrize(("data", "status", "told"), AT_FAULT, ids=range(len(AT_FAULT)))
def test_a_line_at_fault_says_why(data, status, told):
    review = read(data)
    assert review.text == ""
    assert review.head == {"line": 7}
    assert review.fault.code == status
    said = [review.fault.description, *(one["detail"] for one in getattr(review.fault, "errors", ()))]
    assert any(told in sentence for sentence in said), said
