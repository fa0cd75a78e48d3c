"""What the force decides about its cameras. It reaches a camera only in the dock."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from fairwitness.errors import FairwitnessError
from fairwitness.formats.canonical import Json

BUFFER_STEP: Final = 30
LONGEST_BUFFER: Final = 120


class SettingsInvalid(FairwitnessError):
    """Settings that no camera can have; the camera keeps those it has."""

    code = "camera.settings"


class Quality(StrEnum):
    """How good the picture is, by name; `QUALITIES` has the figures."""

    FULL_HD = "1080p"
    HD_HIGH = "720p-high"
    HD_LOW = "720p-low"
    SD = "480p"
    TRAINING = "training"


@dataclass(frozen=True, slots=True)
class Picture:
    """Size in pixels, frames a second, and bits a second of the pictures."""

    width: int
    height: int
    frames_per_second: int
    bit_rate: int


QUALITIES: Final = {
    Quality.FULL_HD: Picture(1920, 1080, 30, 12_000_000),
    Quality.HD_HIGH: Picture(1280, 720, 30, 8_000_000),
    Quality.HD_LOW: Picture(1280, 720, 30, 4_000_000),
    Quality.SD: Picture(848, 480, 30, 1_800_000),
    Quality.TRAINING: Picture(640, 360, 15, 600_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One version of the settings.

    Attributes:
        version: numbered by the force; in each recording's statement.
        buffer_seconds: 0 to 120 in steps of 30.
        quality: of the picture.
        mute_allowed: the wearer may silence the sound.
        stealth_allowed: the wearer may switch off lights, beeps and vibration.
        sleep_allowed: the wearer may put the camera to sleep, which keeps no buffer.
        beeps: the camera beeps.
        vibration: the camera vibrates.
        lights: the camera's lights work, the public-facing one included.
        position: where the camera is goes into its recordings.
    """

    version: int = 0
    buffer_seconds: int = 30
    quality: Quality = Quality.TRAINING
    mute_allowed: bool = True
    stealth_allowed: bool = False
    sleep_allowed: bool = False
    beeps: bool = True
    vibration: bool = True
    lights: bool = True
    position: bool = False

    def __post_init__(self) -> None:
        if self.buffer_seconds not in range(0, LONGEST_BUFFER + 1, BUFFER_STEP):
            raise SettingsInvalid("The buffer is 0, 30, 60, 90 or 120 seconds.")
        if self.version < 0:
            raise SettingsInvalid("Versions of settings count from 0.")

    @property
    def picture(self) -> Picture:
        """The figures of its quality."""
        return QUALITIES[self.quality]

    def to_json(self) -> dict[str, Json]:
        """The settings as the dock writes them to `settings.json`."""
        return {
            "version": self.version,
            "buffer_seconds": self.buffer_seconds,
            "quality": self.quality.value,
            **{name: getattr(self, name) for name in _SWITCHES},
        }


_SWITCHES: Final = (
    *("mute_allowed", "stealth_allowed", "sleep_allowed"),
    *("beeps", "vibration", "lights", "position"),
)


def read_settings(value: Json) -> Settings:
    """Read what a dock pushed. What is missing has its default; names we do not know are left out.

    A newer server may know settings that this camera does not; a wrong value is another matter.

    Raises:
        SettingsInvalid: a value that the setting can't have.
    """
    if not isinstance(value, Mapping):
        raise SettingsInvalid("Settings are an object.")
    usual = Settings()
    return Settings(
        version=_whole(value, "version", usual.version),
        buffer_seconds=_whole(value, "buffer_seconds", usual.buffer_seconds),
        quality=_quality(value.get("quality", usual.quality.value)),
        **{name: _switch(value, name, usual=getattr(usual, name)) for name in _SWITCHES},
    )


def _whole(value: Mapping[str, Json], name: str, usual: int) -> int:
    found = value.get(name, usual)
    if not isinstance(found, int) or isinstance(found, bool):
        raise SettingsInvalid(f"{name} is a whole number.")
    return found


def _switch(value: Mapping[str, Json], name: str, *, usual: bool) -> bool:
    found = value.get(name, usual)
    if not isinstance(found, bool):
        raise SettingsInvalid(f"{name} is true or false.")
    return found


def _quality(value: Json) -> Quality:
    for quality in Quality:
        if value == quality.value:
            return quality
    raise SettingsInvalid(f"There is no quality {value!r}.")
