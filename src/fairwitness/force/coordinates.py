"""Places as people write them, and as rows keep them: degrees times ten million, whole numbers."""

import re
from dataclasses import dataclass
from typing import ClassVar, Final

from fairwitness.errors import FairwitnessError

DEGREE: Final = 10_000_000
POLE: Final = 90
_WRITTEN: Final = re.compile(
    r"([+-]?\d{1,2}(?:\.\d{1,10})?)\s*[, ]\s*([+-]?\d{1,3}(?:\.\d{1,10})?)", re.ASCII
)


class PlaceInvalid(FairwitnessError):
    """Words that are no place on earth."""

    code: ClassVar[str] = "place.invalid"


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A place: degrees times ten million."""

    latitude: int
    longitude: int

    def __str__(self) -> str:
        """As it is written: to about a metre."""
        return f"{self.latitude / DEGREE:.5f}, {self.longitude / DEGREE:.5f}"


def read(text: str) -> Coordinates:
    """The place that these words say, latitude first.

    Raises:
        PlaceInvalid: they say none.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None or abs(float(found[1])) > POLE or abs(float(found[2])) > 2 * POLE:
        raise PlaceInvalid("A place is written as latitude and longitude: 51.49520, -0.11760.")
    return Coordinates(round(float(found[1]) * DEGREE), round(float(found[2]) * DEGREE))
