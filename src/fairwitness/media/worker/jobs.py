"""The jobs by name, and how each hands its bytes back."""

import importlib
import pkgutil
import socket
from collections.abc import Callable

import av
import av.logging

from fairwitness.media import wire
from fairwitness.media.wire import Kind
from fairwitness.media.worker import encoding, picturing, probing, remuxing, sounding, trailing
from fairwitness.media.worker.opening import Refused
from fairwitness.media.worker.reading import Remote

__all__ = ["Refused", "run"]

Facts = dict[str, object]
Options = dict[str, int]

av.logging.set_level(None)


def load_everything() -> None:
    """Import what PyAV would import only on first use: once confined, no file can be opened."""
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


class Sender:
    """Sends a job's bytes to the parent: `begin` once, then `write`."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def begin(self, total: int) -> None:
        """Say how many bytes will follow."""
        wire.send(self._sock, Kind.BEGIN, wire.pack_total(total))

    def write(self, data: bytes | memoryview) -> None:
        """Send some of them."""
        view = memoryview(data)
        for start in range(0, len(view), wire.LONGEST_READ):
            wire.send(self._sock, Kind.OUTPUT, view[start : start + wire.LONGEST_READ])


def run(job: str, size: int, options: Options, sock: socket.socket) -> Facts:
    """Run `job` on the footage behind `sock`.

    Raises:
        Refused: it can't be done on this footage.
        KeyError: there is no such job.
    """
    return _JOBS[job](Remote(sock, size), options, Sender(sock))


def _probe(remote: Remote, _options: Options, _sender: Sender) -> Facts:
    return probing.probe(remote)


def _working_copy(remote: Remote, _options: Options, sender: Sender) -> Facts:
    return remuxing.remux(remote, begin=sender.begin, write=sender.write)


def _encoded(remote: Remote, _options: Options, sender: Sender) -> Facts:
    sender.begin(wire.OPEN)
    return encoding.encode(remote, write=sender.write)


def _poster(remote: Remote, options: Options, sender: Sender) -> Facts:
    jpeg, facts = picturing.poster(remote, at_ms=options["at_ms"], width=options["width"])
    sender.begin(len(jpeg))
    sender.write(jpeg)
    return facts


def _strip(remote: Remote, options: Options, sender: Sender) -> Facts:
    jpeg, facts = picturing.strip(
        remote,
        duration_ms=options["duration_ms"],
        stills=options["stills"],
        width=options["width"],
        height=options["height"],
    )
    sender.begin(len(jpeg))
    sender.write(jpeg)
    return facts


def _waveform(remote: Remote, options: Options, sender: Sender) -> Facts:
    peaks = sounding.peaks(remote, per_second=options["per_second"])
    sender.begin(len(peaks))
    sender.write(peaks)
    return {"per_second": options["per_second"]}


def _trail(remote: Remote, _options: Options, sender: Sender) -> Facts:
    packed, facts = trailing.trail(remote)
    sender.begin(len(packed))
    sender.write(packed)
    return facts


_JOBS: dict[str, Callable[[Remote, Options, Sender], Facts]] = {
    "probe": _probe,
    "working_copy": _working_copy,
    "encoded": _encoded,
    "poster": _poster,
    "strip": _strip,
    "waveform": _waveform,
    "trail": _trail,
}
