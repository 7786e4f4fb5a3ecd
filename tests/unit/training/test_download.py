"""Downloads against a server on this machine: broken, slow, wrong, and without any."""

import hashlib
import http.server
import io
import logging
import tarfile
import threading
import time
import zipfile

import pytest

from training import download
from training.download import Downloader, MissingCorpusError, ensure, fetch
from training.originals import ORIGINALS, Original, original_of

CONTENT = bytes(range(256)) * 2000  # 512,000 bytes


class Server(http.server.ThreadingHTTPServer):
    """Serves one file; breaks, stalls or forgets ranges as it is told."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = CONTENT
        self.break_after: list[int] = []  # bytes after which the next answers end early
        self.stall = False  # send half, then nothing
        self.trickle = False  # a byte at a time
        self.ranges = True  # honour Range
        self.asked: list[str | None] = []  # the Range header of each request
        self.url = f"http://127.0.0.1:{self.server_port}/corpus.bin"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self):
        asked = self.headers["Range"]
        self.server.asked.append(asked)
        content = self.server.content
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.server.ranges else 0
        if start >= len(content):
            self.send_response(416)
            self.send_header("Content-Range", f"bytes */{len(content)}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        body = content[start:]
        if self.server.break_after:
            self.wfile.write(body[: self.server.break_after.pop(0)])
        elif self.server.stall:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            time.sleep(1.5)
        elif self.server.trickle:
            try:
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    time.sleep(0.01)
            except ConnectionError:
                return  # the client has had enough, as it should
        else:
            self.wfile.write(body)
        self.close_connection = True

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def original(server, content=CONTENT, path="some/corpus.bin", **more):
    return Original(server.url, "sha256:" + hashlib.sha256(content).hexdigest(), path, **more)


def published(monkeypatch, *originals):
    """Let `ensure` find these instead of the published ones."""
    monkeypatch.setattr("training.originals.ORIGINALS", originals)


def test_a_file_comes_whole_and_nothing_is_left_beside_it(server, tmp_path):
    fetch(original(server), tmp_path, Downloader())
    assert (tmp_path / "some/corpus.bin").read_bytes() == CONTENT
    assert [path.name for path in (tmp_path / "some").iterdir()] == ["corpus.bin"]


def test_a_broken_transfer_goes_on_where_it_stopped(server, tmp_path):
    server.break_after = [100_000, 50_000]
    fetch(original(server), tmp_path, Downloader())
    assert (tmp_path / "some/corpus.bin").read_bytes() == CONTENT
    assert server.asked == [None, "bytes=100000-", "bytes=150000-"]


def test_the_next_run_goes_on_too(server, tmp_path):
    server.break_after = [100_000, 0]
    with pytest.raises(OSError, match="100000 bytes came"):
        fetch(original(server), tmp_path, Downloader())
    assert not (tmp_path / "some/corpus.bin").exists()
    fetch(original(server), tmp_path, Downloader())
    assert (tmp_path / "some/corpus.bin").read_bytes() == CONTENT
    assert server.asked[-1] == "bytes=100000-"


def test_a_server_that_knows_no_ranges_sends_all_again(server, tmp_path):
    server.ranges = False
    server.break_after = [100_000]
    fetch(original(server), tmp_path, Downloader())
    assert (tmp_path / "some/corpus.bin").read_bytes() == CONTENT


def test_a_part_that_was_whole_already_is_used(server, tmp_path):
    (tmp_path / "some").mkdir()
    (tmp_path / "some/corpus.bin.part").write_bytes(CONTENT)
    fetch(original(server), tmp_path, Downloader())
    assert (tmp_path / "some/corpus.bin").read_bytes() == CONTENT
    assert server.asked == ["bytes=512000-"]


def test_a_part_longer_than_the_file_goes(server, tmp_path):
    (tmp_path / "some").mkdir()
    part = tmp_path / "some/corpus.bin.part"
    part.write_bytes(CONTENT + b"more")
    with pytest.raises(OSError, match="longer than the file"):
        fetch(original(server), tmp_path, Downloader())
    assert not part.exists()


def test_a_wrong_hash_leaves_no_file_and_says_both(server, tmp_path, monkeypatch):
    published(monkeypatch, original(server, content=b"another"))
    with pytest.raises(MissingCorpusError) as error:
        ensure("some/corpus.bin", tmp_path)
    assert hashlib.sha256(b"another").hexdigest() in str(error.value)
    assert hashlib.sha256(CONTENT).hexdigest() in str(error.value)
    assert not list((tmp_path / "some").iterdir())


def test_a_server_that_falls_silent_is_given_up_in_time(server, tmp_path):
    server.stall = True
    began = time.monotonic()
    with pytest.raises(OSError, match="Read timed out"):
        fetch(original(server), tmp_path, Downloader(idle=0.1, limit=0.3))
    assert time.monotonic() - began < 3
    assert (tmp_path / "some/corpus.bin.part").stat().st_size >= 256_000


def test_a_server_that_trickles_meets_the_limit(server, tmp_path):
    server.trickle = True
    server.content = CONTENT[:400]  # four seconds of it
    began = time.monotonic()
    with pytest.raises(OSError, match=r"not done after 0\.3 seconds"):
        fetch(original(server), tmp_path, Downloader(limit=0.3))
    assert time.monotonic() - began < 3


def test_no_network_is_one_error_that_says_all(tmp_path, monkeypatch):
    nobody = Original("http://127.0.0.1:9/corpus.zip", "sha256:00ff", "some/corpus.zip", (("some/a.txt", "a.txt"),))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    published(monkeypatch, nobody)
    with pytest.raises(MissingCorpusError) as error:
        ensure("some/a.txt", tmp_path)
    message = str(error.value)
    for said in (
        "the corpus file some/a.txt is missing, and downloading it failed",
        f"looked for:  {tmp_path / 'some/a.txt'}",
        "http://127.0.0.1:9/corpus.zip (an archive: take a.txt out of it)",
        "sha256:00ff of the archive",
        "DATA_DIR",
        "make train RECIPE=starter",
    ):
        assert said in message


def test_without_leave_the_network_is_left_alone(server, tmp_path, monkeypatch):
    published(monkeypatch, original(server))
    with pytest.raises(MissingCorpusError, match="it was not to be downloaded"):
        ensure("some/corpus.bin", tmp_path, download=False)
    assert not server.asked


def test_a_file_that_is_there_is_not_fetched(server, tmp_path, monkeypatch):
    published(monkeypatch, original(server))
    (tmp_path / "some").mkdir()
    (tmp_path / "some/corpus.bin").write_bytes(b"mine")
    assert ensure("some/corpus.bin", tmp_path).read_bytes() == b"mine"
    assert not server.asked


def zipped(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def tarred(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


TREES = {"trees/train.txt": b"(2 a)", "trees/dev.txt": b"(2 b)", "trees/test.txt": b"(2 c)", "x/_train.txt": b""}


@pytest.mark.parametrize(("pack", "name"), [(zipped, "trees.zip"), (tarred, "trees.tar.gz")])
def test_an_archive_gives_its_members_but_no_test_split(server, tmp_path, monkeypatch, pack, name):
    server.content = pack(TREES)
    members = tuple((f"sst/trees/{split}.txt", f"trees/{split}.txt") for split in ("train", "dev"))
    published(monkeypatch, original(server, server.content, f"sst/{name}", members=members))
    assert ensure("sst/trees/dev.txt", tmp_path).read_bytes() == b"(2 b)"
    assert (tmp_path / "sst/trees/train.txt").read_bytes() == b"(2 a)"
    assert {path.name for path in tmp_path.rglob("*") if path.is_file()} == {"train.txt", "dev.txt"}


def test_an_archive_without_the_member_says_so(server, tmp_path, monkeypatch):
    server.content = zipped({"readme": b""})
    published(monkeypatch, original(server, server.content, "a.zip", members=(("a.txt", "a.txt"),)))
    with pytest.raises(MissingCorpusError, match=r"a\.zip holds no a\.txt"):
        ensure("a.txt", tmp_path)


def test_a_hash_that_is_not_known_is_written_down(server, tmp_path, caplog):
    with caplog.at_level(logging.WARNING):
        fetch(Original(server.url, None, "corpus.bin"), tmp_path, Downloader())
    seen = hashlib.sha256(CONTENT).hexdigest()
    assert (tmp_path / "corpus.bin.sha256").read_text(encoding="utf-8") == f"{seen}  corpus.bin\n"
    assert seen in caplog.text


def test_every_hash_but_one_is_known():
    assert [original.path for original in ORIGINALS if not original.known_hash] == [
        "amazon/domain_sentiment_data.tar.gz"
    ]
    lengths = {"sha256": 64, "md5": 32}
    for known in (original.known_hash for original in ORIGINALS if original.known_hash):
        kind, digest = known.split(":")
        assert len(digest) == lengths[kind]


def test_no_original_unpacks_a_test_split_or_the_domain_that_measures():
    unpacked = [file for original in ORIGINALS for file, _ in original.members]
    assert not [file for file in unpacked if "test" in file or "kitchen" in file]
    with pytest.raises(KeyError):
        original_of("sst/trees/test.txt")


def test_the_limits_are_finite():
    assert 0 < download.IDLE_SECONDS < download.LIMIT_SECONDS < 24 * 3600
