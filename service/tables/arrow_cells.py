"""Arrow arrays -> cells: what the values of a Parquet file look like in CSV and JSONL."""

import base64
import json
import math
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from service.tables.table import Cell, JsonText


def is_text(kind: Any) -> bool:
    """Whether an Arrow type holds strings: as such, as bytes (old writers) or through a dictionary."""
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    tests = ("string", "large_string", "string_view", "binary", "large_binary", "binary_view")
    return any(getattr(pa.types, f"is_{test}")(kind) for test in tests)


def text_bytes(array: Any) -> list[bytes | None]:
    """The bytes of each string: Parquet does not promise that they are UTF-8."""
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    values: list[bytes | None] = array.cast(pa.large_binary()).to_pylist()
    return values


def cells(array: Any) -> list[Cell]:
    """One cell a value. Times are ISO 8601, bytes base64, NaN is no value; nested values are JSON."""
    kind = array.type
    if pa.types.is_dictionary(kind):
        return cells(array.dictionary_decode())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_fixed_size_binary(kind):
        return [None if value is None else _base64(value) for value in array.to_pylist()]
    if is_text(kind):
        return [None if value is None else value.decode("utf-8", "replace") for value in text_bytes(array)]
    if pa.types.is_temporal(kind):
        return _times(array)
    return [_cell(value) for value in array.to_pylist()]


def _times(array: Any) -> list[Cell]:
    """As Arrow writes them, to the nanosecond, which Python's own types do not hold."""
    kind = array.type
    if pa.types.is_timestamp(kind) and kind.tz:
        # By way of integers: formatting in UTC needs no table of time zones, which slim images lack.
        utc = array.cast(pa.int64()).cast(pa.timestamp(kind.unit)).cast(pa.string()).to_pylist()
        return [None if value is None else value + "Z" for value in utc]
    values: list[Cell] = array.cast(pa.string()).to_pylist()
    return values


def _cell(value: Any) -> Cell:
    if isinstance(value, Decimal):
        return JsonText(value)
    value = _plain(value)
    if value is None or isinstance(value, str):
        return value
    return JsonText(json.dumps(value, ensure_ascii=False, default=str))


def _plain(value: Any) -> Any:
    """The value in JSON's own types. JSON has no NaN and no infinity."""
    match value:
        case float() if not math.isfinite(value):
            return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case dict():
            return {str(name): _plain(member) for name, member in value.items()}
        case list() | tuple():
            return [_plain(member) for member in value]
        case bytes():
            return _base64(value)
        case datetime() | date() | time():
            return value.isoformat()
    return value


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")
