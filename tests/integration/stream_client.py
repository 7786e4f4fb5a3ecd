"""A client that reads a stream's answers while it sends its lines."""

import http.client
import json
import threading
from contextlib import contextmanager


class Stream:
    """One POST /predict/stream over `connection`: send lines, end, read answers, in any order."""

    def __init__(self, connection, path="/predict/stream"):
        self.connection = connection
        connection.putrequest("POST", path)
        connection.putheader("Content-Type", "application/x-ndjson")
        connection.putheader("Transfer-Encoding", "chunked")
        connection.endheaders()
        self._answer = None

    def send(self, data):
        self.connection.send(b"%x\r\n%b\r\n" % (len(data), data))

    def say(self, *values):
        self.send(b"".join(json.dumps(value).encode() + b"\n" for value in values))

    def end(self):
        self.connection.send(b"0\r\n\r\n")

    @property
    def answer(self):
        if self._answer is None:
            self._answer = self.connection.getresponse()
        return self._answer

    def next(self):
        """Return the next line, None at the end."""
        line = self.answer.readline()
        return json.loads(line) if line else None

    def rest(self):
        return [json.loads(line) for line in self.answer]

    def send_all(self, pieces):
        """Send pieces and the end from a thread; a server that closes ends it."""

        def run():
            try:
                for piece in pieces:
                    self.send(piece)
                self.end()
            except OSError:
                pass

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread


@contextmanager
def stream_to(port, timeout=60):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    stream = Stream(connection)
    try:
        yield stream
    finally:
        if stream._answer is not None:
            stream._answer.close()
        connection.close()
