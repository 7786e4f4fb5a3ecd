from service.pace import MEMORY, Pace


def test_the_pace_follows_what_was_measured_last():
    pace = Pace()
    for _ in range(20):
        pace.add(MEMORY, MEMORY * 1e-5)
    slow = Pace()
    for _ in range(20):
        slow.add(MEMORY, MEMORY * 1e-3)
    assert abs(pace.seconds(1000) - 0.01) < 1e-4
    assert abs(slow.seconds(1000) - 1.0) < 1e-2


def test_a_large_batch_says_more_than_a_small_one():
    pace = Pace()
    pace.add(MEMORY, MEMORY * 1e-5)
    pace.add(1, 1e-3)  # a hundred times as slow
    assert pace.seconds(1000) < 0.012
