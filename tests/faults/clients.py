"""A client that knows what it sent and what came back, on which connection: raw HTTP/1.1 over asyncio.

http.client mends too much (it opens anew, it takes what is left of an answer for one) to tell a lost request from an
idle connection that the server closed.
"""

import asyncio
import json
import socket
import time
from dataclasses import dataclass

JSON = {"Content-Type": "application/json"}
SECONDS = 30
_NO_BODY = (204, 304)


class Lost(Exception):
    """A request was sent and no whole answer came back; the message says what came instead."""


class Refused(Exception):
    """No connection could be made, so nothing was sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: status, headers by lower-case name, body, seconds since the request began to be sent."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float

    def json(self):
        return json.loads(self.body)


def request_bytes(method, path, body=b"", headers=None):
    """Return a whole request; Host and Content-Length are added."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Connection:
    """One TCP connection to the service on `port` of this machine, opened by the first use."""

    def __init__(self, port):
        self.port = port
        self.asked = 0  # requests since it was opened
        self._socket = None
        self._received = bytearray()

    async def __aenter__(self):
        await self.open()
        return self

    async def __aexit__(self, *_):
        self.close()

    async def open(self):
        """Open it where it isn't. Raises Refused."""
        if self._socket is not None:
            return
        opened = socket.socket()
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            async with asyncio.timeout(SECONDS):
                await asyncio.get_running_loop().sock_connect(opened, ("127.0.0.1", self.port))
        except OSError as error:
            opened.close()
            raise Refused(str(error)) from None
        self._socket, self._received, self.asked = opened, bytearray(), 0

    def close(self, reset=False):
        """Close it; with `reset` at once, so that the server sees a reset."""
        if self._socket is not None:
            if reset:
                self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self._socket.close()
            self._socket = None

    def closed_by_server(self):
        """Whether the server has closed it, as far as is known here and now: no request can be sent any more."""
        if self._socket is None:
            return False
        try:
            return self._socket.recv(1, socket.MSG_PEEK) == b""
        except BlockingIOError:
            return False
        except OSError:
            return True

    def end_sending(self):
        """Close this side only: the server can still answer."""
        self._socket.shutdown(socket.SHUT_WR)

    async def send(self, data):
        """Send bytes as they are. Raises Lost where the server takes no more."""
        await self.open()
        try:
            await asyncio.get_running_loop().sock_sendall(self._socket, data)
        except OSError as error:
            raise Lost(f"{type(error).__name__} while sending") from None

    async def ask(self, method, path, body=b"", headers=None, timeout=SECONDS):
        """Send one request and return its answer. Raises Refused, Lost."""
        await self.open()
        self.asked += 1
        return await self.exchange(request_bytes(method, path, body, headers), method, timeout)

    async def exchange(self, data, method="POST", timeout=SECONDS):
        """Send the bytes of one request and return its answer, even one that comes before all is sent."""
        await self.open()
        started = time.perf_counter()
        sending = asyncio.ensure_future(self.send(data))
        try:
            return await self.answer(method, timeout, started)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def answer(self, method="POST", timeout=SECONDS, started=None):
        """Return the next answer on this connection. Raises Lost; what came instead is in the message."""
        started = time.perf_counter() if started is None else started
        try:
            async with asyncio.timeout(timeout):
                status, headers = await self._head()
                while status == 100:
                    status, headers = await self._head()
                body = b"" if method == "HEAD" or status in _NO_BODY else await self._body(headers)
        except TimeoutError:
            raise Lost(f"nothing for {timeout} s after {bytes(self._received[:80])!r}") from None
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body, time.perf_counter() - started)

    async def rest(self, timeout=SECONDS):
        """Return everything until the server closes."""
        try:
            async with asyncio.timeout(timeout):
                while await self._more():
                    pass
        except TimeoutError:
            raise Lost(f"still open after {timeout} s, and {len(self._received)} bytes") from None
        return bytes(self._received)

    async def _head(self):
        lines = (await self._until(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines[1:] if line)
        return int(lines[0].split(" ")[1]), {name.lower(): value.strip() for name, _, value in pairs}

    async def _body(self, headers):
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = bytearray()
            while size := int(await self._until(b"\r\n"), 16):
                body += (await self._exactly(size + 2))[:-2]
            await self._until(b"\r\n")
            return bytes(body)
        if "content-length" in headers:
            return await self._exactly(int(headers["content-length"]))
        return await self.rest()

    async def _until(self, mark):
        while (end := self._received.find(mark)) < 0:
            await self._more_or_lost()
        return self._take(end + len(mark))

    async def _exactly(self, size):
        while len(self._received) < size:
            await self._more_or_lost()
        return self._take(size)

    def _take(self, size):
        taken = bytes(self._received[:size])
        del self._received[:size]
        return taken

    async def _more_or_lost(self):
        if not await self._more():
            received = bytes(self._received[:80])
            self.close()
            raise Lost(f"closed after {received!r}" if received else "closed without an answer")

    async def _more(self):
        try:
            chunk = await asyncio.get_running_loop().sock_recv(self._socket, 65536)
        except OSError as error:
            received = bytes(self._received[:80])
            self.close()
            raise Lost(f"{type(error).__name__} after {received!r}") from None
        self._received += chunk
        return bool(chunk)
