"""`python -m service.score` as a user runs it: a process, an artifact, files."""

import csv
import gzip
import json
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from models.predictor import Predictor

ROOT = Path(__file__).resolve().parents[2]
TEXTS = ["i do not think the flower is beautiful", "好", 'a "very" good\nhotel, indeed', "我不喜欢数学", "fine " * 2000]
LABELS = ("negative", "neutral", "positive")


@pytest.fixture
def command(tiny_artifact, monkeypatch):
    monkeypatch.setenv("UNDERTONE_MODEL", str(tiny_artifact))
    monkeypatch.setenv("UNDERTONE_DEVICE", "cpu")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("UNDERTONE_MODEL_SHA256", raising=False)
    return [sys.executable, "-m", "service.score"]


@pytest.fixture
def run(command, tmp_path):
    def call(*arguments, **options):
        options = {"text": True, "encoding": "utf-8"} | options
        return subprocess.run([*command, *map(str, arguments)], cwd=tmp_path, capture_output=True, **options)

    return call


def write_csv(path, texts, name="text"):
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", name], *([f"{n:03}", text] for n, text in enumerate(texts))])


def one_line(done, status):
    """The run ended as said, with one line on standard error and no traceback."""
    assert done.returncode == status, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == 1, done.stderr
    return lines[0]


def test_the_same_floats_come_out_in_every_format_and_from_the_predictor(run, tmp_path, tiny_artifact):
    write_csv(tmp_path / "in.csv", TEXTS)
    lines = [json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(TEXTS)]
    (tmp_path / "in.jsonl.gz").write_bytes(gzip.compress("".join(lines).encode()))
    pq.write_table(pa.table({"text": TEXTS}), tmp_path / "in.parquet")
    for name in ("in.csv", "in.jsonl.gz", "in.parquet"):
        done = run(name)
        assert re.fullmatch(
            r"undertone: 5 rows: 5 scored, 0 errors, in [\d.]+ s \([\d,]+ rows/s\), written to in\.scored\.\S+",
            one_line(done, 0),
        )
    expected = Predictor.load(tiny_artifact, "cpu").predict(TEXTS)
    with (tmp_path / "in.scored.csv").open(newline="", encoding="utf-8") as file:
        from_csv = list(csv.DictReader(file))
    with gzip.open(tmp_path / "in.scored.jsonl.gz", "rt", encoding="utf-8") as file:
        from_jsonl = list(map(json.loads, file))
    from_parquet = pq.read_table(tmp_path / "in.scored.parquet").to_pylist()
    assert [row["text"] for row in from_csv] == [row["text"] for row in from_jsonl] == TEXTS
    for prediction, flat, line, row in zip(expected, from_csv, from_jsonl, from_parquet, strict=True):
        shares = {label: float(flat[f"p_{label}"]) for label in LABELS}
        assert shares == line["probabilities"] == row["probabilities"]
        assert shares == pytest.approx(prediction.probabilities, rel=0, abs=1e-12)
        assert flat["label"] == line["label"] == row["label"] == prediction.label
        assert float(flat["score"]) == line["score"] == row["score"] == shares[prediction.label]
        assert (flat["error"], line["error"], row["error"]) == ("", None, None)


