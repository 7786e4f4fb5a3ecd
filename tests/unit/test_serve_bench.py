"""The pieces of the serving bench: load that hides nothing, servers that start and end, tables that can say no."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread

import psutil
import pytest

from bench.pages import write_between
from bench.serve import PAGE, PARTS, check_quiet, main
from bench.serve_closed import Closed, closed_loop
from bench.serve_compared import Visit, ratios
from bench.serve_exactness import ASKED, WAYS, differences
from bench.serve_lists import list_share
from bench.serve_open import BROKEN, UNANSWERED, Open, open_loop
from bench.serve_overload import verdict
from bench.serve_quiet import Watch
from bench.serve_rates import plot_rates, rates_table
from bench.serve_servers import Contender, Memory, plain, running, undertone
from bench.serve_tables import spread
from bench.serve_texts import SHORT, bodies, cut_to
from models.predictor import Predictor

ROOT = Path(__file__).resolve().parents[2]
REVIEW = (
    "I went to see this film with a friend who had read the book twice, and neither of us thought that it was worth "
    "the money, although the music was lovely and the two leads did what they could with what they were given."
)
TEXTS = [REVIEW, "The flower is so beautiful", "我不喜欢数学", "not bad at all"]


class Stub:
    """What a peer under test answers: every `refuse_each`-th request 429, every `break_each`-th not at all, and
    nobody anything for `stall` seconds after the first."""

    def __init__(self, refuse_each: int = 0, break_each: int = 0, stall: float = 0.0, close: bool = False) -> None:
        self.refuse_each, self.break_each, self.stall, self.close = refuse_each, break_each, stall, close
        self.bodies: list[bytes] = []
        self.lock = Lock()


@contextmanager
def serving(stub: Stub) -> Iterator[int]:
    """The port on which `stub` answers."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with stub.lock:
                stub.bodies.append(body)
                number = len(stub.bodies)
                if number == 1:
                    time.sleep(stub.stall)
            if stub.break_each and number % stub.break_each == 0:
                self.close_connection = True
                return
            refused = stub.refuse_each and number % stub.refuse_each == 0
            self.send_response(429 if refused else 200)
            self.send_header("Content-Length", "2")
            if stub.close:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def predictor(default_artifact: Path) -> Predictor:
    return Predictor.load(default_artifact, "cpu")


def test_a_cut_text_has_the_tokens_asked_for_and_is_the_start_of_the_review(predictor: Predictor) -> None:
    cut = cut_to(REVIEW, SHORT, predictor.tokenizer)
    assert cut
    assert REVIEW.startswith(cut)
    assert len(predictor.tokenizer.ids([cut])[0]) == SHORT
    assert cut_to("too short", SHORT, predictor.tokenizer) is None


@pytest.mark.parametrize("close", [False, True])
def test_open_load_counts_every_request_by_what_became_of_it(tmp_path: Path, close: bool) -> None:
    stub = Stub(refuse_each=3, break_each=50, close=close)
    with serving(stub) as port:
        seen = open_loop(port, bodies(TEXTS), 100, 1, tmp_path)
    assert seen.counts == {"200": 65, "429": 33, BROKEN: 2}
    assert {json.loads(body)["text"] for body in stub.bodies} == set(TEXTS)
    assert 0 < seen.accepted["p50"] <= seen.accepted["p99"]
    assert seen.refused["p50"] > 0


def test_open_load_charges_a_stall_to_all_who_were_due_meanwhile(tmp_path: Path) -> None:
    with serving(Stub(stall=0.8)) as port:
        seen = open_loop(port, bodies(TEXTS), 100, 1, tmp_path)
    assert seen.counts == {"200": 100}
    # 80 of 100 were due in the stall and waited for what was left of it. A loop that waits for its answers before it
    # asks again would have seen one slow answer.
    assert seen.accepted["p50"] > 200
    assert seen.accepted["max"] >= 800


@pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")
def test_closed_load_counts_right_answers_alone(tmp_path: Path) -> None:
    stub = Stub(refuse_each=2)
    with serving(stub) as port:
        seen = closed_loop(port, bodies(TEXTS), 4, 1, tmp_path)
    assert 0 < seen.rate <= len(stub.bodies) / 1.5
    assert seen.not_2xx == pytest.approx(seen.rate, rel=0.3)
    assert 0 < seen.p50 <= seen.p99
    assert {json.loads(body)["text"] for body in stub.bodies} == set(TEXTS)


def test_the_watch_sees_what_others_use_and_not_its_own() -> None:
    busy = "import time\nend = time.monotonic() + 4\nwhile time.monotonic() < end: pass"
    orphan = subprocess.run(  # its parent ends at once, so it is no child of this process
        ["sh", "-c", f"{sys.executable} -c '{busy}' > /dev/null 2>&1 & echo $!"],
        capture_output=True,
        text=True,
        check=True,
    )
    number = int(orphan.stdout)
    own = subprocess.Popen([sys.executable, "-c", busy])
    try:
        with Watch() as watch:
            time.sleep(1.5)
        assert not watch.quiet
        assert watch.others > 0.1
        assert str(own.pid) not in watch.who
        with pytest.raises(RuntimeError, match="measure all the same with --busy"):
            check_quiet(0.5)
    finally:
        own.kill()
        own.wait()
        psutil.Process(number).kill()


