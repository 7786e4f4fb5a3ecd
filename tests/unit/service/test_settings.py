import pytest

from service import settings as module
from service.cores import available_cores
from service.settings import Settings, SettingsError, as_markdown, as_text, main, table, unknown_variables


def test_defaults_hold_without_an_environment():
    settings = Settings.from_environment({})
    assert (settings.port, settings.device, settings.max_body_bytes) == (8000, "auto", 1_048_576)
    assert (settings.max_texts, settings.max_characters, settings.model_sha256) == (128, 20_000, None)


def test_every_variable_is_read():
    given = {
        "HOST": "::1",
        "PORT": "9000",
        "DEVICE": "cuda:1",
        "MODEL": "/m/sentiment.pt",
        "MODEL_SHA256": "aB" * 32,
        "WORKERS": "3",
        "CONNECTIONS": "5",
        "TORCH_THREADS": "2",
        "BATCH_SIZE": "32",
        "BATCH_TOKENS": "999",
        "BATCH_WAIT_MS": "2",
        "QUEUE_MS": "70",
        "DEADLINE_MS": "700",
        "STUCK_SECONDS": "9",
        "MAX_BODY_BYTES": "2048",
        "MAX_TEXTS": "7",
        "MAX_CHARACTERS": "11",
        "API_KEYS": "0123456789abcdef",
        "API_KEYS_FILE": "/run/secrets/keys",
        "FORWARDED_ALLOW_IPS": "10.0.0.0/8,::1",
        "TLS_CERT": "/tls/tls.crt",
        "TLS_KEY": "/tls/tls.key",
        "LOG_LEVEL": "debug",
    }
    settings = Settings.from_environment({f"UNDERTONE_{name}": value for name, value in given.items()})
    read = settings.model_dump() | {"api_keys": settings.api_keys.get_secret_value()}
    assert {name.upper(): str(value) for name, value in read.items()} == given
    assert settings.address == "https://[::1]:9000"


def test_all_bad_values_are_named_at_once_with_what_was_expected():
    bad = {
        "UNDERTONE_PORT": "70000",
        "UNDERTONE_DEVICE": "gpu",
        "UNDERTONE_WORKERS": "two",
        "UNDERTONE_CONNECTIONS": "4",
    }
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment(bad)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert "UNDERTONE_PORT='70000'" in lines[0]
    assert "from 1 to 65535" in lines[0]
    assert "auto, cpu, cuda or cuda:N" in lines[1]
    assert "UNDERTONE_WORKERS='two'" in lines[2]


@pytest.mark.parametrize("row", table(), ids=lambda row: row.name)
def test_an_empty_value_counts_as_not_set(row):
    assert Settings.from_environment({row.variable: " "}) == Settings.from_environment({})


@pytest.mark.parametrize("row", [row for row in table() if row.type == "whole number"], ids=lambda row: row.name)
def test_numbers_outside_their_range_are_refused(row):
    low, high = (int(end) for end in row.range.split(" – "))
    for inside in (low, high):
        assert getattr(Settings.from_environment({row.variable: str(inside)}), row.name) == inside
    for outside in (low - 1, high + 1, "1.5", "0x10", "nan", f"{high}.0", "1_000"):
        with pytest.raises(SettingsError, match=row.variable):
            Settings.from_environment({row.variable: str(outside)})


@pytest.mark.parametrize(
    ("host", "read"), [("[::1]", "::1"), ("[::]", "::"), ("::1", "::1"), ("example.org", "example.org")]
)
def test_a_host_may_stand_in_brackets_as_in_a_url(host, read):
    settings = Settings.from_environment({"UNDERTONE_HOST": host})
    assert settings.host == read
    assert settings.address == f"http://{f'[{read}]' if ':' in read else read}:8000"


@pytest.mark.parametrize("host", ["http://127.0.0.1", "127.0.0.1/24", "/tmp/socket"])
def test_a_host_with_a_slash_is_refused_with_the_reason(host, monkeypatch, capsys):
    monkeypatch.setenv("UNDERTONE_HOST", host)
    assert main([]) == 2
    assert "It holds a /" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["[::1", "::1]", "[]", "[name]"])