def test_rows_that_cannot_be_scored_say_why_and_the_run_says_how_many(run, tmp_path):
    lines = ['{"text": "good"}', "{broken", '{"text": null}', '{"text": "a\\u0000"}', '{"text": "bad"}']
    (tmp_path / "in.jsonl").write_text("\n".join(lines))
    done = run("in.jsonl", "--output", "out.csv")
    assert done.returncode == 3
    assert "row 2: line 2: not JSON" in done.stderr
    assert ": 5 rows: 2 scored, 3 errors," in done.stderr.splitlines()[-1]
    with (tmp_path / "out.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == ["good", "", "", "a\0", "bad"]
    assert [bool(row["error"]) for row in rows] == [False, True, True, True, False]
    assert all((row["label"] == "") == bool(row["error"]) for row in rows)


def test_as_a_filter(run, tmp_path):
    done = run("-", input='{"review": "good", "n": 1}\n')
    assert done.returncode == 0
    assert json.loads(done.stdout)["n"] == 1
    assert "taken for jsonl" in done.stderr
    assert "'review'" in done.stderr
    done = run("-", "--format", "tsv", "--output", "out.jsonl", "--text-column", "t", input="n\tt\n01\tgood\n")
    assert done.returncode == 0
    assert json.loads((tmp_path / "out.jsonl").read_text())["n"] == "01"
    assert done.stdout == ""


def test_parquet_through_a_pipe(run, tmp_path):
    pq.write_table(pa.table({"text": ["good", "bad"]}), tmp_path / "in.parquet")
    done = run("-", input=(tmp_path / "in.parquet").read_bytes(), text=False, encoding=None)
    assert done.returncode == 0, done.stderr
    table = pq.read_table(pa.BufferReader(done.stdout))
    assert table.column("text").to_pylist() == ["good", "bad"]
    assert None not in table.column("score").to_pylist()


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv.gz", b"text\na\n", "damaged or cut off"),
        ("a.csv", gzip.compress(b"text\na\n"), "looks like gzip"),
        ("a.xlsx", b"PK", "names no known format"),
        ("a.csv", None, "does not exist"),
        ("a.csv", b"a,b\nx,y\n", "Columns: 'a', 'b'"),
        ("a.csv", b"text,label\nx,y\n", "--prefix"),
        ("a.jsonl", b"hello\n", "is not JSONL"),
        ("a.parquet", b"hello\n", "no Parquet file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_used_is_one_clear_line(run, tmp_path, name, content, says):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    assert says in one_line(run(name, "--output", "out.csv"), 1)
    assert not (tmp_path / "out.csv").exists()


def test_a_file_cut_off_in_the_middle_leaves_no_output(run, tmp_path):
    rows = b"".join(b"%s\n" % os.urandom(6).hex().encode() for _ in range(20_000))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"text\n" + rows)[:-5000])
    for output in ("out.csv.gz", "out.parquet"):
        assert "cut off" in one_line(run("a.csv.gz", "--output", output), 1)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv.gz"]


def test_other_failures_are_one_clear_line(run, tmp_path, monkeypatch):
    write_csv(tmp_path / "a.csv", ["good"])
    assert "no.pt" in one_line(run("a.csv", "--model", "no.pt"), 1)
    assert "expected auto, cpu" in one_line(run("a.csv", "--device", "tpu"), 1)
    (tmp_path / "a.scored.csv").write_text("precious")
    assert "--force" in one_line(run("a.csv"), 1)
    assert (tmp_path / "a.scored.csv").read_text() == "precious"
    assert run("a.csv", "--force").returncode == 0
    assert "--format is for -" in one_line(run("a.csv", "--format", "tsv", "--force"), 1)
    assert "INPUT itself" in one_line(run("a.csv", "--output", "a.csv", "--force"), 1)
    assert run("a.csv", "--batch-size", "0").returncode == 2
    monkeypatch.setenv("UNDERTONE_BATCH_SIZE", "many")
    assert "UNDERTONE_BATCH_SIZE" in one_line(run("a.csv", "--force"), 2)


def test_a_header_alone_is_a_table_without_rows(run, tmp_path):
    (tmp_path / "a.csv").write_text("id,text\n")
    assert ": 0 rows: 0 scored, 0 errors," in one_line(run("a.csv"), 0)
    assert (tmp_path / "a.scored.csv").read_text().startswith("id,text,label,")


def test_help_names_options_exit_statuses_and_examples(run):
    done = run("--help")
    assert done.returncode == 0
    for word in ("--text-column", "--force", "exit status:", "examples:", "p_negative", "UNDERTONE_MODEL"):
        assert word in done.stdout


