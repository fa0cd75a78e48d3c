"""A small program that journeys run inside a deployment's data folder, as an operator would.

`found [CAMERA DOCK]` registers a force, a dock and a camera, and prints their keys; `grant
RECORDING` lets the wearer watch and prints the token; `disclose RECORDING` makes an exhibit of it
and prints where its copy for court is; `show RECORDING` prints what is registered; `digests` prints
the digests of all. `camera SERIAL pool|own` enrols one more camera and prints its key; `fleet
CAMERAS DOCKS` enrols many pool cameras and docks and prints their keys by serial number;
`quarantined` prints what waits there; `times` prints what is known of when each recording was made;
`revoke KIND SERIAL` revokes a device; `volume LABEL erase|keep` approves a volume, `end-volume
LABEL` revokes it, `from-volumes` tells what came from any; `written` counts the acts in the custody
log; `cut UPLOAD` cuts an upload as often as one may be. Answers are JSON.
"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fairwitness.config.settings")
django.setup()

from tests.integration.force.made_up import AT, SETUP, make_force  # noqa: E402 # after setup

from fairwitness.cases import opening, producing  # noqa: E402 # after setup
from fairwitness.config import composition, database  # noqa: E402 # after setup
from fairwitness.custody import reading  # noqa: E402 # after setup
from fairwitness.disclosure import tickets  # noqa: E402 # after setup
from fairwitness.evidence import access  # noqa: E402 # after setup
from fairwitness.evidence.models import (  # noqa: E402 # after setup
    Copy,
    Growth,
    Piece,
    Provenance,
    Recording,
)
from fairwitness.force import enrolment, issue, officers, volumes  # noqa: E402 # after setup
from fairwitness.force.asking import Role  # noqa: E402 # after setup
from fairwitness.force.models import Camera, Dock, Officer, Volume  # noqa: E402 # after setup
from fairwitness.force.officers import NewOfficer  # noqa: E402 # after setup
from fairwitness.formats.acts import Act  # noqa: E402 # after setup
from fairwitness.formats.docking import (  # noqa: E402 # after setup
    DeviceKind,
    EnrolmentRequest,
    sign_claim,
)
from fairwitness.formats.keys import SigningKey  # noqa: E402 # after setup
from fairwitness.formats.recording import Profile  # noqa: E402 # after setup
from fairwitness.ingest import uploads  # noqa: E402 # after setup
from fairwitness.ingest.models import Quarantine, QuarantineState, Upload  # noqa: E402 # after setup


def found(camera: str = "", dock: str = "") -> object:
    """Register a force with new devices, or with those that have these keys already."""
    database.bring_up_to_date()
    force = make_force()
    keys = {
        name: SigningKey.from_pem(pem.encode()) if pem else SigningKey.generate()
        for name, pem in (("camera", camera), ("dock", dock))
    }
    requests = (
        force.request("00417", key=keys["camera"]),
        force.request("D-0007", key=keys["dock"], kind=DeviceKind.DOCK),
    )
    for request in requests:
        device = enrolment.request_enrolment(envelope=request, at=AT)
        enrolment.approve(device=device, keyid=device.keyid, officer=force.manager, at=AT)
    issue.issue_camera(camera=Camera.objects.get(), officer=force.ada, actor=SETUP, at=AT)
    return {name: key.pem().decode() for name, key in keys.items()}


def grant(recording: str) -> object:
    given = access.grant_viewing(
        recording=Recording.objects.get(pk=recording),
        officer=Officer.objects.get(collar_number="614LX"),
        task=None,
        at=datetime.now(tz=UTC),
    )
    return {"token": given.token}


def disclose(recording: str) -> object:
    now = datetime.now(tz=UTC)
    wanted = NewOfficer("88LX", "Ivo Ray", "IR", "LAM", "DC", (), (Role.INVESTIGATOR,))
    (detective,) = officers.register_officers_many(actor=SETUP, officers=[wanted], at=AT)
    case = opening.open_case(
        reference="01/803/17",
        title="R v Other",
        unit=detective.unit,
        officer_in_case=detective,
        review_on=(now + timedelta(days=300)).date(),
        officer=detective,
        at=now,
    )
    producing.produce(
        case=case,
        recording=Recording.objects.get(pk=recording),
        producer=Officer.objects.get(collar_number="614LX"),
        title="Footage of the arrest",
        officer=detective,
        at=now,
    )
    return tickets.address(
        case=case, officer=detective, recipient="the defence", purpose="initial disclosure"
    )


def show(recording: str) -> object:
    row = Recording.objects.get(pk=recording)
    opened = access.open_for_task(
        recording=row,
        actor="system:test",
        act=Act.RECORDING_EXPORTED,
        reason="a journey",
        at=datetime.now(tz=UTC),
        vault=composition.deployment().vault,
    )
    with opened:
        return {
            "reference": row.reference,
            "sha256": row.sha256,
            "size": opened.size,
            "recordings": Recording.objects.count(),
            "copies": dict(Copy.objects.filter(recording=row).values_list("kind", "state")),
        }


def camera(serial: str, pool: str) -> object:
    """Enrol one more camera; with `pool` it is a pool camera."""
    return _enrolled(DeviceKind.CAMERA, serial, pool=pool == "pool")


def fleet(cameras: str, docks: str) -> object:
    wanted = [(DeviceKind.CAMERA, f"1{number:04}") for number in range(int(cameras))]
    wanted += [(DeviceKind.DOCK, f"D-1{number:03}") for number in range(int(docks))]
    return {serial: _enrolled(kind, serial, pool=True) for kind, serial in wanted}


def _enrolled(kind: DeviceKind, serial: str, *, pool: bool) -> str:
    key, at = SigningKey.generate(), datetime.now(tz=UTC)
    request = EnrolmentRequest(
        kind=kind,
        serial=serial,
        profile=Profile.BODY2 if kind is DeviceKind.CAMERA else None,
        station="LAM1",
        public_key=key.public.pem().decode(),
        at=at,
    )
    device = enrolment.request_enrolment(envelope=sign_claim(request, key=key), at=at)
    manager = Officer.objects.get(collar_number="4101")
    pooled = pool and kind is DeviceKind.CAMERA
    enrolment.approve(device=device, keyid=device.keyid, officer=manager, at=at, pool=pooled)
    return key.pem().decode()


def revoke(kind: str, serial: str) -> object:
    model = Camera if kind == "camera" else Dock
    enrolment.revoke(
        device=model.objects.get(serial=serial),
        officer=Officer.objects.get(collar_number="4101"),
        at=datetime.now(tz=UTC),
        reason="a journey",
    )
    return {}


def volume(label: str, erase: str) -> object:
    """Approve a volume; with `erase` docks may erase from it."""
    row = volumes.approve(
        volume=Volume.objects.get(label=label),
        terms=volumes.Terms(erase=erase == "erase"),
        officer=Officer.objects.get(collar_number="4101"),
        at=datetime.now(tz=UTC),
    )
    return str(row.status)


def end_volume(label: str) -> object:
    """Revoke a volume."""
    row = volumes.revoke(
        volume=Volume.objects.get(label=label),
        officer=Officer.objects.get(collar_number="4101"),
        at=datetime.now(tz=UTC),
        reason="a journey",
    )
    return str(row.status)


def from_volumes() -> object:
    """What came from volumes: its digest, name, source and wearer, and why it can't be played."""
    return [
        {
            "sha256": row.sha256,
            "filename": row.filename,
            "source": row.source,
            "wearer": row.wearer_id,
            "findings": [one["code"] for one in (row.media or {}).get("findings", [])],
        }
        for row in Recording.objects.filter(provenance=Provenance.VOLUME)
    ]


