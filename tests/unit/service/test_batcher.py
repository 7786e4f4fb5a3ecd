"""The queue of a worker: many requests at once, as greenlets, before one network."""

import math
import time

import gevent
import pytest

from service.batcher import Batcher
from service.problems import Problem
from service.settings import Settings
from service.ticket import tokens_of
from service.trace import trace

TEXTS = ["great", "awful, awful", "我喜欢数学", "I did not like it at all, not one bit of it", "ok", "very bad " * 30]


class Delayed:
    """A real predictor that takes its time, notes what comes together, and fails at one word."""

    def __init__(self, predictor, seconds=0.0):
        self._predictor, self.seconds = predictor, seconds
        self.name, self.version, self.max_tokens = predictor.name, predictor.version, predictor.max_tokens
        self.batches = []

    def read(self, texts):
        self.batches.append(list(texts))
        if "boom" in texts:
            raise RuntimeError("boom")
        return self._predictor.read(texts)

    def classify(self, readings, batch_size):
        time.sleep(self.seconds)
        return self._predictor.classify(readings, batch_size)


def never():
    return False


def settings(**given):
    return Settings(device="cpu", **({"queue_ms": 60_000} | given))


def ask_all(batcher, predictor, requests, **options):
    asked = [gevent.spawn(batcher.predict, predictor, texts, never, **options) for texts in requests]
    gevent.joinall(asked)
    return asked


def test_requests_that_come_together_are_read_together_and_each_gets_its_own_answers(predictor):
    slow = Delayed(predictor, 0.02)
    requests = [[text] for text in TEXTS] + [TEXTS, TEXTS[::-1]]
    answers = ask_all(Batcher(settings()), slow, requests)
    for texts, answer in zip(requests, answers, strict=True):
        alone = [predictor.predict([text])[0] for text in texts]
        assert [one.probabilities for one in answer.value] == [
            pytest.approx(one.probabilities, abs=1e-5) for one in alone
        ]
    assert len(slow.batches) < len(requests)
    assert sum(map(len, slow.batches)) == 3 * len(TEXTS)


def test_a_batch_holds_no_more_than_the_settings_say(predictor):
    slow = Delayed(predictor)
    ask_all(Batcher(settings(batch_size=4)), slow, [TEXTS * 3])
    assert max(map(len, slow.batches)) == 4
    few = Delayed(predictor)
    ask_all(Batcher(settings(batch_tokens=40)), few, [["a good film, " * 10] * 6])
    assert len(few.batches) == 6


def test_a_long_list_does_not_keep_a_single_text_waiting(predictor):
    slow = Delayed(predictor, 0.02)
    batcher = Batcher(settings(batch_size=4))
    long = gevent.spawn(batcher.predict, slow, ["good"] * 100, never)
    gevent.sleep(0.03)
    single = gevent.spawn(batcher.predict, slow, ["bad"], never)
    single.join()
    assert not long.ready()
    long.join()
    assert len(long.value) == 100


def test_what_would_wait_too_long_is_refused_at_once_and_told_when_to_come_again(predictor):
    slow = Delayed(predictor, 0.05)
    batcher = Batcher(settings(queue_ms=10, batch_size=1))
    long = "very good " * 50
    batcher.predict(slow, [long] * 10, never)  # learns the pace
    first = gevent.spawn(batcher.predict, slow, [long], never)
    gevent.sleep(0.01)
    began = time.monotonic()
    with pytest.raises(Problem) as refused:
        batcher.predict(slow, ["good"], never)
    assert time.monotonic() - began < 0.01
    assert refused.value.code == 429
    assert refused.value.headers["Retry-After"] == "1"
    assert len(batcher.predict(slow, ["good"], never, patient=True)) == 1
    assert first.get()


def test_past_the_deadline_it_is_504_and_what_is_left_is_dropped(predictor):
    slow = Delayed(predictor, 0.1)
    batcher = Batcher(settings(deadline_ms=150, batch_size=1))
    with pytest.raises(Problem) as late:
        batcher.predict(slow, ["good"] * 5, never)
    assert late.value.code == 504
    gevent.sleep(0.3)
    assert len(slow.batches) == 2
    assert batcher.waiting_texts() == 0


def test_the_texts_of_a_client_that_left_are_dropped(predictor):
    slow = Delayed(predictor, 0.1)
    batcher = Batcher(settings(batch_size=1))
    first = gevent.spawn(batcher.predict, slow, ["good"], never)
    left = gevent.spawn(batcher.predict, slow, ["bad"] * 3, lambda: True)
    stays = gevent.spawn(batcher.predict, slow, ["ok"], never)
    gevent.joinall([first, left, stays])
    assert left.exception.code == 499
    assert slow.batches == [["good"], ["ok"]]


