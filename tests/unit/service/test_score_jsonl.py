"""JSONL: fields stay as they were written, whatever they hold."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from score_tables import VERDICT, carry, rows_of

from service.tables.table import TableError

NEW = {"label": "positive", "score": 0.9, "probabilities": VERDICT.probabilities, "error": None}

value = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
objects = st.lists(st.dictionaries(st.sampled_from(["id", "x", "é", "a b", '"']), value, max_size=4), max_size=6)


def scored(tmp_path, content, out="out.jsonl"):
    source = tmp_path / "in.jsonl"
    source.write_bytes(content if isinstance(content, bytes) else content.encode())
    rows = rows_of(carry(source, tmp_path / out))
    return rows, tmp_path / out


@settings(deadline=None, max_examples=150)
@given(rows=objects, ascii_only=st.booleans(), indent=st.sampled_from([(",", ":"), (", ", ": "), (" ,\t", " : ")]))
def test_any_objects_come_out_unchanged_and_in_order(tmp_path_factory, rows, ascii_only, indent):
    tmp_path = tmp_path_factory.mktemp("jsonl")
    rows = [{**row, "text": f"row {number}"} for number, row in enumerate(rows)] or [{"text": "one"}]
    lines = [json.dumps(row, ensure_ascii=ascii_only, separators=indent) for row in rows]
    read, out = scored(tmp_path, "\n".join(lines))
    assert [row.text for row in read] == [row["text"] for row in rows]
    after = out.read_text(encoding="utf-8").split("\n")
    assert after.pop() == ""
    assert [json.loads(line) for line in after] == [row | NEW for row in rows]
    assert [list(json.loads(line)) for line in after] == [list(row | NEW) for row in rows]
    assert all(new.startswith(old[:-1].rstrip()) for new, old in zip(after, lines, strict=True))


@settings(deadline=None, max_examples=60)
@given(rows=objects)
def test_any_objects_survive_the_way_to_csv_and_parquet(tmp_path_factory, rows):
    tmp_path = tmp_path_factory.mktemp("jsonl")
    rows = [{**row, "text": f"row {number}"} for number, row in enumerate(rows)] or [{"text": "one"}]
    content = "\n".join(map(json.dumps, rows))
    _, out = scored(tmp_path, content, "out.parquet")
    back = pq.read_table(out).to_pylist()
    assert [row["text"] for row in back] == [row["text"] for row in rows]
    for before, after in zip(rows, back, strict=True):
        for name, expected in before.items():
            found = after[name]
            if isinstance(found, str) and not isinstance(expected, str):
                found = json.loads(found)
            assert found == expected
    assert len(rows_of(carry(tmp_path / "in.jsonl", tmp_path / "out.csv"))) == len(rows)


def test_numbers_keep_every_digit(tmp_path):
    line = '{"big": 123456789012345678901234567890, "f": 1.10, "e": 1E400, "text": "a", "n": [0.1000000000000000055]}'
    _, out = scored(tmp_path, line + "\r\n")
    assert out.read_text().startswith(line[:-1] + ', "label": "positive"')
    _, out = scored(tmp_path, line, "out.csv")
    assert (
        out.read_text()
        .splitlines()[1]
        .startswith("123456789012345678901234567890,1.10,1E400,a,[0.1000000000000000055],")
    )
    digits = "9" * 5000
    rows, out = scored(tmp_path, f'{{"n": {digits}, "text": "a"}}')
    assert rows[0].fault is None
    assert digits in out.read_text()


def test_lines_that_hold_no_object_cost_only_themselves(tmp_path):
    lines = [b'\xef\xbb\xbf{"text": "a"}', b"", b"{broken", b'["text"]', b"7", b'{"text": "caf\xe9"}', b'{"id": 1}']
    lines += [b"[" * 100_000, b'{"text": "b", "label": 1}', b'{"text": null}', b'{"text": "z"}']
    rows, out = scored(tmp_path, b"\n".join(lines))
    assert [row.fault for row in rows] == [
        None,
        "line 3: not JSON, Expecting property name enclosed in double quotes at character 2",
        "line 4: a list; expected a JSON object",
        "line 5: a number; expected a JSON object",
        "line 6: not UTF-8 at byte 14",
        "line 7: no field 'text'",
        "line 8: JSON nested too deep",
        "line 9: the row has a field 'label' of its own; choose other names with --prefix",
        None,
        None,
    ]
    after = [json.loads(line) for line in out.read_text().splitlines()]
    assert [row["error"] for row in after] == [row.fault for row in rows]
    assert after[5]["id"] == 1


def test_a_field_that_appears_late_gets_its_column(tmp_path):
    lines = [json.dumps({"text": "a"})] * 5000 + [json.dumps({"text": "b", "late": "x", "n": 2})]
    _, out = scored(tmp_path, "\n".join(lines), "out.csv")
    after = out.read_text().splitlines()
    assert after[0].startswith("text,late,n,label")
    assert after[1].startswith("a,,,positive")
    assert after[5001].startswith("b,x,2,positive")


def test_parquet_columns_take_a_type_only_where_all_values_have_it(tmp_path):
    rows = [
        {
            "text": "a",
            "i": 1,
            "f": 1,
            "b": True,
            "s": "x",
            "mixed": 1,
            "nested": {"k": [1]},
            "big": 2**70,
            "none": None,
        },
        {"text": "b", "i": 2**55, "f": 1.5, "b": None, "s": "", "mixed": "1", "big": 1},
    ]
    _, out = scored(tmp_path, "\n".join(map(json.dumps, rows)), "out.parquet")
    table = pq.read_table(out)
    types = dict(zip(table.schema.names, table.schema.types, strict=True))
    assert (types["i"], types["f"], types["b"]) == (pa.int64(), pa.float64(), pa.bool_())
    assert {types[name] for name in ("s", "mixed", "nested", "big", "none")} == {pa.string()}
    first, second = table.to_pylist()
    assert (first["mixed"], second["mixed"]) == ("1", "1")
    assert first["nested"] == '{"k": [1]}'
    assert first["big"] == str(2**70)
    assert second["i"] == 2**55


@pytest.mark.parametrize("content", ["\n\n", "hello\n", "[1]\n", "{}\n"])
def test_a_file_without_any_object_is_an_error(tmp_path, content):
    with pytest.raises(TableError, match=r"in\.jsonl"):
        scored(tmp_path, content)


def test_an_endless_line_costs_only_itself(tmp_path, monkeypatch):
    monkeypatch.setattr("service.tables.jsonl_reader.ROW_LIMIT", 100)
    long = json.dumps({"text": "x" * 3_000_000})
    rows, _ = scored(tmp_path, f'{{"text": "a"}}\n{long}\n{{"text": "b"}}\n{long}')
    assert [row.text for row in rows] == ["a", None, "b", None]
    assert rows[1].fault == "line 2: longer than 100 bytes"


def test_a_late_row_with_a_name_of_ours_keeps_its_value_and_has_each_name_once(tmp_path):
    late = ['{"text": "b", "label": 1}', '{"score": null, "text": "c", "error": "mine"}', '{"text": "d", "error": 7}']
    late += ['{"text": "e", "label": 1, "score": 2, "probabilities": 3, "error": 4}']
    rows, out = scored(tmp_path, "\n".join([json.dumps({"text": "a"})] * 5000 + late))
    assert [row.fault for row in rows[5000:5002]] == [
        "line 5001: the row has a field 'label' of its own; choose other names with --prefix",
        "line 5002: the row has fields 'error', 'score' of its own; choose other names with --prefix",
    ]
    after = [json.loads(line, object_pairs_hook=list) for line in out.read_text().splitlines()[5000:]]
    assert all(len(dict(pairs)) == len(pairs) for pairs in after)
    first, second, third, fourth = map(dict, after)
    assert first == {"text": "b", "label": 1, "score": None, "probabilities": None, "error": rows[5000].fault}
    assert second == {"text": "c", "score": None, "error": "mine", "label": None, "probabilities": None}
    assert third["error"] == 7
    assert fourth == {"text": "e", "label": 1, "score": 2, "probabilities": 3, "error": 4}