def grown() -> object:
    """What grew on a volume after it was taken: both digests, and what the log says of both."""
    return [
        {
            "recording": link.recording.sha256,
            "beginning": link.beginning.sha256,
            "acts": [
                row.entry.act.value
                for pk in (link.recording_id, link.beginning_id)
                for row in reading.history(f"recording:{pk}")
                if row.entry.act is Act.RECORDING_ANNOTATED
            ],
        }
        for link in Growth.objects.select_related("recording", "beginning")
    ]


def written() -> object:
    """How often each act is in the custody log."""
    return {act.value: count for act, count in reading.count_by_act().items()}


def digests() -> object:
    return list(Recording.objects.exclude(sha256="").values_list("sha256", flat=True))


def cut(upload: str) -> object:
    """Have an unfinished upload look as if it had been cut as often as any may be."""
    row = Upload.objects.get(pk=upload)
    for start in range(0, uploads.MOST_PIECES, 5000):
        Piece.objects.bulk_create(
            Piece(
                recording_id=row.recording_id,
                offset=row.offset + number,
                length=0,
                blob=f"piece/cut-{number}",
                sealed_size=1,
                upload_length=row.length,
            )
            for number in range(start, start + 5000)
        )
    return {}


def quarantined() -> object:
    """Reason and claimed reference of all that waits in quarantine."""
    held = Quarantine.objects.filter(state=QuarantineState.HELD)
    return list(held.order_by("claimed", "reason").values_list("claimed", "reason"))


def times() -> object:
    """What is known of when each recording was made and when it goes, by reference."""
    return {
        row.reference: {
            "ahead_us": [row.clock_ahead_us_min, row.clock_ahead_us_max],
            "checked": row.clock_checked,
            "late": row.late,
            **{
                name: at.isoformat() if (at := getattr(row, name)) else None
                for name in ("ended_at", "docked_at", "received_at", "clock_started_at", "gone_by")
            },
        }
        for row in Recording.objects.all()
    }


def main() -> None:
    what, *arguments = sys.argv[1:]
    verbs: dict[str, Any] = {
        "found": found,
        "grant": grant,
        "disclose": disclose,
        "show": show,
        "camera": camera,
        "fleet": fleet,
        "revoke": revoke,
        "cut": cut,
        "volume": volume,
        "end-volume": end_volume,
    }
    plain = {
        "from-volumes": from_volumes,
        "grown": grown,
        "digests": digests,
        "written": written,
        "quarantined": quarantined,
        "times": times,
    }
    answer = plain[what]() if what in plain else verbs[what](*arguments)
    sys.stdout.write(json.dumps(answer))


main()