def test_one_text_that_fails_does_not_harm_those_read_with_it(predictor):
    slow = Delayed(predictor)
    ask = [["good"], ["boom"], ["bad", "boom"], ["awful"]]
    good, boom, mixed, awful = ask_all(Batcher(settings()), slow, ask)
    assert good.value[0].label == predictor.predict(["good"])[0].label
    assert awful.value[0].label == predictor.predict(["awful"])[0].label
    assert isinstance(boom.exception, RuntimeError)
    assert isinstance(mixed.exception, RuntimeError)


def test_after_a_failure_the_next_request_is_answered(predictor):
    slow = Delayed(predictor)
    batcher = Batcher(settings())
    for _ in range(3):
        with pytest.raises(RuntimeError):
            batcher.predict(slow, ["boom"], never)
    assert batcher.predict(slow, ["good"], never)


def test_what_waits_when_the_model_changes_is_read_by_the_model_that_it_came_for(predictor):
    before, after = Delayed(predictor, 0.03), Delayed(predictor, 0.03)
    batcher = Batcher(settings(batch_size=2))
    asked = [gevent.spawn(batcher.predict, model, ["good", "bad"], never) for model in (before, after, before, after)]
    gevent.joinall(asked, raise_error=True)
    assert sum(map(len, before.batches)) == sum(map(len, after.batches)) == 4


def test_other_work_is_done_alone_in_its_turn(predictor):
    slow = Delayed(predictor, 0.02)
    batcher = Batcher(settings())
    asked = [gevent.spawn(batcher.predict, slow, ["good"], never) for _ in range(2)]
    worked = gevent.spawn(batcher.work, slow, "bad", never, lambda model: model.version)
    asked += [gevent.spawn(batcher.predict, slow, ["bad"], never) for _ in range(2)]
    gevent.joinall([*asked, worked], raise_error=True)
    assert worked.value == predictor.version
    failing = gevent.spawn(batcher.work, slow, "bad", never, lambda model: 1 / 0)
    failing.join()
    assert isinstance(failing.exception, ZeroDivisionError)


def test_a_panic_of_the_tokenizer_is_an_error_of_its_text_and_ends_nothing_else(predictor, monkeypatch):
    class PanicException(BaseException):
        """As errors of Rust are here: no Exception."""

    slow = Delayed(predictor)
    batcher = Batcher(settings(deadline_ms=2_000))

    def panics(texts):
        if "boom" in texts:
            raise PanicException("boom")
        return predictor.read(texts)

    monkeypatch.setattr(slow, "read", panics)
    boom, good = ask_all(batcher, slow, [["boom"], ["good"]])
    assert isinstance(boom.exception, RuntimeError)
    assert "PanicException" in trace(boom.exception)
    assert len(good.value) == 1
    assert len(batcher.predict(slow, ["good"], never)) == 1


def test_a_short_text_behind_long_ones_waits_as_long_as_they_do(predictor):
    slow = Delayed(predictor, 0.02)
    batcher = Batcher(settings(batch_size=1))
    long = "very good " * 50
    asked = [gevent.spawn(batcher.predict, slow, [long], never) for _ in range(5)]
    asked += [gevent.spawn(batcher.work, slow, "good", never, lambda model: model.version) for _ in range(5)]
    gevent.sleep(0)
    heavy = 5 * 40 + 5 * 64
    assert batcher.expected_wait(1) == pytest.approx(batcher.expected_wait(heavy), rel=0.05)
    gevent.joinall(asked, raise_error=True)


def test_where_nobody_takes_batches_any_more_it_counts_as_stuck(predictor, monkeypatch):
    slow = Delayed(predictor)
    batcher = Batcher(settings(deadline_ms=100))
    batcher.predict(slow, ["good"], never)
    monkeypatch.setattr(batcher, "_gather", lambda: 1 / 0)
    with pytest.raises(Problem):
        batcher.predict(slow, ["good"], never)
    assert batcher.computing_seconds() == math.inf


def test_how_long_the_network_has_been_at_it_is_known(predictor):
    slow = Delayed(predictor, 0.2)
    batcher = Batcher(settings())
    assert batcher.computing_seconds() == 0
    asked = gevent.spawn(batcher.predict, slow, ["good"], never)
    gevent.sleep(0.1)
    assert 0.05 < batcher.computing_seconds() < 0.2
    asked.join()
    assert batcher.computing_seconds() == 0


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 1), ("abcdefgh", 3), ("数学", 2), ("x" * 10_000, 64), ("数" * 9_999, 64)]
)
def test_tokens_are_guessed_from_the_length(text, tokens):
    assert tokens_of(text, 64) == tokens


def test_the_guess_is_near_the_count(predictor):
    for text in (
        "It was not the worst film that I have ever seen, but it was close.",
        "这家店的服务态度非常不好, 下次不会再来了",
    ):
        (reading,) = predictor.read([text])
        assert 0.5 < tokens_of(text, predictor.max_tokens) / reading.whole < 2
