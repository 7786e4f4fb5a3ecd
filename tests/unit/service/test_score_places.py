"""Names of files: formats, default output, and what must not be overwritten."""

from pathlib import Path

import pytest

from service.tables.formats import added_names, check_names
from service.tables.place import Place, check_output, place_of, scored_name
from service.tables.table import TableError


@pytest.mark.parametrize(
    ("name", "format", "compression"),
    [
        ("a.csv", "csv", None),
        ("A.2024.CSV.GZ", "csv", "gzip"),
        ("x/a.tsv.bz2", "tsv", "bzip2"),
        ("a.ndjson.xz", "jsonl", "xz"),
        ("a.jsonl.zst", "jsonl", "zstd"),
        ("a.parquet", "parquet", None),
    ],
)
def test_endings_tell_the_format(name, format, compression):
    assert place_of(name, "INPUT", None) == Place(Path(name), format, compression)


def test_a_dash_is_standard_input():
    assert place_of("-", "INPUT", "tsv") == Place(None, "tsv")


@pytest.mark.parametrize("name", ["a.xlsx", "a", "a.csv.zip", "a.gz"])
def test_an_unknown_ending_is_refused_with_the_known_ones(name):
    with pytest.raises(TableError, match=r"OUTPUT is .*\.csv, \.tsv, \.jsonl"):
        place_of(name, "OUTPUT", None)


def test_a_folder_is_refused(tmp_path):
    (tmp_path / "a.csv").mkdir()
    with pytest.raises(TableError, match="is a folder"):
        place_of(str(tmp_path / "a.csv"), "INPUT", None)


@pytest.mark.parametrize(("name", "expected"), [("a.csv", "a.scored.csv"), ("b.v2.JSONL.gz", "b.v2.scored.JSONL.gz")])
def test_default_output(name, expected):
    assert scored_name(Path("folder") / name) == Path("folder") / expected


def test_nothing_is_overwritten_unasked_and_the_input_never(tmp_path):
    source, other = tmp_path / "a.csv", tmp_path / "b.csv"
    source.write_text("text\n")
    other.write_text("precious")
    (tmp_path / "link.csv").symlink_to(source)
    (tmp_path / "hard.csv").hardlink_to(source)
    check_output(source, tmp_path / "new.csv", False)
    with pytest.raises(TableError, match="--force"):
        check_output(source, other, False)
    check_output(source, other, True)
    for same in ("a.csv", "link.csv", "hard.csv"):
        with pytest.raises(TableError, match="INPUT itself"):
            check_output(source, tmp_path / same, True)
    with pytest.raises(TableError, match="does not exist"):
        check_output(source, tmp_path / "nowhere" / "a.csv", True)
    with pytest.raises(TableError, match="no regular file"):
        check_output(source, Path("/dev/null"), True)


def test_names_that_would_clash_are_refused_before_any_work():
    with pytest.raises(TableError, match=r"label, error.*--prefix"):
        check_names(["text", "error", "label"], "csv", added_names("csv", ""))
    check_names(["text", "error", "label", "label"], "csv", added_names("csv", "m_"))
    with pytest.raises(TableError, match="several columns called 'a'"):
        check_names(["text", "a", "a"], "jsonl", added_names("jsonl", ""))
