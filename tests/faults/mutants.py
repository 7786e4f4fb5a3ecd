"""Requests that are wrong in one or several ways, made from valid ones by a seeded chance.

A mutant says what it is: `well_formed` ones keep HTTP's own rules (RFC 9112), so they must get an answer from the
application; of the others only that nothing breaks can be asked.
"""

import copy
import gzip
import json
import random
from dataclasses import dataclass

NDJSON = "application/x-ndjson"
LONG = "lovely " * 3_000  # more characters than a review may have
DEEP = "[" * 20_000
TEXTS = [
    "not good at all",
    "i do not think the flower is beautiful",
    "我不喜欢数学",
    "great 🙂, isn't it?",
    "OK. " * 300,
]
ODD_TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "\ud800",
    "\udc00\ud800",
    "\ufeff",
    "\u202e evil",
    "é" * 50,
    LONG,
    "\x7f\x1b[0m",
    "﷽" * 99,
]
ODD_VALUES = [
    *ODD_TEXTS,
    None,
    True,
    0,
    -1,
    1,
    0.5,
    -0.0,
    10**400,
    1e308,
    [],
    {},
    [[]],
    [None] * 3,
    ["a"] * 300,
    {"": 0},
]
TOKENS = [
    b"NaN",
    b"Infinity",
    b"1e999",
    b"-",
    b'\\"',
    b"\\u0000",
    b"\\ud800",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\0",
]
TOKENS += [
    b"\r\n\r\n",
    b"\n",
    b"//",
    b"/*",
    b",",
    b"}",
    b"]",
    b'"',
    b":",
    b"{",
    b'{"text":',
    b"\xef\xbb\xbf",
    b"9" * 5_000,
]
TYPES = [
    "text/plain",
    "application/json; charset=utf-16",
    "application/json;charset=",
    "application/JSON",
    "a",
    "",
    ";;;",
]
TYPES += [
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/*",
]
TYPES += [
    "application/json, text/plain",
    "application/json; charset=utf-8; charset=latin-1",
    "application/x-ndjson",
    '"',
]
HEADERS = [
    ("Content-Encoding", "gzip"),
    ("Content-Encoding", "br, identity"),
    ("Accept", "text/html;q=a, */*;q=-1"),
    ("Accept-Encoding", "gzip;q=nan"),
    ("X-Request-Id", "with blanks"),
    ("X-Request-Id", "x" * 2_000),
    ("X-Request-Id", "\xe9"),
    ("Expect", "100-continue"),
    ("Range", "bytes=0-1"),
    ("If-Match", "*"),
    ("If-Modified-Since", "yesterday"),
    ("Connection", "close, keep-alive"),
    ("Connection", "Upgrade, HTTP2-Settings"),
    ("Upgrade", "websocket"),
    ("Cookie", "a=" + "b" * 3_000),
    ("Authorization", "Basic !!!"),
    ("X-API-Key", "\xff"),
    ("X-Forwarded-For", "1.2.3.4, ::1, x"),
    ("X-Forwarded-Proto", "javascript"),
    ("X-Forwarded-Prefix", "//evil.example"),
    ("X-Forwarded-Host", "a b"),
    ("Forwarded", "for=;;"),
    ("X-HTTP-Method-Override", "DELETE"),
    ("Origin", "null"),
    ("Inference-Header-Content-Length", "10"),
    ("Trailer", "X-Request-Id"),
    ("TE", "trailers"),
]
NO_HEADERS = [
    ("X-Review", "a\x7fb"),
    ("X-Review", "a\x01"),
    ("X Review", "a"),
    ("", "a"),
    ("X-Review\t", "a"),
    ("Host", "b"),
]
METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "M-SEARCH"]
PATHS = [
    "/",
    "//predict",
    "/predict/",
    "/predict?text=a&text=b",
    "/predict?%ff=%",
    "/%70redict",
    "/predict%00",
    "/../predict",
]
PATHS += [
    "/" + "a" * 1_500,
    "/predict;a=b",
    "/%e9",
    "/page/../../etc/passwd",
    "/page/%2e%2e%2fapp.py",
    "/v2/models/%2f/infer",
]


@dataclass(frozen=True, slots=True)
class Seed:
    """A valid request: path, content type and JSON value; for NDJSON a list of the lines' values."""

    path: str
    media: str
    value: object

    def body(self, value, ascii_only):
        """Return `value` as the body of such a request."""
        if self.media == NDJSON and isinstance(value, list):
            return "".join(json.dumps(line, ensure_ascii=ascii_only) + "\n" for line in value).encode()
        return json.dumps(value, ensure_ascii=ascii_only).encode()


@dataclass(frozen=True, slots=True)
class Mutant:
    """One request as bytes, and what was done to it."""

    method: str
    path: str
    data: bytes
    done: tuple[str, ...]
    well_formed: bool


def mutants(seeds, count, seed):
    """Yield `count` mutants of `seeds`; the same ones for the same number `seed`."""
    chance = random.Random(seed)
    for _ in range(count):
        yield _mutant(chance, chance.choice(seeds))


