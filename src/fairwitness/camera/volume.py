"""The camera's memory as a dock sees it: a folder with a fixed layout.

    camera.json             who it is, with its public key
    certificate.pem         root of the certificates in its videos
    clock.json              how its (simulated) clock stands; a dock sets it
    settings.json           pushed by a dock
    assignment.json         pushed by a dock: who wears it
    firmware.json           pushed by a dock: the version that the force wants it to run
    battery.json            its charge when it was switched off or docked
    device-log.jsonl        every button, signal and change
    recordings/NAME.mp4     a finished recording; NAME is serial-counter-part
    recordings/NAME.dsse.json   its signed statement
    recordings/NAME.mp4.part    one that is being written, or was interrupted
    receipts/NAME.json      put there by a dock after it erased NAME

A finished recording appears under its final name only when its statement is already there.
"""

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fairwitness.camera.clock import ClockCard
from fairwitness.camera.settings import Settings, SettingsInvalid, read_settings
from fairwitness.camera.storing import sync_folder, write_whole
from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical, records
from fairwitness.formats.errors import FormatError

CARD_VERSION: Final = 1
_NAME: Final = re.compile(r"(?P<serial>[0-9A-Za-z-]+)-(?P<counter>[0-9]+)-(?P<part>[0-9]+)\.")


class VolumeInvalid(FairwitnessError):
    """The folder is no camera's volume, or another camera's."""

    code = "camera.volume"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraCard:
    """What `camera.json` says."""

    version: int
    serial: str
    profile: str
    firmware: str
    public_key: str
    volume_id: str


@dataclass(frozen=True, slots=True)
class Volume:
    """A camera's volume, at a folder."""

    root: Path

    @property
    def recordings(self) -> Path:
        """Where recordings lie."""
        return self.root / "recordings"

    @property
    def log(self) -> Path:
        """The device log."""
        return self.root / "device-log.jsonl"

    def video(self, name: str) -> Path:
        """A finished recording."""
        return self.recordings / f"{name}.mp4"

    def unfinished(self, name: str) -> Path:
        """A recording that is being written."""
        return self.recordings / f"{name}.mp4.part"

    def statement(self, name: str) -> Path:
        """The signed statement of a recording."""
        return self.recordings / f"{name}.dsse.json"

    def lay_out(self, card: CameraCard, clock: ClockCard) -> None:
        """Make the folders and the first files of a new camera."""
        self.recordings.mkdir(parents=True, exist_ok=True)
        (self.root / "receipts").mkdir(exist_ok=True)
        write_whole(self.root / "clock.json", clock.encode())
        write_whole(self.root / "camera.json", canonical.encode(records.to_json(card)))
        sync_folder(self.root)

    def card(self) -> CameraCard:
        """Whose volume it is.

        Raises:
            VolumeInvalid: nobody's.
        """
        try:
            data = (self.root / "camera.json").read_bytes()
            return records.from_json(CameraCard, canonical.decode(data))
        except (OSError, FormatError) as error:
            message = f"{self.root} is not a camera's volume: make one with `camera init`."
            raise VolumeInvalid(message) from error

    def clock(self) -> ClockCard:
        """How the clock stands; not set when the card is missing or damaged."""
        try:
            return ClockCard.parse((self.root / "clock.json").read_bytes())
        except (OSError, FormatError):
            return ClockCard()

    def set_clock(self, card: ClockCard) -> None:
        """Write how the clock stands."""
        write_whole(self.root / "clock.json", card.encode())

    def pushed_settings(self) -> Settings | None:
        """The settings that a dock pushed; None when it pushed none.

        Raises:
            SettingsInvalid: what it pushed can't be settings.
        """
        try:
            data = (self.root / "settings.json").read_bytes()
        except FileNotFoundError:
            return None
        try:
            return read_settings(canonical.decode(data))
        except FormatError as error:
            raise SettingsInvalid("settings.json is damaged.") from error

    def firmware_wanted(self) -> str | None:
        """The firmware that the force wants on this camera; None when a dock never said."""
        try:
            said = canonical.decode((self.root / "firmware.json").read_bytes())
        except (OSError, FormatError):
            return None
        wanted = said.get("wanted") if isinstance(said, Mapping) else None
        return wanted if isinstance(wanted, str) else None

    def tell_battery(self, percent: int) -> None:
        """Leave the charge where a dock reads it; a full memory has no room for it, no harm."""
        with contextlib.suppress(OSError):
            write_whole(self.root / "battery.json", canonical.encode({"percent": percent}))

    def used_bytes(self) -> int:
        """Bytes that recordings take."""
        total = 0
        with os.scandir(self.recordings) as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    total += entry.stat(follow_symlinks=False).st_size
        return total

    def highest_counter(self) -> int:
        """The highest counter in the names on the volume; 0 when there is none."""
        found = [_NAME.match(path.name) for path in self.recordings.iterdir()]
        return max((int(match["counter"]) for match in found if match), default=0)
