"""Films for tests of signed video: small made-up pictures in real MP4 files, with real seals.

The pictures decode to nothing; only their units matter. Seals of our camera are made by its own
signer; those of other cameras are written here, byte by byte, from the published descriptions.
"""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from fairwitness.camera.footage import Encoder
from fairwitness.camera.settings import Picture
from fairwitness.camera.video_signing import PictureSigner
from fairwitness.formats import signed_video, video_samples
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.picture_units import escape
from fairwitness.formats.signed_video import VideoReport

PUBLISHED = (
    Path(__file__).parents[2] / "shared" / "vectors" / "onvif-media-signing/examples/test-files"
)
STARTED = datetime(2017, 6, 8, 22, 13, 10, tzinfo=UTC)
KEY = SigningKey.generate()
OTHER_KEY = SigningKey.generate()
KEY_PICTURE, PICTURE, OTHER_PICTURE = b"\x65\x88", b"\x41\x9a", b"\x42\x9a"

Sample = list[bytes]
"""The units of one picture."""


def read(data: bytes) -> VideoReport:
    return signed_video.check(lambda at, length: data[at : at + length], size=len(data))


def units_of(data: bytes) -> list[bytes]:
    """Every unit of the video, in order, whatever it is for."""

    def at(offset: int, length: int) -> bytes:
        return data[offset : offset + length]

    track = video_samples.find_track(at, size=len(data))
    units = []
    for sample in video_samples.samples(at, track, size=len(data)):
        place = sample.offset
        while place < sample.offset + sample.size:
            length = int.from_bytes(at(place, track.length_size), "big")
            place += track.length_size + length
            units.append(at(place - length, length))
    return units


def flipped(data: bytes, *, picture: int) -> bytes:
    """The file with one bit of one picture changed."""

    def at(offset: int, length: int) -> bytes:
        return data[offset : offset + length]

    track = video_samples.find_track(at, size=len(data))
    sample = list(video_samples.samples(at, track, size=len(data)))[picture]
    other = bytearray(data)
    other[sample.offset + sample.size - 2] ^= 1
    return bytes(other)


def pictures(groups: int = 4, each: int = 5, *, seed: int = 0) -> list[Sample]:
    """Groups of pictures of two units each, all different."""
    film = []
    for number in range(groups * each):
        head = KEY_PICTURE if number % each == 0 else PICTURE
        first = hashlib.sha256(f"{seed}/{number}".encode()).digest()
        film.append([head + first + b"\x80", PICTURE[:1] + b"\x20" + first[::-1] + b"\x80"])
    return film


def signed(
    film: Sequence[Sample], *, key: SigningKey = KEY, ends: bool = True, serial: str = "00417"
) -> list[Sample]:
    """The film as our camera signs it; cut off before its last seal unless it `ends`."""
    signer = PictureSigner(
        key=key, serial=serial, firmware="test 1", started_at=STARTED, frames_per_second=5
    )
    packets = []
    for sample in film:
        packet = b"".join(b"\0\0\0\1" + unit for unit in sample)
        packets.append(signer.add(packet, key_picture=sample[0].startswith(b"\x65")))
    if ends:
        packets[-1] = signer.end(packets[-1])
    return [packet.split(b"\0\0\0\1")[1:] for packet in packets]


def flat(film: Sequence[Sample]) -> list[bytes]:
    return [unit for sample in film for unit in sample]


def _box(kind: str, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind.encode()) + body


def _full(kind: str, *parts: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags), *parts)


def mp4(film: Sequence[Sample], *, width: int = 4, hevc: bool = False, index: bool = True) -> bytes:
    """A plain MP4 of the samples, five a second, its index at the end; two samples a chunk."""
    packed = [
        b"".join(len(unit).to_bytes(width, "big") + unit for unit in sample) for sample in film
    ]
    head = _box("ftyp", b"isom\0\0\0\0")
    media = _box("mdat", *packed)
    place, offsets = len(head) + 8, []
    for number, sample in enumerate(packed):
        if number % 2 == 0:
            offsets.append(place)
        place += len(sample)
    configuration = (
        _box("hvcC", bytes(21) + bytes([0xFC | (width - 1)]))
        if hevc
        else _box("avcC", b"\1\x64\0\x1e" + bytes([0xFC | (width - 1)]))
    )
    entry = _box("hvc1" if hevc else "avc1", bytes(78), configuration)
    chunks = struct.pack(">III", 1, 2, 1)
    runs = 1
    if len(packed) % 2:
        chunks += struct.pack(">III", len(offsets), 1, 1)
        runs = 2
    table = _box(
        "stbl",
        _full("stsd", struct.pack(">I", 1), entry),
        _full("stts", struct.pack(">III", 1, len(packed), 200)),
        _full("stsc", struct.pack(">I", runs), chunks),
        _full(
            "stsz",
            struct.pack(">II", 0, len(packed)),
            *(struct.pack(">I", len(sample)) for sample in packed),
        ),
        _full(
            "stco",
            struct.pack(">I", len(offsets)),
            *(struct.pack(">I", offset) for offset in offsets),
        ),
    )
    media_head = _full("mdhd", struct.pack(">IIII", 0, 0, 1000, len(packed) * 200), bytes(4))
    handler = _full("hdlr", bytes(4), b"vide", bytes(13))
    track = _box(
        "trak",
        _full("tkhd", struct.pack(">III", 0, 0, 1), bytes(68)),
        _box("mdia", media_head, handler, _box("minf", table)),
    )
    return head + media + (_box("moov", track) if index else b"")


