"""A user's own file: what is understood, what is a bad row, and what is an error that says what to do."""

import gzip
import json
from collections import Counter

import pyarrow
import pyarrow.parquet
import pytest

from training.readers.table import TableError, read_table
from training.readers.user_labels import LabelError, understand, value_of

NEGATIVE, NEUTRAL, POSITIVE = 0, 1, 2
ROWS = [("I liked it, a lot.", "positive"), ("“质量”太差", "Negative"), ("It came on\nTuesday.", "NEU")]
EXPECTED = [
    ("I liked it, a lot.", POSITIVE, "en"),
    ("“质量”太差", NEGATIVE, "zh"),
    ("It came on\nTuesday.", NEUTRAL, "en"),
]


def short(reading):
    return [(review.text, review.label, review.language) for review in reading.reviews]


def complaints(reading):
    return [str(problem) for problem in reading.problems]


def quoted(delimiter):
    return "\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in [("text", "label"), *ROWS])


def written(tmp_path, name, content):
    path = tmp_path / name
    content = content.encode() if isinstance(content, str) else content
    path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    return path


# Formats


@pytest.mark.parametrize("gz", ["", ".gz"])
@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_every_format_gives_the_same_reviews(tmp_path, ending, gz):
    if ending == "parquet":
        sink = pyarrow.BufferOutputStream()
        texts, labels = zip(*ROWS, strict=True)
        pyarrow.parquet.write_table(pyarrow.table({"text": texts, "label": labels}), sink)
        content = sink.getvalue().to_pybytes()
    elif ending == "jsonl":
        content = "\n".join(json.dumps({"text": text, "label": label}) for text, label in ROWS)
    else:
        content = quoted("\t" if ending == "tsv" else ",")
    reading = read_table(written(tmp_path, f"mine.{ending}{gz}", content))
    assert short(reading) == EXPECTED
    assert not reading.problems
    (file,) = reading.files
    assert (file.path, file.rows) == (f"mine.{ending}{gz}", 3)


def test_lines_are_counted_through_reviews_of_several_lines(tmp_path):
    path = written(tmp_path, "mine.csv", quoted(",") + "\n\nFine.,positive\n")
    assert [review.source for review in read_table(path).reviews] == [
        "mine.csv:2",
        "mine.csv:3",
        "mine.csv:4",
        "mine.csv:7",
    ]


def test_a_byte_order_mark_and_other_column_names(tmp_path):
    path = written(tmp_path, "mine.csv", "\ufeffStars,Comment\n5,Good\n1,Bad\n")
    reading = read_table(path, text_column="Comment", label_column="Stars")
    assert [(review.text, review.label) for review in reading.reviews] == [("Good", POSITIVE), ("Bad", NEGATIVE)]


def test_a_review_longer_than_the_csv_modules_limit(tmp_path):
    path = written(tmp_path, "mine.csv", f"text,label\n{'so ' * 100_000},positive\n")
    assert len(read_table(path).reviews[0].text) == 299_999


# Splits


def test_content_decides_where_no_column_does(tmp_path):
    path = written(tmp_path, "mine.csv", "text,label\n好吃,1\n衣服掉色,0\n太慢了,0\n")
    # bytes 1, 102 and 175: the last would be a test text of a public corpus
    assert [review.split for review in read_table(path).reviews] == ["dev", "calibration", "train"]


def test_a_split_column_decides_and_test_rows_are_left_out(tmp_path):
    rows = "好吃,1,train\n不好吃,0,Dev\n凉了,0,calibration\n很好,1,test\n难吃,0,valid\n"
    reading = read_table(written(tmp_path, "mine.csv", "text,label,split\n" + rows))
    assert [review.split for review in reading.reviews] == ["train", "dev", "calibration"]
    assert reading.dropped == Counter({("user", "test split"): 1})
    assert complaints(reading) == ["mine.csv:6: split is 'valid', expected one of train, dev, calibration, test"]


# Bad rows


def test_bad_csv_rows_are_reported_by_line_and_the_rest_is_read(tmp_path):
    content = 'text,label\n,1\nA,1,x\nB,\n"C"D,1\n\xff,1\n'.encode("latin-1") + b'E,1\nF\x00,0\n"never closed,1\n'
    reading = read_table(written(tmp_path, "mine.csv", content))
    assert [review.text for review in reading.reviews] == ["E"]
    assert complaints(reading) == [
        "mine.csv:2: the text is empty; expected at least one visible character",
        "mine.csv:3: 3 fields, expected 2",
        "mine.csv:4: no label",
        "mine.csv:5: quotation marks that don't match (',' expected after '\"')",
        "mine.csv:6: not valid UTF-8: save the file as UTF-8",
        "mine.csv:8: the text holds the control character U+0000 at position 1; remove it",
        "mine.csv:9: quotation marks that don't match (unexpected end of data)",
    ]


def test_bad_json_rows_are_reported_by_line(tmp_path):
    lines = ['{"text": "A", "label": 1}', '{"text": ', "[1]", "", '{"label": 0}', '{"text": 7, "label": 0}', "\xff"]
    reading = read_table(
        written(tmp_path, "mine.jsonl", "\n".join(lines).encode("latin-1") + b'\n{"text": "B", "label": 0}')
    )
    assert [review.source for review in reading.reviews] == ["mine.jsonl:1", "mine.jsonl:8"]
    found = complaints(reading)
    assert found[0].startswith("mine.jsonl:2: not a line of JSON in UTF-8")
    assert found[1:4] == [
        "mine.jsonl:3: a JSON list, expected an object",
        "mine.jsonl:5: no text",
        "mine.jsonl:6: the text is int, expected a string",
    ]
    assert found[4].startswith("mine.jsonl:7: not a line of JSON in UTF-8")


