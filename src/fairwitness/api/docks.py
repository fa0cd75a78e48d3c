"""What docks ask besides uploading: enrolment, the standing of a camera, trust, the log's growth.

docs/specs/dock-api.md is the specification.
"""

import base64
import re
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from fairwitness.api.exchange import Exchange, RequestRefused, Threads
from fairwitness.api.uploads import bearer
from fairwitness.custody import proofs
from fairwitness.custody.files import LogFiles
from fairwitness.errors import FairwitnessError
from fairwitness.force import bays, camera_settings, enrolment, issue, volumes
from fairwitness.force.models import Camera, EnrolmentStatus
from fairwitness.formats import bay_board, dsse, enrolled_volume
from fairwitness.formats import erasures as told_erasures
from fairwitness.formats.canonical import Json
from fairwitness.ingest import device_logs, erasures, identity, sessions

_MOST = 64 << 10
_SERIAL = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_SIZE = re.compile(r"[0-9]{1,15}\Z")


class CameraUnknown(FairwitnessError):
    """No camera of this serial number was ever enrolled here."""

    code = "camera.unknown"


class Docks:
    """The docks' questions, in one server process."""

    def __init__(
        self,
        *,
        log: LogFiles,
        trust: Callable[[], bytes],
        clock: Callable[[], datetime],
        threads: Threads,
    ) -> None:
        """Takes its tools; `trust` gives the bytes of `trust.json` as they are now."""
        self._log = log
        self._trust = trust
        self._clock = clock
        self._threads = threads

    async def enrolments(self, exchange: Exchange) -> None:
        """Take a device's own request to be enrolled; a person approves it later."""
        if exchange.method != "POST":
            raise RequestRefused("Ask for enrolment with POST.", code="request.method")
        envelope = await exchange.body(most=_MOST)
        token = bearer(exchange) if "authorization" in exchange.headers else None
        state = await self._threads.run(self._enrol, envelope, token)
        await exchange.answer_json(202, {"state": state})

    async def camera(self, exchange: Exchange, serial: str) -> None:
        """Say how a camera stands, whose it is, and which settings it should have."""
        _demand_get(exchange)
        await exchange.answer_json(
            200, await self._threads.run(self._camera, serial, bearer(exchange))
        )

    async def log(self, exchange: Exchange, serial: str) -> None:
        """Take some lines of a camera's own log, or say which line is wanted next."""
        if exchange.method == "POST":
            first = exchange.query.get("first", "")
            if not _SIZE.match(first):
                raise RequestRefused("first is the number of a line.", code="request.first")
            lines = await exchange.body(most=device_logs.LARGEST)
            number = await self._threads.run(
                self._receive_log, serial, bearer(exchange), int(first), lines
            )
        else:
            _demand_get(exchange)
            number = await self._threads.run(self._wanted, serial, bearer(exchange))
        await exchange.answer_json(200, {"next": number})

    async def volumes(self, exchange: Exchange) -> None:
        """Take a request to enrol a volume that is in this dock; a person approves it later."""
        if exchange.method != "POST":
            raise RequestRefused("Ask for enrolment with POST.", code="request.method")
        data = await exchange.body(most=enrolled_volume.LIMIT)
        state = await self._threads.run(self._ask_for_volume, data, bearer(exchange))
        await exchange.answer_json(202, {"state": state})

    async def volume(self, exchange: Exchange, name: str) -> None:
        """Say how an enrolled volume stands, and whether this dock may erase from it."""
        _demand_get(exchange)
        await exchange.answer_json(
            200, await self._threads.run(self._volume, name, bearer(exchange))
        )

    async def bays(self, exchange: Exchange) -> None:
        """Take what a dock tells of its bays."""
        if exchange.method != "POST":
            raise RequestRefused("Tell the bays with POST.", code="request.method")
        data = await exchange.body(most=bay_board.LIMIT)
        await self._threads.run(self._note_bays, data, bearer(exchange))
        await exchange.answer_json(200, {})

    async def erasures(self, exchange: Exchange) -> None:
        """Take what a dock erased against our receipts, as often as it is told."""
        if exchange.method != "POST":
            raise RequestRefused("Tell erasures with POST.", code="request.method")
        data = await exchange.body(most=told_erasures.LIMIT)
        unknown = await self._threads.run(self._note_erasures, data, bearer(exchange))
        await exchange.answer_json(200, {"unknown": [str(one) for one in unknown]})

    async def trust(self, exchange: Exchange) -> None:
        """Give the published list of keys; anybody may have it."""
        _demand_get(exchange)
        head = {"Content-Type": "application/json", "Cache-Control": "no-cache"}
        await exchange.answer(200, head, await self._threads.run(self._trust))

    async def consistency(self, exchange: Exchange) -> None:
        """Prove that the log of size `new` extends the log of size `old`; anybody may ask."""
        _demand_get(exchange)
        old, new = exchange.query.get("old", ""), exchange.query.get("new", "")
        if not _SIZE.match(old) or not _SIZE.match(new):
            raise RequestRefused("old and new are sizes of the log.", code="request.since")
        hashes = await self._threads.run(proofs.consistency, int(old), int(new), files=self._log)
        encoded = [base64.b64encode(one).decode() for one in hashes]
        await exchange.answer_json(
            200, {"old_size": int(old), "new_size": int(new), "hashes": encoded}
        )

    def _enrol(self, envelope: bytes, token: str | None) -> str:
        at = self._clock()
        by = ""
        if token is not None:
            by = identity.sender_text(sessions.dock_of(token=token, at=at))
        device = enrolment.request_enrolment(envelope=dsse.parse(envelope), at=at, brought_by=by)
        return str(device.status)

    def _receive_log(self, serial: str, token: str, first_line: int, lines: bytes) -> int:
        at = self._clock()
        dock = sessions.dock_of(token=token, at=at)
        return device_logs.receive(
            camera=_known(serial), first_line=first_line, body=lines, dock=dock, at=at
        )

    def _wanted(self, serial: str, token: str) -> int:
        sessions.dock_of(token=token, at=self._clock())
        return device_logs.next_line(camera=_known(serial))

    def _note_erasures(self, data: bytes, token: str) -> list[UUID]:
        at = self._clock()
        dock = sessions.dock_of(token=token, at=at)
        return erasures.note(erased=told_erasures.read(data).erased, dock=dock, at=at)

    def _note_bays(self, data: bytes, token: str) -> None:
        at = self._clock()
        dock = sessions.dock_of(token=token, at=at)
        bays.note(dock=dock, board=bay_board.read(data), at=at)

    def _ask_for_volume(self, data: bytes, token: str) -> str:
        at = self._clock()
        dock = sessions.dock_of(token=token, at=at)
        asked = enrolled_volume.read_request(data)
        return str(volumes.request(asked=asked, dock=dock, at=at).status)

    def _volume(self, name: str, token: str) -> Json:
        sessions.dock_of(token=token, at=self._clock())
        try:
            volume = volumes.named(UUID(name))
        except ValueError as error:
            raise volumes.VolumeUnknown("A volume is named by its id.") from error
        approved = volume.status == EnrolmentStatus.APPROVED
        return {
            "volume": str(volume.pk),
            "status": str(volume.status),
            "label": volume.label,
            "erase": volume.erase and approved,
        }

    def _camera(self, serial: str, token: str) -> Json:
        at = self._clock()
        sessions.dock_of(token=token, at=at)
        camera = _known(serial)
        wearer = issue.wearer_at(camera=camera, at=at)
        return {
            "serial": camera.serial,
            "status": str(camera.status),
            "issued_to": None
            if wearer is None
            else {"collar_number": wearer.collar_number, "name": wearer.title},
            "pool": camera.pool,
            **camera_settings.pushed(camera),
        }


def _known(serial: str) -> Camera:
    camera = Camera.objects.filter(serial=serial).first() if _SERIAL.match(serial) else None
    if camera is None:
        raise CameraUnknown("No camera of this serial number is enrolled here.")
    return camera


def _demand_get(exchange: Exchange) -> None:
    if exchange.method not in {"GET", "HEAD"}:
        raise RequestRefused("Ask with GET.", code="request.method")