# Seals of other cameras


def anchored(units: Sequence[bytes]) -> list[bytes]:
    """The digests of a group's units as a seal lists them."""
    raw = [hashlib.sha256(unit).digest() for unit in units]
    return [raw[0], *(hashlib.sha256(raw[0] + each).digest() for each in raw[1:])]


@dataclass
class OtherCamera:
    """Writes seals in either scheme, in all the forms that the descriptions allow."""

    key: SigningKey = field(default_factory=SigningKey.generate)
    counter: int = 0
    link: bytes = bytes(32)

    def onvif(
        self,
        digests: Sequence[bytes],
        *,
        certificates: bytes,
        partial: bool = False,
        listed: bool = True,
        sign: bool = True,
        escaped: bool = False,
        hevc: bool = False,
    ) -> bytes:
        self.counter += 1
        general = (
            b"\1\0\0\4" + bytes([partial]) + struct.pack(">qIH", 0, self.counter, len(digests))
        )
        general += hashlib.sha256(b"".join(digests)).digest() + self.link
        self.link = digests[0]
        fields = self._field(4, b"\1\x0b" + bytes.fromhex("0609608648016503040201") + b"\0\0\0")
        fields += self._field(6, b"\1\0" + certificates) + self._field(1, general)
        fields += self._field(2, b"\1" + b"".join(digests)) if listed else b""
        uuid = bytes.fromhex("005bc93f2d715e95ada4796f90877a6f")
        reserved = b"\x40" if escaped else b"\0"
        head = b"\x4e\1" if hevc else b"\6"
        return self._whole(head, uuid + reserved, fields, sign=sign, escaped=escaped, signature=3)

    def card(self, certificates: bytes) -> bytes:
        """A unit that brings certificates only."""
        uuid = bytes.fromhex("005bc93f2d715e95ada4796f90877a6f")
        fields = self._field(6, b"\1\0" + certificates)
        return self._whole(b"\6", uuid + b"\x80", fields, sign=False, escaped=False, signature=3)

    def axis(self, digests: Sequence[bytes], *, old: bool = False, listed: bool = True) -> bytes:
        self.counter += 1
        count = struct.pack(">IH", self.counter, len(digests))
        if old:
            general = b"\1" + count + b"\1\1\3"
        else:
            general = b"\4" + count + b"\2\3\x08\1" + struct.pack(">qq", 1, 2)
            general += self.link + hashlib.sha256(b"".join(digests)).digest()
            self.link = digests[0]
        pem = self.key.public.pem()
        product = b"\1" + b"".join(
            bytes([len(word) + 1]) + word + b"\0"
            for word in (b"hw", b"10.12", b"ACCC8E", b"Axis", b"")
        )
        fields = self._field(2, b"\2" + pem) + self._field(3, product)
        fields += b"\x07\x0d\1\x0b" + bytes.fromhex("0609608648016503040201")
        fields += b"\1" + bytes([len(general)]) + general
        fields += self._field(4, b"\1" + b"".join(digests)) if listed else b""
        return self._whole(
            b"\6", b"Signed Video...0" + b"\xb0", fields, sign=True, escaped=True, signature=5
        )

    def _field(self, tag: int, value: bytes) -> bytes:
        return bytes([tag]) + struct.pack(">H", len(value)) + value

    def _whole(
        self, head: bytes, begin: bytes, fields: bytes, *, sign: bool, escaped: bool, signature: int
    ) -> bytes:
        """Lay it out, sign it escaped or not, and give it escaped."""
        length = {3: 78, 5: 79}[signature] if sign else 0
        size = len(begin) + len(fields) + length
        document = head + b"\5" + b"\xff" * (size // 255) + bytes([size % 255]) + begin + fields
        if not sign:
            return escape(document + b"\x80")
        made = self.key.sign(escape(document) if escaped else document)
        value = struct.pack(">H", len(made)) + made.ljust(72, b"\1")
        value = (b"\1" if signature == 3 else b"\2\0") + value
        return escape(document + self._field(signature, value) + b"\x80")


SMALL = Picture(160, 96, 10, 200_000)


def filmed(
    folder: Path,
    *,
    key: SigningKey,
    serial: str = "00417",
    seconds: int = 3,
    picture: Picture = SMALL,
) -> bytes:
    """Noise, as our camera films and seals it."""
    encoder = Encoder(picture)
    path = folder / f"{serial}-{key.keyid[:8]}.mp4"
    rate = picture.frames_per_second
    signer = PictureSigner(
        key=key, serial=serial, firmware="1.0", started_at=STARTED, frames_per_second=rate
    )
    file = encoder.begin(path, created_at=STARTED, signer=signer)
    noise = np.random.default_rng(264).integers(
        0, 255, (picture.height * 3 // 2, picture.width), dtype=np.uint8
    )
    for number in range(seconds * rate):
        file.add_pictures(encoder.encode(np.roll(noise, number * 7, axis=1)))
        file.add_sound(np.zeros(48_000 // rate, dtype=np.float32))
    file.finish()
    return path.read_bytes()
