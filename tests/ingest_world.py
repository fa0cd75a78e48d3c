"""A small force with a dock and a camera, a vault and a log, for the tests of ingest and api.

The footage is real video, a second of it, made longer where a test wants many pieces by a box that
every player skips.
"""

import base64
import hashlib
import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from tests.integration.force.made_up import AT as FOUNDED
from tests.integration.force.made_up import Force, make_force

from fairwitness.custody import keys
from fairwitness.custody.files import LogFiles
from fairwitness.custody.integrator import Integrator
from fairwitness.evidence.models import Recording
from fairwitness.force import enrolment, issue
from fairwitness.force.authority import System
from fairwitness.force.models import Camera, Dock
from fairwitness.formats import docking, statement
from fairwitness.formats.docking import DeviceKind, DockingClaim
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import ClockState, Mount, Profile, RecordingClaim
from fairwitness.formats.statement import Statement
from fairwitness.formats.trust import KeyRole, TrustedKey, TrustedLog, TrustList, make_trust_list
from fairwitness.ingest import acceptance, tus, uploads
from fairwitness.ingest.acceptance import Acceptance
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.models import Upload
from fairwitness.ingest.receipts import Issuer
from fairwitness.ingest.receiving import Receiver
from fairwitness.vault.folder import FolderStore
from fairwitness.vault.keyring import KeyRing
from fairwitness.vault.master import MasterKey
from fairwitness.vault.vault import Vault

AT = datetime(2017, 6, 9, 7, 0, tzinfo=UTC)
ENDED = datetime(2017, 6, 8, 23, 30, tzinfo=UTC)
SETUP = System("setup")
SERIAL = "00417"