def visit(rate: float, p50: float, p99: float) -> Visit:
    seen = Closed(rate, p50, p99, p99, 0, 0, 0)
    return Visit(seen, seen, seen, Memory(1, 1, 1))


def test_ratios_are_taken_within_a_round_and_can_fail() -> None:
    own = [visit(300, 10, 10), visit(30, 100, 100), visit(250, 10, 10)]
    flask = [visit(100, 10, 40), visit(10, 100, 400), visit(100, 5, 40)]
    litserve = [visit(100, 10, 20), visit(10, 100, 200), visit(200, 10, 20)]
    lines = ratios(own, flask, litserve).splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    assert [(row[2], row[3]) for row in cells] == [
        ("3.00 (2.50 – 3.00) ×", "yes"),
        ("3.00 (1.25 – 3.00) ×", "yes"),
        ("0.50 (0.50 – 0.50) ×", "yes"),
        ("1.00 (1.00 – 2.00) ×", "yes"),
    ]
    assert "**no**" in ratios(flask, own, litserve)


def opened(offered: float, counts: dict[str, int], accepted: float, refused: float) -> Open:
    shares = ({"p50": p99 / 2, "p99": p99, "max": p99} if p99 else {} for p99 in (accepted, refused))
    return Open(offered, counts, *shares, lag_p99=0.1, cpu_share=0.1)


def test_overload_is_passed_by_200_and_429_in_time_alone() -> None:
    good = verdict(100, opened(200, {"200": 900, "429": 1100}, 240, 40), 10)
    assert "**no**" not in good
    assert "900 (90 a second)" in good
    for counts, accepted, refused, failing in (
        ({"200": 900, "429": 1099, "503": 1}, 240, 40, ["anything else"]),
        ({"200": 900, "429": 1099, BROKEN: 1}, 240, 40, ["anything else"]),
        ({"200": 900, "429": 1100}, 251, 51, ["p99 of 200", "p99 of 429"]),
        ({"200": 2000}, 240, 0, ["p99 of 429"]),
    ):
        lines = verdict(100, opened(200, counts, accepted, refused), 10).splitlines()
        assert [line.strip("| ").split("  ")[0].split(" |")[0] for line in lines if "**no**" in line] == failing


def test_rates_end_where_a_server_gave_up_and_say_what_was_lost(tmp_path: Path) -> None:
    own = [opened(100, {"200": 100}, 10, 0), opened(200, {"200": 150, "429": 50}, 20, 5)]
    seen = {"Undertone": own, "other": [opened(100, {UNANSWERED: 100}, 0, 0)]}
    rows = rates_table((100, 200, 300), seen).splitlines()[2:]
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    assert cells == [["100", "5.0 / 10", "none (100.0%)"], ["200", "10.0 / 20 (25.0%)", ""]]
    picture = tmp_path / "pictures" / "rates.png"
    plot_rates(seen, 1, picture)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_without_wrk_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    monkeypatch.setenv("PATH", "")
    assert main(["--quick"]) == 1
    assert "apt-get install wrk" in capsys.readouterr().err


def test_a_spread_of_one_is_the_figure_alone() -> None:
    assert spread([1234.5], 0) == "1,234"
    assert spread([3, 1, 2], 1) == "2.0 (1.0 – 3.0)"


def test_the_page_has_a_place_for_each_part(tmp_path: Path) -> None:
    page = tmp_path / PAGE
    shutil.copy(ROOT / "docs" / PAGE, page)
    for part in PARTS:
        write_between(page, part, f"the figures of {part}")
        assert f"the figures of {part}" in page.read_text()


def test_the_service_is_started_measured_and_ended(
    tmp_path: Path, predictor: Predictor, default_artifact: Path
) -> None:
    with running(undertone(), default_artifact, tmp_path) as server:
        found = differences(server, predictor, TEXTS * 5, list_size=7)
        assert set(found) == set(WAYS)
        assert max(found.values()) <= ASKED["cpu"]
        assert min(list_share(server, predictor, TEXTS, 0)) > 0
        memory = server.memory()
        assert 50 < memory.largest <= memory.total
        seen = open_loop(server.port, bodies(TEXTS), 20, 1, tmp_path)
        assert seen.counts == {"200": 20}
        processes = [server.process.pid, *(one.pid for one in psutil.Process(server.process.pid).children(True))]
    assert not any(psutil.pid_exists(pid) for pid in processes)


def test_a_peer_answers_as_the_predictor_does(tmp_path: Path, predictor: Predictor, default_artifact: Path) -> None:
    with running(plain(), default_artifact, tmp_path) as server:
        status, answer = server.ask("POST", "/predict", bodies([REVIEW])[0])
    assert status == 200
    assert json.loads(answer)["probabilities"] == pytest.approx(predictor.predict([REVIEW])[0].probabilities)


def test_a_server_that_ends_says_why(tmp_path: Path, default_artifact: Path) -> None:
    wrong = Contender("wrong", (sys.executable, "-c", "raise SystemExit('no such thing')"), "")
    with (
        pytest.raises(RuntimeError, match=r"ended with status 1; its log ends so:\nno such thing"),
        running(wrong, default_artifact, tmp_path),
    ):
        pass
