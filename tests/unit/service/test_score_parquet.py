"""Parquet: types, schema and metadata stay; in CSV and JSONL its values are what a person expects."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from score_tables import VERDICT, carry, rows_of

from service.tables.table import WINDOW_ROWS, TableError

WHEN = datetime(2024, 2, 29, 12, 30, 5, 123456)
COLUMNS = {
    "text": pa.array(["a", None, "ü,\n"], pa.string()),
    "i": pa.array([1, None, -(2**62)], pa.int64()),
    "f": pa.array([0.1, float("nan"), float("inf")], pa.float64()),
    "b": pa.array([True, False, None], pa.bool_()),
    "d": pa.array([Decimal("1.10"), None, Decimal("-2.00")], pa.decimal128(5, 2)),
    "day": pa.array([date(2024, 2, 29), None, date(1, 1, 1)], pa.date32()),
    "at": pa.array([WHEN, None, WHEN], pa.timestamp("us")),
    "utc": pa.array([WHEN.replace(tzinfo=UTC)] * 3, pa.timestamp("ns", "Asia/Shanghai")),
    "ns": pa.array([1, 2, 3], pa.timestamp("ns")),
    "took": pa.array([timedelta(seconds=1), None, timedelta(0)], pa.duration("ms")),
    "raw": pa.array([b"\xff\x00", None, b""], pa.binary()),
    "kind": pa.array(["x", "y", "x"]).dictionary_encode(),
    "list": pa.array([[1, 2], None, []], pa.list_(pa.int32())),
    "struct": pa.array([{"k": "v", "n": 1.5}, None, {"k": None, "n": float("nan")}]),
    "map": pa.array([[("k", 1)], None, []], pa.map_(pa.string(), pa.int8())),
}


@pytest.fixture
def table(tmp_path):
    made = pa.table(COLUMNS).replace_schema_metadata({"made by": "a test"})
    pq.write_table(made, tmp_path / "in.parquet")
    return pq.read_table(tmp_path / "in.parquet")


def test_types_schema_metadata_and_values_stay(tmp_path, table):
    carry(tmp_path / "in.parquet", tmp_path / "out.parquet")
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.select(table.column_names).schema.equals(table.schema, check_metadata=True)
    for name in set(table.column_names) - {"f", "struct"}:  # NaN differs from itself
        assert out.column(name).equals(table.column(name)), name
    assert repr(out.column("f").to_pylist()) == repr(table.column("f").to_pylist())
    assert out.schema.names[-4:] == ["label", "score", "probabilities", "error"]
    assert out.column("probabilities").to_pylist() == [VERDICT.probabilities] * 3
    assert out.column("score").type == pa.float64()


def test_values_in_jsonl(tmp_path, table):
    carry(tmp_path / "in.parquet", tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    first, second, third = (json.loads(line, parse_constant=pytest.fail) for line in lines)
    assert first == {
        "text": "a",
        "i": 1,
        "f": 0.1,
        "b": True,
        "d": 1.1,
        "day": "2024-02-29",
        "at": "2024-02-29 12:30:05.123456",
        "utc": "2024-02-29 12:30:05.123456000Z",
        "ns": "1970-01-01 00:00:00.000000001",
        "took": first["took"],
        "raw": "/wA=",
        "kind": "x",
        "list": [1, 2],
        "struct": {"k": "v", "n": 1.5},
        "map": [["k", 1]],
        "label": "positive",
        "score": 0.9,
        "probabilities": VERDICT.probabilities,
        "error": None,
    }
    assert '"d": 1.10' in lines[0]
    assert {second[name] for name in ("text", "i", "f", "d", "day", "at", "list", "struct")} == {None}
    assert (third["f"], third["struct"], third["text"]) == ("Infinity", {"k": None, "n": None}, "ü,\n")


def test_values_in_csv(tmp_path, table):
    carry(tmp_path / "in.parquet", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
        first, second, third = csv.DictReader(file)
    assert (first["b"], first["d"], first["list"], first["kind"]) == ("true", "1.10", "[1, 2]", "x")
    assert (second["text"], second["i"], second["raw"]) == ("", "", "")
    assert (third["text"], third["i"]) == ("ü,\n", str(-(2**62)))


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view(), pa.binary()])
def test_every_kind_of_string_is_text(tmp_path, kind):
    values = [b"good", "好".encode(), None] if kind == pa.binary() else ["good", "好", None]
    pq.write_table(pa.table({"text": pa.array(values, kind)}), tmp_path / "in.parquet")
    assert [row.text for row in rows_of(carry(tmp_path / "in.parquet", tmp_path / "out.csv"))] == ["good", "好", None]


def test_a_text_that_is_not_utf8_costs_only_its_row(tmp_path):
    broken = pa.Array.from_buffers(pa.string(), 2, pa.array([b"a", b"caf\xe9"]).buffers())
    pq.write_table(pa.table({"text": broken}), tmp_path / "in.parquet")
    rows = rows_of(carry(tmp_path / "in.parquet", tmp_path / "out.jsonl"))
    assert [row.fault for row in rows] == [None, "the text is not UTF-8 at byte 4"]


def test_many_rows_come_in_windows_and_go_out_in_few_groups(tmp_path):
    count = 3 * WINDOW_ROWS + 1
    pq.write_table(pa.table({"text": [f"row {n}" for n in range(count)]}), tmp_path / "in.parquet")
    windows = carry(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert [len(window.rows) for window in windows] == [WINDOW_ROWS] * 3 + [1]
    out = pq.ParquetFile(tmp_path / "out.parquet")
    assert out.num_row_groups == 1
    assert out.read(["text"]).column(0).to_pylist() == [f"row {n}" for n in range(count)]


def test_long_rows_make_small_windows(tmp_path):
    texts = ["x" * 2**20 + str(n) for n in range(40)]
    pq.write_table(pa.table({"text": texts}), tmp_path / "in.parquet", use_dictionary=False)
    assert max(len(window.rows) for window in carry(tmp_path / "in.parquet", tmp_path / "out.parquet")) <= 16


def test_a_column_that_is_no_text_is_an_error(tmp_path):
    pq.write_table(pa.table({"text": [1, 2], "other": ["a", "b"]}), tmp_path / "in.parquet")
    with pytest.raises(TableError, match="holds int64; expected string"):
        carry(tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert not (tmp_path / "out.parquet").exists()


@pytest.mark.parametrize("content", [b"PAR1 and nothing more", b"text\na\n"])
def test_what_is_no_parquet_is_an_error(tmp_path, content):
    (tmp_path / "in.parquet").write_bytes(content)
    with pytest.raises(TableError, match="no Parquet file, or damaged"):
        carry(tmp_path / "in.parquet", tmp_path / "out.parquet")


@pytest.mark.parametrize("name", ["in.csv", "in.tsv"])
def test_a_header_alone_becomes_a_table_without_rows(tmp_path, name):
    (tmp_path / name).write_text("text,id\n".replace(",", "\t" if name == "in.tsv" else ","))
    carry(tmp_path / name, tmp_path / "out.parquet")
    out = pq.read_table(tmp_path / "out.parquet")
    assert out.num_rows == 0
    assert out.schema.names == ["text", "id", "label", "score", "probabilities", "error"]
