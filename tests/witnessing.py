"""Outside witnesses in processes of their own, as oversight runs them, and one that lies."""

import contextlib
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.serving import PROGRAM, free_port

from fairwitness.formats import policy


@dataclass
class Outsider:
    """A witness's folder, and its process while it runs."""

    folder: Path
    vkey: str
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @classmethod
    def make(cls, folder: Path, *, log: str, name: str = "oversight.example/w1") -> "Outsider":
        made = subprocess.run(
            [PROGRAM, "witness", "init", "--folder", folder, "--name", name, "--log", log],
            capture_output=True,
            check=True,
            text=True,
        )
        return cls(folder, made.stdout.strip(), free_port())

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def line(self, name: str = "oversight") -> str:
        """Its line in a policy file."""
        return f"witness {name} {self.vkey} {self.url}\n"

    def start(self) -> None:
        listen = f"127.0.0.1:{self.port}"
        self.process = subprocess.Popen(
            [PROGRAM, "witness", "run", "--folder", self.folder, "--listen", listen],
            stdout=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(f"{self.url}/", timeout=2)  # noqa: S310 # our own address
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the witness did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


def witnesses(*lines: str) -> tuple[policy.Witness, ...]:
    """The witnesses of a policy file of these lines."""
    return policy.parse("".join([*lines, "quorum none\n"]).encode()).witnesses


@contextlib.contextmanager
def liar(*, status: int, kind: str, body: bytes, remembers: bytes = b"") -> Iterator[str]:
    """A server that answers whatever it likes to a checkpoint; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._say(status, kind, body)

        def do_GET(self) -> None:
            self._say(200 if remembers else 404, "text/plain", remembers)

        def _say(self, code: int, what: str, data: bytes) -> None:
            self.send_response(code)
            self.send_header("Content-Type", what)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=[0.05])
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
