"""Makes the vectors of docs/specs/camera-volume.md: python -m tests.vectors.make_camera_volume."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from tests.vectors import samples, writing

from fairwitness.camera import settings, volume
from fairwitness.camera.clock import ClockCard
from fairwitness.camera.settings import Quality, Settings
from fairwitness.dock import volume as dock_volume
from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical, records
from fairwitness.formats.canonical import Json

NAME = "camera-volume"

READERS: Final[dict[str, tuple[Callable[[bytes], object], ...]]] = {
    "camera.json": (
        lambda data: records.from_json(volume.CameraCard, canonical.decode(data)),
        lambda data: records.from_json(dock_volume.CameraCard, canonical.decode(data)),
    ),
    "clock.json": (
        ClockCard.parse,
        lambda data: records.from_json(dock_volume.ClockCard, canonical.decode(data)),
    ),
    "settings.json": (lambda data: settings.read_settings(canonical.decode(data)),),
}
"""Who reads a file: the camera, and the dock where it does too."""

_CARD: Final[dict[str, Json]] = {
    "version": 1,
    "serial": "00417",
    "profile": "body2",
    "firmware": "1.0",
    "public_key": samples.CAMERA_KEY.public.pem().decode(),
    "volume_id": "5c0f2d0e",
}
_SET: Final = ClockCard(
    400_000, set=True, set_at=datetime(2017, 6, 8, 18, tzinfo=UTC), source="dock"
)
_SETTINGS: Final = Settings(version=3, buffer_seconds=60, quality=Quality.HD_LOW, beeps=False)


def make() -> dict[str, Any]:
    """The content of the file."""
    clock = records.to_json(_SET)
    assert isinstance(clock, dict)
    valid: dict[str, list[tuple[str, Json]]] = {
        "camera.json": [
            ("a Body 2", _CARD),
            ("a hyphen in the serial", {**_CARD, "serial": "A-7"}),
        ],
        "clock.json": [
            ("set by a dock, 0.4 s ahead", clock),
            ("never set", records.to_json(ClockCard())),
            ("behind", {**clock, "ahead_us": -2_000_000}),
        ],
        "settings.json": [
            ("all of them", _SETTINGS.to_json()),
            ("none: the usual ones", {}),
            ("a name that the camera does not know", {"version": 4, "zoom": 2}),
        ],
    }
    return {
        "valid": [
            {"file": file, **writing.valid(name, canonical.encode(value))}
            for file, cases in valid.items()
            for name, value in cases
        ],
        "invalid": [_refused(*case) for case in _invalid(clock)],
    }


def _invalid(clock: dict[str, Json]) -> list[tuple[str, str, bytes]]:
    spaced = canonical.encode(_CARD).replace(b":", b": ", 1)
    cases: list[tuple[str, str, Json]] = [
        ("camera.json", "no public key", {k: v for k, v in _CARD.items() if k != "public_key"}),
        ("camera.json", "a field too many", {**_CARD, "name": "mine"}),
        ("clock.json", "no bound at all", {k: v for k, v in clock.items() if k != "ahead_us"}),
        ("clock.json", "a fraction for a number", {**clock, "ahead_us": "0.4"}),
        ("settings.json", "45 seconds of buffer", {"buffer_seconds": 45}),
        ("settings.json", "a quality that is none", {"quality": "8k"}),
        ("settings.json", "yes for true", {"beeps": "yes"}),
        ("settings.json", "a version below 0", {"version": -1}),
        ("settings.json", "a list", []),
    ]
    written = [(file, name, canonical.encode(value)) for file, name, value in cases]
    return [("camera.json", "not canonical: a space", spaced), *written]


def _refused(file: str, name: str, data: bytes) -> dict[str, Any]:
    """A case that each reader of the file must refuse."""
    codes = set()
    for read in READERS[file]:
        try:
            read(data)
        except FairwitnessError as error:
            codes.add(error.stable_code)
        else:
            raise AssertionError(f"{name} is not refused")
    (code,) = codes
    return {
        "file": file,
        "name": name,
        "data": base64.b64encode(data).decode("ascii"),
        "code": code,
    }


if __name__ == "__main__":
    writing.write(NAME, make())
