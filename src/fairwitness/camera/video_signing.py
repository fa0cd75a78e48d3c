"""The camera signs its pictures as they leave the encoder (ONVIF Media Signing).

Each group of pictures, a second of them, is sealed with the camera's own key; the seal goes in
front of the next group's first picture, the last one behind the last picture. After a power cut
the groups whose seals are on the volume still hold; the last one lacks its seal, which is told and
nothing else. See docs/specs/signed-video.md.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from fairwitness.formats.keys import SigningKey
from fairwitness.formats.video_sealing import (
    Maker,
    PictureUnits,
    Sealed,
    insert,
    make_seal,
    picture_units,
)
from fairwitness.formats.video_signer import camera_certificates

_COMPANY: Final = "Fairwitness"
_NOTHING_BEFORE: Final = bytes(32)


@dataclass(slots=True)
class PictureSigner:
    """Seals the groups of pictures of one recording.

    Attributes:
        key: the camera's.
        serial: its serial number.
        firmware: what runs on it.
        started_at: time of the first picture, by the camera's clock.
        frames_per_second: of the recording.
    """

    key: SigningKey
    serial: str
    firmware: str
    started_at: datetime
    frames_per_second: int
    _certificates: bytes = field(init=False)
    _digests: list[bytes] = field(default_factory=list)
    _link: bytes = _NOTHING_BEFORE
    _counter: int = 0
    _pictures: int = 0
    _began: int = 0

    def __post_init__(self) -> None:
        self._certificates = camera_certificates(self.key, serial=self.serial).leaf

    def add(self, data: bytes, *, key_picture: bool) -> bytes:
        """Take the next picture; gives it with the seal of the group before, when there is one."""
        units = picture_units(data)
        if key_picture and self._digests:
            data = insert(data, self._seal(), at=units.begins)
        self._take(units)
        self._pictures += 1
        return data

    def end(self, data: bytes) -> bytes:
        """Give the last picture, which was taken before, with the last seal behind it."""
        return insert(data, self._seal(), at=len(data)) if self._digests else data

    def _take(self, units: PictureUnits) -> None:
        for digest in units.digests:
            if self._digests:
                self._digests.append(hashlib.sha256(self._digests[0] + digest).digest())
            else:
                self._began = self._pictures
                self._digests.append(digest)

    def _seal(self) -> bytes:
        self._counter += 1
        sealed = Sealed(
            counter=self._counter,
            digests=self._digests,
            link=self._link,
            began=self._time(self._began),
            ended=self._time(self._pictures),
        )
        self._link, self._digests = self._digests[0], []
        maker = Maker(company=_COMPANY, serial=self.serial, firmware=self.firmware)
        return make_seal(sealed, key=self.key, certificates=self._certificates, maker=maker)

    def _time(self, picture: int) -> datetime:
        return self.started_at + timedelta(seconds=1) * picture / self.frames_per_second
