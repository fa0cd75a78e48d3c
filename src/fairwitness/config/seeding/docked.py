"""A few recordings that came through a dock this very day, as in earnest, and some that can't stay.

Bytes are uploaded, sealed, read back and looked at, so that these have uploads, dockings and
receipts. One in four has something wrong with it, and lies in quarantine until somebody decides:
signed by another camera's key, a counter that was used before, or footage that breaks off.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import cycle
from typing import Final

from fairwitness.config.composition import Deployment
from fairwitness.config.seeding import arriving, footage
from fairwitness.config.seeding.footage import Clip
from fairwitness.config.seeding.plan import Planned, Worn
from fairwitness.force.models import Camera, CameraStatus
from fairwitness.formats import docking, statement
from fairwitness.formats.docking import DockingClaim
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import reference
from fairwitness.formats.statement import Statement
from fairwitness.ingest import acceptance, receipts, tus, uploads
from fairwitness.ingest.acceptance import Acceptance
from fairwitness.ingest.receiving import Receiver

_EVERY: Final = 500
_MOST: Final = 24
_QUARANTINED: Final = 4
"""One in so many of these has something wrong with it."""
_LAST_HOURS: Final = timedelta(hours=5)
_SECOND: Final = timedelta(seconds=1)
_OFF_US: Final = 40_000


def number(count: int) -> int:
    """How many of so many recordings come through a dock."""
    return min(_MOST, count // 3, 3 + count // _EVERY)


def bring(
    *,
    deployment: Deployment,
    own: Sequence[Worn],
    keys: Mapping[str, SigningKey],
    count: int,
    until: datetime,
) -> int:
    """Bring `count` recordings through docks in the last hours, and some bad ones beside them.

    Args:
        deployment: whose.
        own: cameras that are issued.
        keys: of cameras and docks, by serial number.
        count: how many are registered.
        until: now.

    Returns:
        How many are registered.
    """
    usable = {camera.pk: camera for camera in Camera.objects.filter(status=CameraStatus.APPROVED)}
    worn = [
        replace(each, camera=usable[each.camera.pk])
        for each in own
        if each.camera.pk in usable and usable[each.camera.pk].last_counter
    ]
    received = 0
    wrong = cycle(_WRONG)
    worn = worn[: count + count // (_QUARANTINED - 1)]
    for place, each in enumerate(worn):
        bad = place % _QUARANTINED == _QUARANTINED - 1
        if not bad and received == count:
            break
        at = until - _LAST_HOURS + place * _LAST_HOURS / (len(worn) + 1)
        _send(_Sent(each, keys, at, next(wrong) if bad else ""), deployment)
        received += not bad
    return received


def give_receipts(*, deployment: Deployment, at: datetime) -> None:
    """Receipts for what came, once the log has signed it."""
    receipts.issue_due(issuer=deployment.issuer, at=at)


_WRONG: Final = ("key", "counter", "cut")


@dataclass(frozen=True, slots=True)
class _Sent:
    worn: Worn
    keys: Mapping[str, SigningKey]
    at: datetime
    wrong: str

    @property
    def planned(self) -> Planned:
        ended = self.at - timedelta(minutes=25)
        last = self.worn.camera.last_counter or 1
        return Planned(
            worn=self.worn,
            counter=last if self.wrong == "counter" else last + 1,
            started_at=ended - _SECOND,
            ended_at=ended,
            docked_at=self.at,
            events=(),
            mute=(),
            category="",
            incident="",
            held=False,
            viewed="",
        )

    @property
    def clip(self) -> Clip:
        planned = self.planned
        name = reference(camera=self.worn.camera.serial, counter=planned.counter, part=1)
        whole = footage.clip(f"{name} {self.wrong}".strip(), planned.counter)
        if self.wrong != "cut":
            return whole
        data = whole.data[: len(whole.data) * 2 // 3]
        return Clip(data, hashlib.sha256(data).hexdigest())

    def signed(self, clip: Clip) -> bytes:
        """The camera's envelope; with the wrong key, one that nobody enrolled."""
        claim = replace(arriving.claim(self.planned, clip), buffer_ms=0)
        own = self.keys[self.worn.camera.serial]
        key = SigningKey.generate() if self.wrong == "key" else own
        return statement.sign_statement(Statement(claim), key=key).encode()

    def docking(self) -> bytes:
        """The dock's envelope."""
        claim = DockingClaim(
            dock=self.worn.dock.serial,
            station=self.worn.station.code,
            bay=1,
            camera=self.worn.camera.serial,
            docked_at=self.at,
            camera_clock_ahead_us_min=-_OFF_US,
            camera_clock_ahead_us_max=_OFF_US,
            clock_set_at_last_docking=self.at - timedelta(hours=9),
            dock_clock_error_us=1000,
        )
        return docking.sign_claim(claim, key=self.keys[self.worn.dock.serial]).encode()


def _send(sent: _Sent, deployment: Deployment) -> None:
    """One upload from its first request to the decision on it."""
    at = sent.at + timedelta(minutes=1)
    clip = sent.clip
    values = {"statement": sent.signed(clip), "docking": sent.docking()}
    metadata = ",".join(
        f"{key} {base64.b64encode(value).decode()}" for key, value in values.items()
    )
    upload = uploads.begin(
        create=tus.Create(length=len(clip.data), metadata=metadata, values=values, body=None),
        sender=sent.worn.dock,
        commitments=deployment.commitments,
        vault=deployment.vault,
        at=at,
    )
    run = uploads.start(
        upload=upload.pk, sender=sent.worn.dock, append=tus.Append(0, None, None), at=at
    )
    receiver = Receiver(vault=deployment.vault, clock=lambda: at)
    try:
        incoming = receiver.receive(run, checksum=None)
        rest = memoryview(clip.data)
        while rest:
            taken = incoming.take(rest)
            rest = rest[taken:]
            if not taken:
                incoming.wait_for_room()
        incoming.finish(whole=True)
    finally:
        receiver.close()
    acceptance.accept_due(
        Acceptance(vault=deployment.vault, commitments=deployment.commitments, clock=lambda: at)
    )
