"""One table of settings: `Settings` below. Everything else that names a setting derives from it.

    python -m service.settings             prints the table with the values in force
    python -m service.settings --markdown  prints the table for the documentation

Each setting is an environment variable, UNDERTONE_ and the field's name in capitals. An empty value counts
as not set.
"""

import argparse
import difflib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from service.api_keys import EXPECTED as KEYS
from service.api_keys import split_keys
from service.cores import available_cores
from service.forwarded import EXPECTED as NETWORKS
from service.forwarded import networks_of

PREFIX = "UNDERTONE_"
GPU_DRIVER = Path("/dev/nvidiactl")


class SettingsError(ValueError):
    """One or more environment variables hold a value that can't be used. The message names them all."""


def _number(default: Any, low: int, high: int, unit: str, help: str, shown: str = "") -> Any:
    expected = f"a whole number from {low} to {high}"
    extra: dict[str, Any] = {"type": "whole number", "unit": unit, "range": f"{low} – {high}"}
    extra |= {"expected": expected, "shown": shown}
    kind = {"default_factory": default} if callable(default) else {"default": default}
    return Field(**kind, ge=low, le=high, description=help, json_schema_extra=extra)


def _word(default: Any, expected: str, help: str, pattern: str | None = None, shown: str = "") -> Any:
    extra: dict[str, Any] = {"type": "text", "unit": "", "range": expected, "expected": expected, "shown": shown}
    return Field(default, pattern=pattern, description=help, json_schema_extra=extra)


def _secret(expected: str, help: str, shown: str) -> Any:
    """Declare a setting whose value is never shown: not in the table, not in an error."""
    extra: dict[str, Any] = {"type": "secret", "unit": "", "range": expected, "expected": expected, "shown": shown}
    return Field(None, description=help, json_schema_extra=extra)


def _keys(value: SecretStr | None) -> SecretStr | None:
    """Refuses what can't be a list of API keys."""
    if value is not None:
        split_keys(value.get_secret_value())
    return value


def _networks(value: str) -> str:
    """Refuses what names no networks."""
    networks_of(value)
    return value


def _only_digits(value: Any) -> Any:
    """Refuses what pydantic would take for a whole number and people would not: 8000.0, 8_000."""
    if isinstance(value, str) and not (value.isascii() and value.isdecimal()):
        raise ValueError("not written in digits")
    return value


def _without_brackets(value: Any) -> Any:
    """[::1], as URLs have it, is ::1."""
    if isinstance(value, str) and ":" in value and value.startswith("[") and value.endswith("]"):
        return value[1:-1]
    return value


WholeNumber = Annotated[int, BeforeValidator(_only_digits)]


def _on_gpu(earlier: dict[str, Any]) -> bool:
    # The driver's device file is looked at, because torch.cuda must not be touched before the fork.
    return earlier["device"].startswith("cuda") or (earlier["device"] == "auto" and GPU_DRIVER.exists())


def _workers(earlier: dict[str, Any]) -> int:
    """One process on a GPU, else one a core up to 4: each holds its own torch and model, some 340 MB after warm-up."""
    return 1 if _on_gpu(earlier) else min(4, available_cores())


def _batch_size(earlier: dict[str, Any]) -> int:
    return 256 if _on_gpu(earlier) else 64


def _batch_tokens(earlier: dict[str, Any]) -> int:
    return 131_072 if _on_gpu(earlier) else 4096


