"""Bytes to numbered lines, however they are cut into pieces."""

from hypothesis import given
from hypothesis import strategies as st

from service.lines import Line, Lines


def fed(pieces, limit=1000):
    lines = Lines(limit)
    for piece in pieces:
        lines.feed(piece)
    lines.end()
    return lines


def test_lines_are_numbered_from_1_and_the_last_needs_no_newline():
    lines = fed([b"a\n\nb"])
    assert lines.take(10) == [Line(1, b"a"), Line(2, b""), Line(3, b"b")]
    assert not lines.waiting
    assert lines.take(10) == []


def test_a_newline_at_the_end_begins_no_line():
    assert fed([b"a\n"]).take(10) == [Line(1, b"a")]


def test_nothing_at_all_has_no_lines():
    assert fed([]).take(10) == []


def test_half_a_line_waits_for_its_other_half():
    lines = Lines(1000)
    lines.feed(b"a\nb")
    assert lines.take(10) == [Line(1, b"a")]
    assert not lines.waiting
    lines.feed(b"c\n")
    assert lines.take(10) == [Line(2, b"bc")]


def test_no_more_are_taken_than_are_wanted():
    lines = fed([b"a\nb\nc\n"])
    assert lines.take(2) == [Line(1, b"a"), Line(2, b"b")]
    assert lines.take(2) == [Line(3, b"c")]


@given(st.lists(st.binary(max_size=8).filter(lambda line: b"\n" not in line)), st.integers(1, 9), st.integers(1, 5))
def test_the_pieces_do_not_matter(texts, step, limit):
    body = b"".join(text + b"\n" for text in texts)
    lines = fed([body[at : at + step] for at in range(0, len(body), step)], limit)
    expected = [Line(n, None if len(text) > limit else text) for n, text in enumerate(texts, 1)]
    assert lines.take(len(texts) + 1) == expected


def test_a_line_without_end_is_dropped_as_it_arrives_and_told_once():
    lines = Lines(1000)
    for _ in range(1000):
        lines.feed(b"x" * 400)
        assert len(lines._bytes) <= 1400
        assert not lines.full
        assert not lines.waiting
    lines.feed(b"x\nb\n")
    assert lines.take(10) == [Line(1, None), Line(2, b"b")]


def test_a_last_line_that_is_too_long_is_told_too():
    assert fed([b"x" * 2000]).take(10) == [Line(1, None)]
    assert fed([b"x" * 2000, b""]).take(10) == [Line(1, None)]


def test_it_is_full_at_the_limit_and_has_room_when_lines_are_taken():
    lines = Lines(10)
    lines.feed(b"12345678\n")
    assert not lines.full
    lines.feed(b"1")
    assert lines.full
    lines.take(1)
    assert not lines.full