@cache
def video(seconds: int = 2, *, shade: int = 90) -> bytes:
    """A short fragmented MP4, as cameras write; `shade` makes different ones."""
    sink = io.BytesIO()
    options = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
    with av.open(sink, "w", format="mp4", options=options) as container:
        stream: Any = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 160, 96, "yuv420p"
        for number in range(10 * seconds):
            picture = np.full((96, 160, 3), (shade + number) % 255, dtype=np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return sink.getvalue()


def long_video(size: int, *, shade: int = 90) -> bytes:
    """Video of exactly `size` bytes: real, and a box that players skip."""
    start = video(shade=shade)
    filler = size - len(start)
    pattern = hashlib.sha256(start).digest()
    body = (pattern * (filler // 32 + 1))[: filler - 8]
    return start + struct.pack(">I4s", filler, b"free") + body


@dataclass
class World:
    """Who and what there is; `at` is the time, which a test may move."""

    root: Path
    force: Force
    vault: Vault
    camera: Camera
    camera_key: SigningKey
    dock: Dock
    dock_key: SigningKey
    commitments: Commitments
    receiver: Receiver
    receipt_key: SigningKey = field(default_factory=SigningKey.generate)
    at: datetime = AT

    @classmethod
    def make(cls, root: Path) -> "World":
        force = make_force()
        camera_key, dock_key = SigningKey.generate(), SigningKey.generate()
        camera = enrolment.request_enrolment(
            envelope=force.request(SERIAL, key=camera_key), at=FOUNDED
        )
        dock = enrolment.request_enrolment(
            envelope=force.request("D-0007", key=dock_key, kind=DeviceKind.DOCK),
            at=FOUNDED,
        )
        for device in (camera, dock):
            enrolment.approve(device=device, keyid=device.keyid, officer=force.manager, at=FOUNDED)
        assert isinstance(camera, Camera)
        assert isinstance(dock, Dock)
        issue.issue_camera(
            camera=camera,
            officer=force.ada,
            actor=SETUP,
            at=FOUNDED,
        )
        vault = open_vault(root)
        world = cls(
            root=root,
            force=force,
            vault=vault,
            camera=camera,
            camera_key=camera_key,
            dock=dock,
            dock_key=dock_key,
            commitments=Commitments(b"c" * 32),
            receiver=Receiver(vault=vault, clock=lambda: world.at),
        )
        return world

    @property
    def tools(self) -> Acceptance:
        return Acceptance(vault=self.vault, commitments=self.commitments, clock=lambda: self.at)

    @property
    def issuer(self) -> Issuer:
        log = LogFiles(self.root / "log")
        return Issuer(log, self.receipt_key, self.commitments, self.vault.store)

    def publish_log(self) -> None:
        """One step of the integrator: all that was committed gets a checkpoint."""
        with self.integrator() as integrator:
            integrator.step()

    def integrator(self) -> Integrator:
        return Integrator(
            self.root / "log",
            signer=keys.log_signer(self.root / "keys" / "log.pem"),
            sealing_key=keys.sealing_key(self.root / "keys" / "log-sealing"),
            clock=lambda: self.at,
        )

    def trust(self) -> TrustList:
        signer = keys.log_signer(self.root / "keys" / "log.pem")
        key = TrustedKey(
            role=KeyRole.RECEIPT,
            name="receipts",
            keyid=self.receipt_key.keyid,
            public_pem=self.receipt_key.public.pem().decode(),
            valid_from=AT - timedelta(days=30),
        )
        return make_trust_list(
            force="A force",
            issued_at=AT,
            log=TrustedLog(vkey=signer.vkey, origin=signer.name),
            keys=(key,),
        )

    def claim(self, data: bytes, *, counter: int = 1, **changes: object) -> RecordingClaim:
        """What the camera claims of these bytes."""
        fields: dict[str, Any] = {
            "camera": SERIAL,
            "profile": Profile.BODY2,
            "firmware": "1.0",
            "volume_id": "v1",
            "mount": Mount.CHEST,
            "lens_degrees": 120,
            "width": 160,
            "height": 96,
            "frames_per_second": 10,
            "counter": counter,
            "activation": counter,
            "part": 1,
            "last_part": True,
            "media_type": "video/mp4",
            "size": len(data),
            "sha256": hashlib.sha256(data).hexdigest(),
            "started_at": ENDED - timedelta(seconds=2),
            "ended_at": ENDED,
            "buffer_ms": 1000,
            "mute": (),
            "stealth": (),
            "events": (),
            "clock": ClockState(set=True, set_at=ENDED - timedelta(hours=9), source="dock 7"),
            "settings_version": 1,
            "interrupted": False,
        }
        return RecordingClaim(**fields | changes)

    def signed(self, claim: RecordingClaim, *, key: SigningKey | None = None) -> bytes:
        """The camera's envelope over a claim."""
        return statement.sign_statement(Statement(claim), key=key or self.camera_key).encode()

    def docking(self, **changes: object) -> bytes:
        """The dock's envelope over what it saw."""
        fields: dict[str, Any] = {
            "dock": self.dock.serial,
            "station": "LAM1",
            "bay": 1,
            "camera": SERIAL,
            "docked_at": AT - timedelta(minutes=5),
            "camera_clock_ahead_us_min": 300_000,
            "camera_clock_ahead_us_max": 500_000,
            "clock_set_at_last_docking": ENDED - timedelta(hours=9),
            "dock_clock_error_us": 1000,
        }
        claim = DockingClaim(**fields | changes)
        return docking.sign_claim(claim, key=self.dock_key).encode()

    def create(self, length: int, **values: bytes) -> tus.Create:
        """A creation request with this metadata."""
        text = ",".join(
            f"{key} {base64.b64encode(value).decode()}" for key, value in values.items()
        )
        return tus.Create(length=length, metadata=text, values=values, body=None)

    def begin(self, data: bytes, *, counter: int = 1, **changes: object) -> Upload:
        """Begin the upload of what the camera signed."""
        claim = self.claim(data, counter=counter, **changes)
        create = self.create(len(data), statement=self.signed(claim), docking=self.docking())
        return self.begin_with(create)

    def begin_with(self, create: tus.Create) -> Upload:
        return uploads.begin(
            create=create,
            sender=self.dock,
            commitments=self.commitments,
            vault=self.vault,
            at=self.at,
        )

    def patch(
        self, upload: Upload, data: bytes, *, size: int | None = None, chunk: int = 1 << 16
    ) -> int:
        """Send `size` bytes of the footage from the durable offset on; the offset after it."""
        row = Upload.objects.get(pk=upload.pk)
        end = len(data) if size is None else min(len(data), row.offset + size)
        run = uploads.start(
            upload=upload.pk,
            sender=self.dock,
            append=tus.Append(row.offset, None, None),
            at=self.at,
        )
        incoming = self.receiver.receive(run, checksum=None)
        rest = memoryview(data)[row.offset : end]
        while rest:
            taken = incoming.take(rest[:chunk])
            rest = rest[taken:]
            if not taken:
                incoming.wait_for_room()
        incoming.finish(whole=True)
        return Upload.objects.get(pk=upload.pk).offset

    def send(self, upload: Upload, data: bytes, cuts: Sequence[int] = ()) -> None:
        """Send all of it, in parts of these sizes and a last one."""
        for size in cuts:
            self.patch(upload, data, size=size)
        self.patch(upload, data)

    def accept(self) -> int:
        return acceptance.accept_due(self.tools)

    def receive(self, data: bytes, *, counter: int = 1, **changes: object) -> Recording:
        """Everything from the first request to the registered recording."""
        upload = self.begin(data, counter=counter, **changes)
        self.send(upload, data)
        assert self.accept() == 1
        return Recording.objects.get(pk=upload.recording_id)


def open_vault(root: Path) -> Vault:
    master = MasterKey.load_or_create(root / "keys" / "master")
    ring = KeyRing((root / "ring" / "first", root / "ring" / "second"), master)
    return Vault(FolderStore(root / "vault"), ring)
