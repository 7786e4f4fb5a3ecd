"""Tables align, and a cell cannot break its row."""

from training.tables import percent, share, table


def test_columns_align_and_numbers_stand_to_the_right() -> None:
    assert table(["corpus", "rows"], [["imdb", "2,442"], ["a|b", 7]]).splitlines() == [
        "| corpus |  rows |",
        "|--------|------:|",
        "| imdb   | 2,442 |",
        "| a\\|b   |     7 |",
    ]


def test_numbers_and_what_is_not_there() -> None:
    assert (share(0.8765), percent(0.0123)) == ("0.876", "1.2 %")
    assert (share(None), percent(None)) == ("–", "–")
