"""The trail of a recording: where its camera was, once a second at most."""

import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Final

import av
from av.container import InputContainer

from fairwitness.media.worker import positions, tracks
from fairwitness.media.worker.opening import opened, refusal
from fairwitness.media.worker.positions import Position
from fairwitness.media.worker.reading import Remote

Facts = dict[str, object]

SOURCES: Final[dict[str, Callable[[bytes, int], Position | None]]] = {
    "camm": positions.camm,
    "gpmd": positions.gpmf,
}
"""Kinds of track that hold places, and what reads one sample of them."""
LAYOUT: Final = struct.Struct(">qiiqq")
NOT_TOLD: Final = -(1 << 62)
_EVERY_MS: Final = 1_000
_MOST: Final = 24 * 3600
_NAMES: Final = ("location", "com.apple.quicktime.location.ISO6709", "LOCATION")


def sources(remote: Remote, container: InputContainer) -> list[str]:
    """What in this footage tells places; empty when nothing does."""
    found = [kind for kind in dict.fromkeys(tracks.kinds(remote)) if kind in SOURCES]
    found += [kind for kind, text in tracks.places(remote) if positions.iso_6709(text)][:1]
    if not found and any(positions.iso_6709(text) for text in _told(container)):
        found.append("metadata")
    return found


def trail(remote: Remote) -> tuple[bytes, Facts]:
    """The places, packed one after the other, and what they were read from.

    The first source that gives a place is taken: a track before a single place.

    Raises:
        Refused: the footage can't be read.
    """
    for number, kind in enumerate(tracks.kinds(remote)):
        if kind in SOURCES:
            found = _thinned(_track(remote, number, SOURCES[kind]))
            if found:
                return _packed(found), {"source": kind}
    for kind, text in tracks.places(remote):
        place = positions.iso_6709(text)
        if place is not None:
            return _packed([place]), {"source": kind}
    with opened(remote) as container:
        places = [positions.iso_6709(text) for text in _told(container)]
    return _packed([place for place in places if place is not None][:1]), {"source": "metadata"}


def _track(
    remote: Remote, number: int, read: Callable[[bytes, int], Position | None]
) -> Iterator[Position]:
    try:
        with opened(remote) as container:
            if number >= len(container.streams):
                return
            stream = container.streams[number]
            base = stream.time_base or Fraction(1, 1000)
            for packet in container.demux(stream):
                if packet.size and packet.pts is not None:
                    place = read(bytes(packet), round(packet.pts * base * 1000))
                    if place is not None:
                        yield place
    except av.error.InvalidDataError:
        return  # cut from here on
    except (av.error.FFmpegError, ValueError, OverflowError) as error:
        raise refusal("The trail can't be read", error) from None


def _thinned(places: Iterator[Position]) -> list[Position]:
    kept: list[Position] = []
    for place in places:
        if not kept or place.at_ms - kept[-1].at_ms >= _EVERY_MS:
            kept.append(place)
        if len(kept) >= _MOST:
            break
    return kept


def _packed(places: list[Position]) -> bytes:
    return b"".join(
        LAYOUT.pack(
            place.at_ms,
            place.latitude,
            place.longitude,
            NOT_TOLD if place.altitude is None else place.altitude,
            NOT_TOLD if place.speed is None else place.speed,
        )
        for place in places
        if place.at_ms < 1 << 53
    )


def _told(container: InputContainer) -> list[str]:
    return [container.metadata[name] for name in _NAMES if name in container.metadata]