def _mutant(chance, seed):
    done = []
    path, value, headers = seed.path, seed.value, [("Content-Type", seed.media)]
    body = seed.body(value, ascii_only=chance.random() < 0.5)
    method, framing, well_formed = "POST", "length", True
    for kind in chance.choices(
        ("structure", "bytes", "encoding", "type", "header", "method", "path", "framing", "length", "no header"),
        (35, 30, 8, 5, 10, 3, 3, 8, 6, 2),
        k=chance.choice((1, 1, 1, 2, 3)),
    ):
        done.append(kind)
        if kind == "structure":
            value = _other_structure(chance, value)
            body = seed.body(value, ascii_only=True)
        elif kind == "bytes":
            body = _other_bytes(chance, body)
        elif kind == "encoding":
            body = _other_encoding(chance, body)
        elif kind == "type":
            headers = [("Content-Type", chance.choice(TYPES))]
        elif kind == "header":
            headers.append(chance.choice(HEADERS))
        elif kind == "no header":
            headers.append(chance.choice(NO_HEADERS))
            well_formed = False
        elif kind == "method":
            method = chance.choice(METHODS)
        elif kind == "path":
            path = chance.choice(PATHS)
        elif kind == "framing":
            framing = "chunked"
        elif kind == "length":
            framing, well_formed = chance.choice(("short", "long", "twice", "both", "none", "negative", "chunk")), False
    head = [f"{method} {path} HTTP/1.1", "Host: localhost", "Connection: close"]
    head += [f"{name}: {text}" for name, text in headers]
    fields, sent = _framed(chance, framing, body)
    data = ("\r\n".join(head + fields) + "\r\n\r\n").encode("latin-1") + sent
    return Mutant(method, path, data, tuple(done), well_formed)


def _other_structure(chance, value):
    """Replace, remove, add, wrap or repeat something anywhere in a JSON value."""
    value = copy.deepcopy(value)
    places = list(_places(value))
    if not places or chance.random() < 0.1:
        return chance.choice([*ODD_VALUES, [value], {"text": value}, [value] * 3])
    holder, key = chance.choice(places)
    kind = chance.choice(("replace", "replace", "remove", "add", "wrap", "repeat"))
    if kind == "replace":
        holder[key] = chance.choice(ODD_VALUES)
    elif kind == "remove":
        del holder[key]
    elif kind == "wrap":
        holder[key] = [holder[key]]
    elif isinstance(holder, dict):
        holder[chance.choice(("texts", "text", "spans", "", "\ud800", "~/~0", "x" * 500))] = chance.choice(ODD_VALUES)
    else:
        holder.extend([chance.choice(ODD_VALUES) if kind == "add" else holder[key]] * chance.choice((1, 7, 200)))
    return value


def _places(value):
    for key in list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield value, key
        yield from _places(value[key])


def _other_bytes(chance, body):
    """Flip, cut, double or insert bytes at one to eight places."""
    body = bytearray(body)
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(body) + 1)
        kind = chance.choice(("flip", "cut", "double", "token", "noise", "end", "deep"))
        if kind == "flip" and at < len(body):
            body[at] ^= 1 << chance.randrange(8)
        elif kind == "cut":
            del body[at : at + chance.choice((1, 2, 20))]
        elif kind == "double":
            body[at:at] = body[at : at + 50]
        elif kind == "token":
            body[at:at] = chance.choice(TOKENS)
        elif kind == "noise":
            body[at:at] = chance.randbytes(chance.choice((1, 4, 200)))
        elif kind == "end":
            del body[at:]
        elif kind == "deep" and chance.random() < 0.2:
            body[at:at] = DEEP.encode()
    return bytes(body)


def _other_encoding(chance, body):
    name = chance.choice(("utf-16", "utf-32", "utf-8-sig", "utf-7", "gzip", "cp500"))
    return gzip.compress(body) if name == "gzip" else body.decode("utf-8", "replace").encode(name, "replace")


def _framed(chance, framing, body):
    """Return the header fields that say how long the body is, and the body as it is sent."""
    size = len(body)
    if framing == "chunked":
        return ["Transfer-Encoding: chunked"], _chunks(chance, body)
    if framing == "chunk":
        wrong = chance.choice((b"zz", b"-1", b"ffffffffffffffff", b"", b"5;" + b"x" * 9_000, b"0x2", b"1 "))
        return ["Transfer-Encoding: chunked"], wrong + b"\r\n" + body + b"\r\n0\r\n\r\n"
    fields = {
        "length": [f"Content-Length: {size}"],
        "short": [f"Content-Length: {chance.randrange(size + 1)}"],
        "long": [f"Content-Length: {size + chance.choice((1, 10**6, 10**12, 10**30))}"],
        "twice": [f"Content-Length: {size}", f"Content-Length: {size + 1}"],
        "both": [f"Content-Length: {size}", "Transfer-Encoding: chunked"],
        "none": [],
        "negative": [f"Content-Length: {chance.choice(('-1', '+5', '5.0', '0x5', '', '५', '1_0'))}"],
    }
    return [line.encode().decode("latin-1") for line in fields[framing]], body


def _chunks(chance, body):
    sent = bytearray()
    while body:
        size = chance.choice((1, 3, 100, 5_000))
        sent += b"%x%s\r\n" % (len(body[:size]), chance.choice((b"", b"", b";a=b"))) + body[:size] + b"\r\n"
        body = body[size:]
    return bytes(sent) + b"0\r\n" + chance.choice((b"", b"", b"X-Trailer: a\r\n")) + b"\r\n"