def test_half_a_surrogate_pair_in_json_is_a_bad_row(tmp_path):
    path = written(tmp_path, "mine.jsonl", '{"text": "\\ud83d", "label": 1}\n{"text": "B", "label": 0}\n')
    assert "half a surrogate pair" in complaints(read_table(path))[0]


def test_bad_parquet_rows_are_reported_by_row(tmp_path):
    path = tmp_path / "mine.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"text": ["A", None, "B"], "label": [1, 0, None]}), path)
    reading = read_table(path)
    assert [review.source for review in reading.reviews] == ["mine.parquet:row 1"]
    assert complaints(reading) == ["mine.parquet:row 2: no text", "mine.parquet:row 3: no label"]


# The file as a whole


def test_a_missing_column_lists_those_found(tmp_path):
    path = written(tmp_path, "mine.csv", "review,stars\nGood,5\n")
    with pytest.raises(TableError, match=r"no column 'text'; found: 'review', 'stars'\. Name it with --text-column"):
        read_table(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "mine.xlsx",
            "",
            r"the ending is '\.xlsx', expected one of \.csv, \.tsv, \.jsonl, \.parquet, each also with \.gz",
        ),
        ("mine.parquet", "text,label", "not a Parquet file"),
        ("mine.csv", "", "no column 'text'; found: none"),
        ("mine.csv", '"text"x,label\n', "the first line does not hold column names"),
    ],
)
def test_a_file_of_another_kind(tmp_path, name, content, message):
    with pytest.raises(TableError, match=message):
        read_table(written(tmp_path, name, content))


def test_a_gz_that_is_no_gzip_or_is_cut(tmp_path):
    path = tmp_path / "mine.csv.gz"
    path.write_bytes(b"text,label\n")
    with pytest.raises(TableError, match="not a whole gzip file"):
        read_table(path)
    path.write_bytes(gzip.compress(b"text,label\nGood,1\n" * 1000)[:-20])
    with pytest.raises(TableError, match="not a whole gzip file"):
        read_table(path)


# Labels


def counted(*labels):
    return Counter(map(value_of, labels))


@pytest.mark.parametrize(
    ("labels", "meaning"),
    [
        (["Positive", " negative ", "NEUTRAL"], {"positive": POSITIVE, "negative": NEGATIVE, "neutral": NEUTRAL}),
        (["pos", "neg", "neu"], {"pos": POSITIVE, "neg": NEGATIVE, "neu": NEUTRAL}),
        ([0, 1], {"0": NEGATIVE, "1": POSITIVE}),
        (["0", "1", "2"], {"0": NEGATIVE, "1": NEUTRAL, "2": POSITIVE}),
        ([-1, 0, 1], {"-1": NEGATIVE, "0": NEUTRAL, "1": POSITIVE}),
        ([-1, 1], {"-1": NEGATIVE, "1": POSITIVE}),
        ([1, 2, 3, 4, 5], {"1": NEGATIVE, "2": NEGATIVE, "3": NEUTRAL, "4": POSITIVE, "5": POSITIVE}),
        ([1.0, "5.0"], {"1": NEGATIVE, "5": POSITIVE}),
        ([0, 1, None, ""], {"0": NEGATIVE, "1": POSITIVE}),
    ],
)
def test_labels_that_have_one_meaning(labels, meaning):
    assert understand(counted(*labels), "label") == meaning


@pytest.mark.parametrize(
    "labels",
    [
        [1],  # the positive of two classes, or a rating
        [0, 2],  # the ends of three classes, or two
        [1, 2],  # ratings, or two classes counted from one
        [1, 2, 3],  # ratings, or three classes counted from one
        [0, 1, 2, 3, 4],  # five classes counted from nought: no scale here
        [0, 5],
        [1, 5, 10],
        [1.5, 4],
        ["positive", 0],
        ["good", "bad"],
        [],
        ["nan"],
    ],
)
def test_labels_that_have_no_one_meaning(labels):
    with pytest.raises(LabelError, match=r"^column 'stars': .*Seen: .*Expected: negative, neutral, positive"):
        understand(counted(*labels), "stars")


def test_the_error_says_which_values_were_seen_and_how_often():
    with pytest.raises(LabelError, match=r"Seen: '3' \(2\), '1' \(1\), '2' \(1\)\. Expected"):
        understand(counted(1, 2, 3, 3), "label")


def test_a_stray_label_is_a_bad_row_and_many_are_another_column(tmp_path):
    rows = [f"Text {number},{'positive' if number % 2 else 'negative'}" for number in range(40)]
    path = written(tmp_path, "mine.csv", "\n".join(["text,label", *rows, "Odd,n/a"]))
    reading = read_table(path)
    assert len(reading.reviews) == 40
    assert complaints(reading) == ["mine.csv:42: label is 'n/a', expected one of 'negative', 'positive'"]

    path = written(tmp_path, "mine.csv", "\n".join(["text,label", *rows, *["Odd,mixed"] * 5]))
    with pytest.raises(LabelError, match="5 of 45 rows hold something else than a label"):
        read_table(path)