def _torch_threads(earlier: dict[str, Any]) -> int:
    """What keeps workers times torch threads within the cores: more threads only take turns."""
    return max(1, available_cores() // int(earlier["workers"]))


class Settings(BaseModel):
    """The settings of the service and the batch script, checked. Read them with `from_environment`."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    host: Annotated[str, BeforeValidator(_without_brackets)] = _word(
        "127.0.0.1",
        "a host name or an address",
        "Address to listen on. 0.0.0.0 (IPv6: ::) answers other machines too, as the image does.",
        r"^[^\s/\[\]]+$",
    )
    port: WholeNumber = _number(8000, 1, 65535, "", "TCP port to listen on.")
    device: str = _word(
        "auto",
        "auto, cpu, cuda or cuda:N",
        "Where the network runs. auto takes the first GPU where there is one, else the processor; cuda is cuda:0.",
        r"^(auto|cpu|cuda(:[0-9]+)?)$",
    )
    model: str = _word(
        "artifacts/default/sentiment.pt", "the path of a file", "The artifact that is served, a sentiment.pt."
    )
    model_sha256: str | None = _word(
        None,
        "64 hexadecimal digits",
        "SHA-256 that the artifact must have. A different file is refused at the start.",
        r"^[0-9a-fA-F]{64}$",
        shown="not checked",
    )
    workers: WholeNumber = _number(
        _workers, 1, 256, "processes", "Worker processes; each loads the model.", "one a core, at most 4; 1 on a GPU"
    )
    connections: WholeNumber = _number(
        1000, 1, 100_000, "connections", "Connections that each worker holds; more wait until one is closed."
    )
    torch_threads: WholeNumber = _number(
        _torch_threads,
        1,
        256,
        "threads",
        "Threads in each worker that compute. Workers times these should not exceed the cores.",
        "cores divided by workers, at least 1",
    )
    batch_size: WholeNumber = _number(
        _batch_size, 1, 4096, "texts", "Texts that pass through the network together.", "64; 256 on a GPU"
    )
    batch_tokens: WholeNumber = _number(
        _batch_tokens,
        1,
        10_000_000,
        "tokens",
        "Tokens that pass through the network together; one text always does.",
        "4096; 131072 on a GPU",
    )
    batch_wait_ms: WholeNumber = _number(
        0, 0, 1000, "milliseconds", "Time that a busy worker waits for more texts after each batch; an idle one never."
    )
    queue_ms: WholeNumber = _number(
        150,
        1,
        600_000,
        "milliseconds",
        "Longest wait before the network that is accepted; a longer one is answered 429.",
    )
    deadline_ms: WholeNumber = _number(
        10_000, 10, 600_000, "milliseconds", "Time for the answer of the network; past it 504 is answered."
    )
    stuck_seconds: WholeNumber = _number(
        30,
        1,
        3600,
        "seconds",
        "Time for one batch; past it /livez answers 503, and past twice that the worker is replaced.",
    )
    max_body_bytes: WholeNumber = _number(
        1_048_576, 1024, 1_073_741_824, "bytes", "Largest request body; a larger one is answered 413."
    )
    max_texts: WholeNumber = _number(128, 1, 100_000, "texts", "Longest list of texts; a longer one is answered 422.")
    max_characters: WholeNumber = _number(
        20_000, 1, 10_000_000, "characters", "Longest text, in Unicode characters; a longer one is answered 422."
    )
    api_keys: Annotated[SecretStr | None, AfterValidator(_keys)] = _secret(
        KEYS, "API keys, comma-separated. With one set, every request but probes and the page needs one.", "none needed"
    )
    api_keys_file: str | None = _word(
        None, "the path of a file", "File with more API keys, one a line, such as a mounted secret.", shown="none"
    )
    forwarded_allow_ips: Annotated[str, AfterValidator(_networks)] = _word(
        "127.0.0.1,::1", NETWORKS, "Proxies whose X-Forwarded-For, -Proto, -Host and -Prefix count; * trusts everyone."
    )
    tls_cert: str | None = _word(
        None, "the path of a file", "Certificate and its chain, PEM. With it the service speaks HTTPS.", shown="none"
    )
    tls_key: str | None = _word(None, "the path of a file", "The certificate's key, PEM, unencrypted.", shown="none")
    log_level: Literal["debug", "info", "warning", "error"] = _word(
        "info", "debug, info, warning or error", "Least severe log lines that are written."
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read and check the settings.

        Parameters:
            environment: variables by name, default `os.environ`. Names outside the table are left alone.

        Returns:
            The settings, each within its range.

        Raises:
            SettingsError: values that can't be used; every one of them is named, with what was expected.
        """
        environment = os.environ if environment is None else environment
        given = {row.name: environment[row.variable].strip() for row in table() if environment.get(row.variable)}
        try:
            return cls.model_validate({name: value for name, value in given.items() if value})
        except ValidationError as error:
            raise SettingsError(_explain(error, given)) from None

    @property
    def bind(self) -> str:
        """Address and port to listen on; an IPv6 address stands in brackets."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def address(self) -> str:
        """The URL to listen on."""
        return f"{'https' if self.tls_cert else 'http'}://{self.bind}"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the settings table, all as text for people."""

    name: str
    variable: str
    type: str
    default: str
    range: str
    unit: str
    help: str
    expected: str


def table() -> list[Row]:
    """Return the settings table, in the order of `Settings`."""
    rows = []
    for name, field in Settings.model_fields.items():
        extra = field.json_schema_extra
        if not isinstance(extra, dict):
            raise TypeError(f"the setting {name} has no unit, range and help; declare it with _number or _word")
        text = {key: str(value) for key, value in extra.items()}
        default = text.pop("shown") or str(field.default)
        rows.append(Row(name, PREFIX + name.upper(), default=default, help=field.description or "", **text))
    return rows


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Return one sentence for each UNDERTONE_ variable that is no setting: most often a slip of the pen."""
    known = [row.variable for row in table()]
    sentences = []
    for variable in sorted(set(environment) - set(known)):
        if variable.startswith(PREFIX):
            close = difflib.get_close_matches(variable, known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            sentences.append(f"{variable} is no setting and has no effect{hint}")
    return sentences


def _explain(error: ValidationError, given: dict[str, str]) -> str:
    rows = {row.name: row for row in table()}
    lines = []
    for item in error.errors(include_url=False):
        if item["type"] == "default_factory_not_called":
            continue  # follows from another error
        row = rows[str(item["loc"][0])]
        shown = "… (not shown)" if row.type == "secret" else repr(given[row.name])
        line = (
            f"{row.variable}={shown} can't be used. Expected: {row.expected}. Set it to such a value, "
            f"or unset it for the default ({row.default})."
        )
        if given[row.name].startswith("tcp://"):
            line += " Kubernetes sets it for a service called undertone: set enableServiceLinks: false in the pod."
        elif row.name == "host" and "/" in given[row.name]:
            line += " It holds a /: give the name or the address alone, without http:// and without a path."
        lines.append(line)
    return "\n".join(lines)


def as_text(settings: Settings | None = None) -> str:
    """Return the table for a terminal, with the values in force where `settings` are given."""
    lines = []
    for row in table():
        lines += [row.variable if settings is None else f"{row.variable}={getattr(settings, row.name)}"]
        lines += [f"    {row.help}", f"    Default: {row.default}. Range: {row.range} {row.unit}".rstrip() + "."]
    return "\n".join(lines)


def as_markdown() -> str:
    """Return the table for the documentation."""
    lines = ["| variable | type | default | range | unit | what it does |", "|---|---|---|---|---|---|"]
    lines += [f"| `{r.variable}` | {r.type} | {r.default} | {r.range} | {r.unit} | {r.help} |" for r in table()]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print the table; see the head of this file. Returns the exit status: 2 for settings that can't be used."""
    parser = argparse.ArgumentParser(prog="python -m service.settings", description="Prints the settings table.")
    parser.add_argument("--markdown", action="store_true", help="as a Markdown table of the defaults")
    as_table = parser.parse_args(arguments).markdown
    try:
        sys.stdout.write((as_markdown() if as_table else as_text(Settings.from_environment())) + "\n")
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
