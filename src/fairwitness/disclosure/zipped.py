"""A bundle as a ZIP that is made while it is sent: nothing of it ever lies on a disk in the clear.

Members are stored, not compressed (video does not shrink), all under one folder, in the order in
which they are written; the signed statement comes last, so that a download that was cut is never
mistaken for a whole one. The last part, with the end of the ZIP, leaves only when whoever makes the
bundle is done: when all before it has been sent, and the disclosure is written down.
"""

import hashlib
import io
import queue
import threading
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Final

from fairwitness.errors import FairwitnessError
from fairwitness.formats import bundle
from fairwitness.formats.bundle import Digest

_PART: Final = 256 << 10
_WAITING: Final = 8
_PATIENCE: Final = 60.0
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_GONE: Final = "Whoever downloaded this has gone."


class DownloadGone(FairwitnessError):
    """Whoever downloaded has gone; what was sent is no bundle."""

    code = "export.download_gone"


class Pipe(io.RawIOBase):
    """A file that can only be written; what is written waits for the reader, a little at a time."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: queue.Queue[bytes | BaseException | None] = queue.Queue(_WAITING)
        self._held = bytearray()
        self._gone = threading.Event()
        self._sending = threading.Condition()
        self._unsent = 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: object) -> int:
        """Take bytes in; waits while the reader is behind."""
        view = memoryview(data).cast("B")  # type: ignore[arg-type] # any buffer, as files take
        self._held += view
        while len(self._held) > _PART:  # so that something is held back to the end
            self._put(bytes(self._held[:_PART]))
            del self._held[:_PART]
        return len(view)

    def end(self, error: BaseException | None = None) -> None:
        """No more is written; or the writer failed."""
        if error is None and self._held:
            self._put(bytes(self._held))
        if not self._gone.is_set():
            self._put(error)

    def drain(self) -> None:
        """Wait until all but what is held back has been sent.

        Raises:
            DownloadGone: the reader has gone, or takes nothing.
        """
        with self._sending:
            if not self._sending.wait_for(self._is_sent, _PATIENCE) or self._gone.is_set():
                self._gone.set()
                raise DownloadGone(_GONE)

    def _is_sent(self) -> bool:
        return self._unsent == 0 or self._gone.is_set()

    def _put(self, part: bytes | BaseException | None) -> None:
        waited = 0.0
        while not self._gone.is_set():
            try:
                self._parts.put(part, timeout=1.0)
            except queue.Full:
                waited += 1.0
                if waited >= _PATIENCE:
                    self._gone.set()
            else:
                with self._sending:
                    self._unsent += 1
                return
        raise DownloadGone(_GONE)

    def leave(self) -> None:
        """The reader goes; the next write fails."""
        self._gone.set()
        with self._sending:
            self._sending.notify_all()

    def parts(self) -> Iterator[bytes]:
        """What is written, as it comes; raises what the writer raised."""
        while (part := self._parts.get()) is not None:
            if isinstance(part, BaseException):
                raise part
            yield part
            with self._sending:  # whoever asks for the next has sent this one
                self._unsent -= 1
                self._sending.notify_all()


class ZipSink:
    """Writes a bundle's files into a ZIP, taking note of each; a `Sink` of `export`."""

    def __init__(self, pipe: Pipe, folder: str) -> None:
        self._pipe = pipe
        self._zip = zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED)
        self._folder = folder
        self._bag = bundle.BagWriter()

    def write(self, path: str, chunks: Iterable[bytes]) -> Digest:
        """Write one file and take note of its digest.

        Raises:
            BundleInvalid: if the path is not allowed or is taken.
        """
        bundle.demand_path(path)
        digest = self._store(path, chunks)
        self._bag.add(path, digest)
        return digest

    def close(self, *, source: str, identifier: str, made_on: date, training: bool = False) -> str:
        """Write the bag's own files; the SHA-256 of the tag manifest in hex."""
        digest = ""
        for path, data in self._bag.close(
            source=source, identifier=identifier, made_on=made_on, training=training
        ).items():
            digest = self._store(path, [data]).sha256
        return digest

    def sign_off(self, envelope: bytes) -> None:
        """Write the signed disclosure statement and the end of the ZIP, and hold its last part.

        Raises:
            DownloadGone: the reader has gone, so that nothing was disclosed.
        """
        self._store(bundle.DISCLOSURE, [envelope])
        self._zip.close()
        self._pipe.drain()

    def _store(self, path: str, chunks: Iterable[bytes]) -> Digest:
        hasher, size = hashlib.sha256(), 0
        member = zipfile.ZipInfo(f"{self._folder}/{path}", _EPOCH)
        member.external_attr = 0o644 << 16
        with self._zip.open(member, "w", force_zip64=True) as file:
            for chunk in chunks:
                hasher.update(chunk)
                size += file.write(chunk)
        return Digest(size, hasher.hexdigest())


class Download:
    """A ZIP being made in a thread of its own, read as it comes.

    Args:
        folder: the folder that all members lie in.
        make: writes the bundle to the sink that it is given.
    """

    def __init__(self, folder: str, make: Callable[[ZipSink], object]) -> None:
        self._pipe = Pipe()
        self._folder = folder
        self._make = make
        self._thread = threading.Thread(target=self._run, name="export", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._make(ZipSink(self._pipe, self._folder))
        except BaseException as error:  # noqa: BLE001 - handed to the reader, who raises it
            try:
                self._pipe.end(error)
            except DownloadGone:
                return
        else:
            self._pipe.end()

    def parts(self) -> Iterator[bytes]:
        """The ZIP's bytes, a part at a time; raises what stopped the export."""
        return self._pipe.parts()

    def close(self) -> None:
        """Go: an export that is still running stops at its next write."""
        self._pipe.leave()