def test_errors_and_help_do_not_wait_for_torch(command):
    program = "import sys, service.score; sys.exit(' '.join({'torch', 'pyarrow', 'flask'} & set(sys.modules)) or 0)"
    done = subprocess.run([command[0], "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, f"loaded at start: {done.stderr}"


def test_a_full_disk_is_one_clear_line(command, tmp_path):
    write_csv(tmp_path / "a.csv", ["good"])
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*command, "a.csv", "--output", "-"], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert "No space left" in one_line(done, 1)


@pytest.mark.parametrize(("sign", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_an_interrupted_run_leaves_nothing_behind(command, tmp_path, sign, status):
    write_csv(tmp_path / "a.csv", ["fine " * 500] * 20_000)
    running = subprocess.Popen(
        [*command, "a.csv"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        # Under nohup, or in a shell's background, the tests' own signals are ignored, and a child inherits that.
        preexec_fn=lambda: signal.signal(sign, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".*.part")):
        assert time.monotonic() < deadline
        assert running.poll() is None
        time.sleep(0.05)
    running.send_signal(sign)
    _, said = running.communicate(timeout=60)
    assert running.returncode == status
    assert "Traceback" not in said
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


@pytest.mark.parametrize("format", ["csv", "parquet"])
def test_a_reader_that_stops_reading_is_no_error_message(command, tmp_path, format):
    write_csv(tmp_path / "a.csv", [os.urandom(20).hex() for _ in range(6000)])
    with (tmp_path / "said").open("w+") as said:
        arguments = [*command, "a.csv", "--output", "-", "--format", format]
        running = subprocess.Popen(arguments, cwd=tmp_path, stdout=subprocess.PIPE, stderr=said)
        running.stdout.close()
        assert running.wait(timeout=60) == 141
        said.seek(0)
        assert said.read() == ""


def test_a_progress_bar_on_a_terminal_and_none_in_a_pipe(command, run, tmp_path):
    write_csv(tmp_path / "a.csv", ["good"] * 3)
    assert "row/s" not in run("a.csv").stderr
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    subprocess.run([*command, "a.csv", "--force"], cwd=tmp_path, stderr=theirs, check=True)
    os.close(theirs)
    shown = b""
    try:
        while chunk := os.read(ours, 4096):
            shown += chunk
    except OSError:
        pass  # Linux says so when the other side is closed
    os.close(ours)
    assert b"100%" in shown
    assert b"3/3" in shown


def peak_memory(command, folder, name):
    """Bytes that the run had in memory at its peak."""
    running = subprocess.Popen([*command, name, "--force"], cwd=folder, stderr=subprocess.PIPE)
    said = running.stderr.read()
    _, status, usage = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    running.stderr.close()
    assert running.returncode == 0, said
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_memory_does_not_grow_with_the_file(command, tmp_path, name):
    few = ["good", "bad", "fine", "不好"]

    def write(rows):
        texts = few * (rows // len(few))
        if name.endswith("csv"):
            write_csv(tmp_path / name, texts)
        elif name.endswith("jsonl"):
            (tmp_path / name).write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
        else:
            pq.write_table(pa.table({"text": texts}), tmp_path / name)
        return peak_memory(command, tmp_path, name)

    small, large = write(2_000), write(40_000)
    assert large < 1.15 * small, f"{small / 2**20:.0f} MiB for 2,000 rows, {large / 2**20:.0f} MiB for 40,000"


def test_a_field_of_100_mb_is_scored(command, tmp_path):
    with (tmp_path / "a.csv").open("w") as file:
        file.write('text\ngood\n"')
        for _ in range(100):
            file.write("very bad\n" * 120_000)
        file.write('"\nfine\n')
    assert peak_memory(command, tmp_path, "a.csv") < 3 * 2**30
    scored = (tmp_path / "a.scored.csv").read_bytes()
    lines = scored[:500].split(b"\n")[1:2] + scored[-500:].split(b"\n")[-3:-1]
    assert [line.split(b",")[0] for line in lines] == [b"good", b'"', b"fine"]
    assert all(line.split(b",")[1].decode() in LABELS for line in lines)
    assert scored.count(b"very bad\n") == 100 * 120_000
