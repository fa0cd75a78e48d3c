"""Who the camera is: its key and its counter, in a folder of its own, never on the volume.

The key is made here and never leaves. The counter is written, durably, before the recording that
bears it begins, so a number is never given twice; after a cut between the two a number may be
missing, which the dock reports and the device log explains.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from fairwitness.camera.clock import ClockCard
from fairwitness.camera.profiles import PROFILES, CameraProfile
from fairwitness.camera.settings import Settings
from fairwitness.camera.storing import write_whole
from fairwitness.camera.volume import CARD_VERSION, CameraCard, Volume
from fairwitness.errors import FairwitnessError
from fairwitness.formats import canonical, records
from fairwitness.formats.errors import FormatError
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import Mount, Profile
from fairwitness.formats.video_signer import camera_certificates

FIRMWARE: Final = "fairwitness-camera 0.1"
_KEY_MODE: Final = 0o600


class DeviceInvalid(FairwitnessError):
    """The device folder holds no camera, or one that does not go with the volume."""

    code = "camera.device"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceCard:
    """What `device.json` in the device folder says."""

    serial: str
    profile: Profile
    mount: Mount
    volume_id: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A camera's identity: its device folder and the key in it."""

    folder: Path
    card: DeviceCard
    key: SigningKey

    @property
    def serial(self) -> str:
        """Its serial number."""
        return self.card.serial

    @property
    def profile(self) -> CameraProfile:
        """Which kind of camera it is."""
        return PROFILES[self.card.profile]

    @property
    def journal(self) -> Path:
        """Where the recorder notes what it is writing, for recovery."""
        return self.folder / "recording.json"

    def settings(self) -> Settings:
        """The settings in force; the usual ones before any dock pushed some."""
        path = self.folder / "settings.json"
        if not path.exists():
            return Settings()
        return Volume(self.folder).pushed_settings() or Settings()

    def keep_settings(self, settings: Settings) -> None:
        """Put settings into force, durably."""
        write_whole(self.folder / "settings.json", canonical.encode(settings.to_json()))

    def next_counter(self, volume: Volume) -> int:
        """Take the next number, durably. It is never given again, whatever happens next.

        Raises:
            DeviceInvalid: the counter can't be read.
        """
        counter = max(self._counter(), volume.highest_counter()) + 1
        write_whole(self.folder / "counter", f"{counter}\n".encode())
        return counter

    def _counter(self) -> int:
        try:
            return int((self.folder / "counter").read_text())
        except (OSError, ValueError) as error:
            message = "The camera's counter can't be read; it must not start again."
            raise DeviceInvalid(message) from error


def make_camera(
    *,
    volume: Path,
    device: Path,
    serial: str,
    profile: Profile,
    volume_id: UUID,
    mount: Mount | None = None,
    clock: ClockCard | None = None,
) -> Identity:
    """Make a new camera: its key, its counter at 0, and an empty volume.

    Args:
        volume: folder that a dock will see.
        device: folder for what never leaves the camera.
        serial: its serial number.
        profile: which kind.
        volume_id: names its memory.
        mount: where it is worn; by default its usual place.
        clock: how its clock stands; by default not set.

    Raises:
        DeviceInvalid: there is a camera already, or it can't be worn there.
    """
    kind = PROFILES[profile]
    mount = mount or kind.mounts[0]
    if mount not in kind.mounts:
        raise DeviceInvalid(f"A {kind.title} is not worn on the {mount}.")
    if (device / "device.json").exists() or (volume / "camera.json").exists():
        raise DeviceInvalid(f"There is a camera already in {device} or {volume}.")
    device.mkdir(parents=True, exist_ok=True)
    key = SigningKey.generate()
    card = DeviceCard(serial=serial, profile=profile, mount=mount, volume_id=str(volume_id))
    public = CameraCard(
        version=CARD_VERSION,
        serial=serial,
        profile=profile.value,
        firmware=FIRMWARE,
        public_key=key.public.pem().decode(),
        volume_id=str(volume_id),
    )
    write_whole(device / "key.pem", key.pem(), mode=_KEY_MODE)
    write_whole(device / "counter", b"0\n")
    Volume(volume).lay_out(public, clock or ClockCard())
    write_whole(volume / "certificate.pem", camera_certificates(key, serial=serial).root)
    write_whole(device / "device.json", canonical.encode(records.to_json(card)))
    return Identity(folder=device, card=card, key=key)


def load_camera(*, volume: Path, device: Path) -> Identity:
    """Load a camera, and check that the volume is its own.

    Raises:
        DeviceInvalid: the folder holds no camera, or the volume is another's.
        VolumeInvalid: the volume is none.
    """
    try:
        data = (device / "device.json").read_bytes()
        card = records.from_json(DeviceCard, canonical.decode(data))
        key = SigningKey.from_pem((device / "key.pem").read_bytes())
    except (OSError, FormatError) as error:
        raise DeviceInvalid(f"{device} holds no camera: make one with `camera init`.") from error
    if Volume(volume).card().volume_id != card.volume_id:
        raise DeviceInvalid(f"{volume} is another camera's memory.")
    return Identity(folder=device, card=card, key=key)
