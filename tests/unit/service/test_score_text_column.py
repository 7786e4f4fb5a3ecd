"""Which column is scored where nobody says."""

from dataclasses import dataclass, field

import pytest

from service.tables.table import TableError
from service.tables.text_column import choose


@dataclass
class Table:
    columns: list[str]
    string_columns: list[str] = field(default_factory=list)


@pytest.mark.parametrize(
    ("columns", "strings", "expected"),
    [
        (["review", "text"], [], "text"),
        (["id", "Content", "Review"], [], "Review"),
        (["id", "评论"], [], "评论"),
        (["opinion"], [], "opinion"),
        (["id", "opinion"], ["opinion"], "opinion"),
    ],
)
def test_the_likeliest_column_is_found(columns, strings, expected):
    chosen, reason = choose(Table(columns, strings), None, "a.csv")
    assert chosen == expected
    assert (reason is None) == (chosen == "text")


def test_an_asked_column_wins():
    assert choose(Table(["text", "title"]), "title", "a.csv") == ("title", None)


@pytest.mark.parametrize(
    ("columns", "strings", "asked"),
    [(["a", "b"], ["a", "b"], None), (["text", "b"], [], "c"), (["b", "text", "text"], [], None), ([], [], None)],
)
def test_what_is_not_clear_is_an_error_that_lists_the_columns(columns, strings, asked):
    with pytest.raises(TableError, match="Columns: " + ", ".join(map(repr, columns))):
        choose(Table(columns, strings), asked, "a.csv")
