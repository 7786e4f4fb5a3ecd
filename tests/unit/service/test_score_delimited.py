"""CSV and TSV: what was there stays, one row out for each row in."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_tables import VERDICT, carry, rows_of

from service.tables.table import TableError

ADDED = "label,score,p_negative,p_neutral,p_positive,error"

# Every character that UTF-8 can hold, and often those that CSV cares about.
field = st.text(st.one_of(st.sampled_from('",;\t\r\n \\\0'), st.characters(exclude_categories=["Cs"])), max_size=8)
table = st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(field, min_size=width, max_size=width), max_size=6))


def scored(tmp_path, content, name="in.csv", out="out.csv", column="text"):
    source = tmp_path / name
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    rows = rows_of(carry(source, tmp_path / out, column))
    return rows, (tmp_path / out).read_bytes().decode("utf-8", "surrogateescape")


@settings(deadline=None, max_examples=150)
@given(rows=table, quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), end=st.sampled_from(["\n", "\r\n"]))
def test_any_rows_come_out_unchanged_and_in_order(tmp_path_factory, rows, quoting, end):
    tmp_path = tmp_path_factory.mktemp("csv")
    names = ["text", *(f"c{index}" for index in range(1, len(rows[0]) if rows else 1))]
    written = io.StringIO(newline="")
    # csv quotes a lone carriage return only where it is part of the line end.
    writer = csv.writer(written, quoting=quoting, lineterminator="\r\n")
    writer.writerows([names, *rows])
    content = written.getvalue()
    read, out = scored(tmp_path, content if end == "\r\n" else content.replace("\r\n", "\n"))
    expected = rows if end == "\r\n" else [[value.replace("\r\n", "\n") for value in row] for row in rows]
    assert [row.text for row in read] == [row[0] for row in expected]
    back = list(csv.reader(io.StringIO(out, newline=""), strict=True))
    assert back[0] == names + ADDED.split(",")
    assert [row[: len(names)] for row in back[1:]] == expected
    assert {tuple(row[len(names) :]) for row in back[1:]} <= {
        ("positive", "0.9", *map(repr, VERDICT.probabilities.values()), "")
    }


def test_quotes_zeros_empty_strings_and_byte_order_mark_stay_byte_for_byte(tmp_path):
    content = '\ufeff"id",text,"n"\r\n"001","a ""b""\nc",""\r\n002,d,\r\n'
    _, out = scored(tmp_path, content)
    tail = ",positive,0.9," + ",".join(map(repr, VERDICT.probabilities.values())) + ","
    assert out == f'\ufeff"id",text,"n",{ADDED}\r\n"001","a ""b""\nc",""{tail}\r\n002,d,{tail}\r\n'


def test_rows_that_cannot_be_read_cost_only_themselves(tmp_path):
    content = b'id,text\n1,a\n2\n3,b,c\n4,"x"y\n\n5,caf\xe9\n6,"never closed\n7,g\n8,"ok"\n'
    rows, out = scored(tmp_path, content)
    faults = [row.fault for row in rows]
    assert [row.text for row in rows if not row.fault] == ["a", "g", "ok"]
    assert faults[1] == "line 3: 1 fields, expected 2 as in the header"
    assert faults[2] == "line 4: 3 fields, expected 2 as in the header"
    assert faults[3].startswith("line 5: text follows a closing quotation mark")
    assert faults[4].startswith("line 7: not UTF-8")
    assert faults[5].startswith("line 8: ")  # whichever rule the unclosed quotation mark breaks first
    back = list(csv.reader(io.StringIO(out, newline="")))
    assert {len(row) for row in back} == {8}
    assert [row[0] for row in back[1:]] == ["1", "2", "3", '4,"x"y', "5", '6,"never closed', "7", "8"]
    assert back[3][1] == "b,c"
    assert back[5][1].encode("utf-8", "surrogateescape") == b"caf\xe9"


def test_an_unclosed_quotation_mark_on_the_last_line_is_that_line_only(tmp_path):
    rows, _ = scored(tmp_path, 'text\na\n"b\nc')
    assert [row.fault for row in rows] == [None, "line 3: a quotation mark is opened and never closed", None]
    assert rows[2].text == "c"


@pytest.mark.parametrize("out", ["out.csv", "out.tsv", "out.jsonl"])
def test_a_broken_row_keeps_all_that_it_held(tmp_path, out):
    rows, written = scored(tmp_path, 'id;text\n1;a;b;"c;d"\n2;"never closed\n', out=out)
    assert [row.cells for row in rows] == [["1", "a;b;c;d"], ['2;"never closed', None]]
    assert all(row.fault for row in rows)
    assert "a;b;c;d" in written
    assert "never closed" in written


def test_an_endless_field_costs_only_its_line(tmp_path, monkeypatch):
    monkeypatch.setattr("service.tables.delimited_reader.ROW_LIMIT", 100)
    rows, _ = scored(tmp_path, 'text\n"a\n' + "b\n" * 200 + 'c"\nd\n')
    assert rows[0].fault.startswith("line 2: a field is longer than")
    assert [row.text for row in rows[1:201]] == ["b"] * 200
    assert rows[-1].text == "d"


def test_a_blank_line_is_a_row_only_where_an_empty_value_is_one(tmp_path):
    assert [row.text for row in scored(tmp_path, "text\na\n\nb\n")[0]] == ["a", "", "b"]
    assert [row.text for row in scored(tmp_path, "text,n\na,1\n\nb,2\n")[0]] == ["a", "b"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_another_delimiter_is_taken_from_the_header_and_kept(tmp_path, delimiter):
    rows, out = scored(tmp_path, delimiter.join(["id", "text"]) + "\n" + delimiter.join(["1", "so, so"]) + "\n")
    assert rows[0].text == "so, so"
    assert out.splitlines()[0] == delimiter.join(["id", "text", *ADDED.split(",")])


def test_tsv_to_csv(tmp_path):
    _, out = scored(tmp_path, 'id\ttext\n1\t"a\tb"\n2\tc, d\n', name="in.tsv")
    assert [row[:2] for row in csv.reader(io.StringIO(out))] == [["id", "text"], ["1", "a\tb"], ["2", "c, d"]]


@pytest.mark.parametrize("content", [b'id,"text\n1,a\n', b"id,t\xe9xt\n1,a\n", b"\n\n"])
def test_a_broken_header_is_an_error(tmp_path, content):
    with pytest.raises(TableError, match=r"in\.csv"):
        scored(tmp_path, content)
