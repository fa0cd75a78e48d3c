"""A small RTSP server (RFC 2326, RTP over TCP): H.264 and G.711 sound, for tests of live sources.

It is written from the standards, knows nothing of Fairwitness, and can be cut off at any moment.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import av
import numpy as np

RATE: Final = 15
_LARGEST: Final = 1200
_SDP: Final = """v=0
o=- 0 0 IN IP4 127.0.0.1
s=lens
t=0 0
m=video 0 RTP/AVP 96
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1
a=control:video
m=audio 0 RTP/AVP 0
a=rtpmap:0 PCMU/8000
a=control:audio
"""


def _pictures() -> Iterator[bytes]:
    """H.264 in Annex B, a bright picture that gets darker, a key picture each second."""
    codec: Any = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = 320, 180, "yuv420p"
    codec.framerate, codec.time_base, codec.gop_size = RATE, Fraction(1, RATE), RATE
    codec.options = {"preset": "ultrafast", "tune": "zerolatency"}
    number = 0
    while True:
        pixels = np.full((270, 320), 128, dtype=np.uint8)
        pixels[:180] = 230 - number % 60
        frame = av.VideoFrame.from_ndarray(pixels, format="yuv420p")
        frame.pts, number = number, number + 1
        yield b"".join(bytes(packet) for packet in codec.encode(frame))


def _units(data: bytes) -> list[bytes]:
    parts = data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")
    return [part for part in parts if part]


class RtspServer:
    """Serves one stream on 127.0.0.1 to whoever comes, until it is closed."""

    def __init__(self, port: int = 0) -> None:
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port = int(self._listening.getsockname()[1])
        self.silent = threading.Event()  # set: the line stays open, but nothing comes
        self._ending = threading.Event()
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self.port}/lens"

    def close(self) -> None:
        """As if its plug were pulled."""
        self._ending.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)  # wakes who accepts
        self._listening.close()
        for line in self._lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _ = self._listening.accept()
                self._lines.append(line)
                threading.Thread(target=self._talk, args=[line], daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), line.makefile("rb") as asked:
            while first := asked.readline().decode().split():
                head = {}
                while text := asked.readline().decode().strip():
                    name, _, value = text.partition(":")
                    head[name.lower()] = value.strip()
                line.sendall(self._answer(first, head))
                if first[0] == "PLAY":
                    self._send(line)
                    return

    def _answer(self, first: list[str], head: dict[str, str]) -> bytes:
        more, body = "", ""
        if first[0] == "OPTIONS":
            more = "Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
        elif first[0] == "DESCRIBE":
            body = _SDP.replace("\n", "\r\n")
            more = f"Content-Base: {self.url}/\r\nContent-Type: application/sdp\r\n"
            more += f"Content-Length: {len(body)}\r\n"
        elif first[0] == "SETUP":
            more = f"Transport: {head['transport']}\r\n"
        session = "" if first[0] in {"OPTIONS", "DESCRIBE"} else "Session: 417\r\n"
        return f"RTSP/1.0 200 OK\r\nCSeq: {head['cseq']}\r\n{session}{more}\r\n{body}".encode()

    def _send(self, line: socket.socket) -> None:
        counts = [0, 0]

        def packet(track: int, kind: int, time_stamp: int, payload: bytes, *, last: bool) -> None:
            header = struct.pack(
                ">BBHII", 128, kind | (128 if last else 0), counts[track] & 0xFFFF, time_stamp, 1
            )
            counts[track] += 1
            data = header + payload
            line.sendall(b"$" + struct.pack(">BH", 2 * track, len(data)) + data)

        began = time.monotonic()
        for number, picture in enumerate(_pictures()):
            if self._ending.wait(max(0.0, began + number / RATE - time.monotonic())):
                return
            while self.silent.is_set() and not self._ending.is_set():
                time.sleep(0.05)
            units = _units(picture)
            for unit in units:
                for payload in _payloads(unit):
                    last = unit is units[-1] and payload[1] & 64 == 64
                    packet(0, 96, number * 90000 // RATE, payload, last=last or len(payload) < 3)
            loud = bytes([0x80, 0x00] * (8000 // RATE // 2))  # mu-law: the loudest square wave
            packet(1, 0, number * len(loud), loud, last=False)


def _payloads(unit: bytes) -> Iterator[bytes]:
    """A unit whole, or in fragments (RFC 6184, FU-A)."""
    if len(unit) <= _LARGEST:
        yield unit
        return
    head, rest = unit[0], unit[1:]
    for at in range(0, len(rest), _LARGEST):
        part = rest[at : at + _LARGEST]
        flags = (128 if at == 0 else 0) | (64 if at + _LARGEST >= len(rest) else 0)
        yield bytes([head & 0xE0 | 28, flags | head & 0x1F]) + part
