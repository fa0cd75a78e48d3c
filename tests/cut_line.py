"""A line to a server that a test can hold after so many bytes, cut, and mend."""

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_PART = 64 << 10


class CutLine:
    """Forwards connections to `target`; what goes up to it is counted.

    Attributes:
        url: to reach the server by.
        carried: bytes that went up.
    """

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._target = (parts.hostname or "", parts.port or 80)
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.carried = 0
        self._change = threading.Condition()
        self._room: int | None = None
        self._cut = False
        self._open: set[socket.socket] = set()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.cut()
        self._server.close()

    def hold(self, room: int) -> None:
        """Let so many more bytes up, then none."""
        with self._change:
            self._room = room

    def wait_until_held(self, seconds: float = 120) -> None:
        """Wait until that many went up."""
        with self._change:
            assert self._change.wait_for(lambda: self._room == 0, seconds)

    def cut(self) -> None:
        """End every connection, and take none."""
        with self._change:
            self._cut = True
            self._change.notify_all()
            for end in self._open:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        """Everything goes through again."""
        with self._change:
            self._cut, self._room = False, None
            self._change.notify_all()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with near:
            if self._cut:
                return
            with socket.create_connection(self._target) as far:
                with self._change:
                    self._open |= {near, far}
                down = threading.Thread(target=self._pump, args=(far, near, int), daemon=True)
                down.start()
                self._pump(near, far, self._taken)
                down.join()
                with self._change:
                    self._open -= {near, far}

    def _pump(
        self, source: socket.socket, sink: socket.socket, admit: Callable[[int], int]
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(_PART):
                while data:
                    now = admit(len(data))
                    if not now:
                        break
                    sink.sendall(data[:now])
                    data = data[now:]
                if data:
                    break
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _taken(self, size: int) -> int:
        """How many bytes may go up now; none once the line is cut."""
        with self._change:
            self._change.wait_for(lambda: self._cut or self._room is None or self._room > 0)
            if self._cut:
                return 0
            if self._room is not None:
                size = min(size, self._room)
                self._room -= size
                self._change.notify_all()
            self.carried += size
            return size