def test_a_host_with_other_brackets_is_refused(host):
    with pytest.raises(SettingsError, match="UNDERTONE_HOST"):
        Settings.from_environment({"UNDERTONE_HOST": host})


def test_the_variable_that_kubernetes_sets_for_a_service_is_explained():
    with pytest.raises(SettingsError, match="enableServiceLinks"):
        Settings.from_environment({"UNDERTONE_PORT": "tcp://10.0.0.7:8000"})


def test_unknown_variables_are_told_with_the_likeliest_name():
    sentences = unknown_variables({"UNDERTONE_WORKRES": "4", "UNDERTONE_PORT": "1", "PATH": "/bin"})
    assert sentences == ["UNDERTONE_WORKRES is no setting and has no effect; did you mean UNDERTONE_WORKERS?"]


@pytest.mark.parametrize(("cores", "workers", "threads"), [(1, 1, 1), (2, 2, 1), (4, 4, 1), (16, 4, 4)])
def test_workers_times_torch_threads_fill_the_cores(monkeypatch, tmp_path, cores, workers, threads):
    monkeypatch.setattr(module, "available_cores", lambda: cores)
    monkeypatch.setattr(module, "GPU_DRIVER", tmp_path / "none")
    settings = Settings.from_environment({})
    assert (settings.workers, settings.torch_threads) == (workers, threads)


def test_one_worker_on_a_gpu(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "GPU_DRIVER", tmp_path)
    monkeypatch.setattr(module, "available_cores", lambda: 8)
    assert Settings.from_environment({}).workers == 1
    for device in ("cuda", "cuda:0"):
        assert Settings.from_environment({"UNDERTONE_DEVICE": device}).workers == 1
    assert Settings.from_environment({"UNDERTONE_DEVICE": "cpu"}).workers == 4


def test_torch_threads_follow_the_workers_that_were_asked_for(monkeypatch):
    monkeypatch.setattr(module, "available_cores", lambda: 8)
    assert Settings.from_environment({"UNDERTONE_WORKERS": "2"}).torch_threads == 4


@pytest.mark.parametrize(
    ("quota", "least"), [("100000 100000", 1), ("50000 100000", 1), ("max 100000", None), ("", None)]
)
def test_the_quota_of_a_container_counts(tmp_path, quota, least):
    file = tmp_path / "cpu.max"
    file.write_text(quota)
    assert available_cores(file) == (least or available_cores(tmp_path / "none"))


def test_every_setting_is_declared_whole():
    for row in table():
        assert row.help.endswith(".")
        assert row.default
        assert row.expected
        assert row.variable in as_text()
        assert f"`{row.variable}`" in as_markdown()


def test_command_prints_values_in_force(monkeypatch, capsys):
    monkeypatch.setenv("UNDERTONE_PORT", "8111")
    assert main([]) == 0
    assert "UNDERTONE_PORT=8111" in capsys.readouterr().out


def test_command_fails_for_values_that_cannot_be_used(monkeypatch, capsys):
    monkeypatch.setenv("UNDERTONE_PORT", "x")
    assert main([]) == 2
    assert "UNDERTONE_PORT" in capsys.readouterr().err
    assert main(["--markdown"]) == 0


@pytest.mark.parametrize(
    "value", ["short", "0123456789abcde!", "0123456789abcdef,short", "0123456789abcdef schlüssel" * 2, ","]
)
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(value):
    with pytest.raises(SettingsError, match="UNDERTONE_API_KEYS=… ") as caught:
        Settings.from_environment({"UNDERTONE_API_KEYS": value})
    assert "16 to 256 characters" in str(caught.value)
    assert all(part not in str(caught.value) for part in ("short", "0123", "schl"))


def test_keys_are_in_no_listing(monkeypatch, capsys):
    monkeypatch.setenv("UNDERTONE_API_KEYS", "0123456789abcdef,fedcba9876543210")
    assert main([]) == 0
    settings = Settings.from_environment()
    listings = capsys.readouterr().out + str(settings) + repr(settings) + settings.model_dump_json()
    assert "UNDERTONE_API_KEYS=****" in listings
    assert "0123" not in listings
    assert "fedc" not in listings
