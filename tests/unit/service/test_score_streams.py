"""Bytes in and out: packed files, damaged files, and outputs that appear only when whole."""

import bz2
import gzip
import io
import lzma
import os
from contextlib import closing

import pyarrow as pa
import pytest

from service.tables.place import place_of
from service.tables.source import Source
from service.tables.table import TableError
from service.tables.target import target

LINES = b"".join(b"%d %s\n" % (number, os.urandom(9).hex().encode()) for number in range(50_000))
ENDINGS = [".gz", ".bz2", ".xz", ".zst"]


def packed(content: bytes, ending: str) -> bytes:
    if ending == ".zst":
        sink = io.BytesIO()
        stream = pa.CompressedOutputStream(pa.PythonFile(sink), "zstd")
        stream.write(content)
        stream.flush()
        data = sink.getvalue()
        stream.close()
        return data
    return {".gz": gzip, ".bz2": bz2, ".xz": lzma}[ending].compress(content)


def opened(path) -> Source:
    place = place_of(str(path), "INPUT", None)
    return Source(place.path, place.compression)


@pytest.mark.parametrize("ending", ["", *ENDINGS])
@pytest.mark.parametrize("random", [False, True])
def test_what_is_written_is_read_again_and_twice(tmp_path, ending, random):
    path = tmp_path / f"a.csv{ending}"
    with target(place_of(str(path), "OUTPUT", None)) as stream:
        stream.write(LINES)
    source = opened(path)
    assert source.make_seekable(random).read() == LINES
    source.stream.seek(0)
    assert source.stream.readline() == LINES.split(b"\n", 1)[0] + b"\n"
    source.close()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_cut_or_wrong_archive_is_an_error_that_names_it(tmp_path, ending):
    path = tmp_path / f"a.csv{ending}"
    path.write_bytes(packed(LINES, ending)[:-1000])
    with closing(opened(path)) as source, pytest.raises(TableError, match=r"a\.csv.* damaged or cut off"):
        source.stream.read()
    path.write_bytes(LINES)
    with pytest.raises(TableError, match=r"a\.csv.* damaged or cut off"):
        opened(path)


@pytest.mark.parametrize("ending", ["", *ENDINGS])
def test_an_empty_file_is_an_error(tmp_path, ending):
    path = tmp_path / f"a.csv{ending}"
    path.write_bytes(packed(b"", ending) if ending else b"")
    with pytest.raises(TableError, match="is empty"):
        opened(path)


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_archive_without_its_ending_is_recognised(tmp_path, ending):
    path = tmp_path / "a.csv"
    path.write_bytes(packed(LINES, ending))
    with closing(opened(path)) as source, pytest.raises(TableError, match=f"give it the ending {ending}"):
        source.check("csv")


@pytest.mark.parametrize("ending", ["", *ENDINGS])
@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_unfinished_output_leaves_nothing_and_an_older_one_stays(tmp_path, ending, failure):
    path = tmp_path / f"a.csv{ending}"
    path.write_bytes(b"older")

    def fail_halfway():
        with target(place_of(str(path), "OUTPUT", None)) as stream:
            stream.write(LINES)
            raise failure

    with pytest.raises(failure):
        fail_halfway()
    assert path.read_bytes() == b"older"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_file_gets_the_rights_that_a_new_file_gets(tmp_path):
    with target(place_of(str(tmp_path / "a.csv"), "OUTPUT", None)) as stream:
        stream.write(b"x")
    (tmp_path / "b.csv").write_bytes(b"x")
    assert (tmp_path / "a.csv").stat().st_mode == (tmp_path / "b.csv").stat().st_mode


@pytest.mark.parametrize(
    ("head", "format"), [(b' \n{"text": 1}', "jsonl"), (b"PAR1....", "parquet"), (b"id,text\n", "csv")]
)
def test_the_first_bytes_suggest_a_format(tmp_path, head, format):
    (tmp_path / "a.csv").write_bytes(head)
    with closing(opened(tmp_path / "a.csv")) as source:
        assert source.looks_like() == format
