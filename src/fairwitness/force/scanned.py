"""What a scanner typed: a camera's number, an officer's collar number, or both in either order.

A scanner types what is printed and presses Enter. It does not say which of the two it read, so
that is found out here; what can't be told apart is refused rather than guessed.
"""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from django.db.models import Q

from fairwitness.errors import FairwitnessError
from fairwitness.force.models import Camera, Officer

_BETWEEN: Final = re.compile(r"[\s,;]+")
_MOST: Final = 2
_LONGEST: Final = 100


class ScanRefused(FairwitnessError):
    """Nothing that we know, or more than a camera and an officer."""

    code: ClassVar[str] = "scan.refused"


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was read; at least one of the two."""

    camera: Camera | None = None
    officer: Officer | None = None


def read(typed: str) -> Scanned:
    """Find the camera and the officer that somebody scanned or typed; two queries.

    Raises:
        ScanRefused: `scan.nothing`, `scan.too_many`, `scan.unknown` for a number of neither,
            `scan.two_of_a_kind`, `scan.either` for one that both have.
    """
    words = [word for word in _BETWEEN.split(typed[:_LONGEST].strip()) if word]
    if not words:
        raise ScanRefused("Scan or type a camera’s number or a collar number.", code="scan.nothing")
    if len(words) > _MOST:
        raise ScanRefused(
            "That is more than one camera and one officer. Scan one of each.", code="scan.too_many"
        )
    uppers = [word.upper() for word in words]
    serials = Q(serial__in=[*words, *uppers])
    cameras = {
        row.serial.upper(): row
        for row in Camera.objects.select_related("unit", "station").filter(serials)
    }
    people = {
        row.collar_number: row
        for row in Officer.objects.select_related("unit").filter(collar_number__in=uppers)
    }
    for word, upper in zip(words, uppers, strict=True):
        if upper not in cameras and upper not in people:
            raise ScanRefused(
                f"{word} is neither a camera’s number nor a collar number here."
                " Scan again, or type it.",
                code="scan.unknown",
            )
    return _told_apart(uppers, cameras, people)


def _told_apart(
    words: list[str], cameras: dict[str, Camera], people: dict[str, Officer]
) -> Scanned:
    """Give each number its one meaning."""
    readings = [
        (first, other)
        for first in words
        for other in words
        if (len(words) == 1 or first != other) and first in cameras and other in people
    ]
    if len(words) == 1:
        if readings:
            raise ScanRefused(
                f"{words[0]} is a camera’s number and a collar number. Scan both, camera and"
                " officer, together.",
                code="scan.either",
            )
        return Scanned(camera=cameras.get(words[0]), officer=people.get(words[0]))
    if not readings:
        raise ScanRefused(
            "Those are two cameras or two officers. Scan one of each.", code="scan.two_of_a_kind"
        )
    if len(readings) > 1:
        raise ScanRefused(
            "Both numbers are a camera’s and an officer’s. Ask an administrator which is which.",
            code="scan.either",
        )
    ((camera, officer),) = readings
    return Scanned(camera=cameras[camera], officer=people[officer])
