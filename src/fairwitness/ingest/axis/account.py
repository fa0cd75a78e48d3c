"""What acceptance asks of an Axis clip: why it may not be registered, and whose and when it is.

No camera of ours signed it and nobody compared its clock. So its times are claims, kept as such;
its retention clock starts when its container began to come in, which is never before the camera was
docked, and never when the camera says (ADR 0022). Whose it is, the Axis system says by names of its
own, which a person has mapped to officers and cameras, or has not yet.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from fairwitness.evidence.models import Provenance, Recording, State
from fairwitness.evidence.registration import Belonging, Origin, Times
from fairwitness.force import issue
from fairwitness.force.models import Camera, Officer
from fairwitness.ingest.axis import naming, saying
from fairwitness.ingest.axis.models import PartyKind
from fairwitness.ingest.axis.naming import ContainerKind
from fairwitness.ingest.checks import Bad, Reason
from fairwitness.ingest.models import AxisContainer, AxisParty, AxisVersion, Upload
from fairwitness.retention import rules
from fairwitness.retention.rules import Facts, Part, Policy

_REASON = "rejectedcontentreason"


def trouble(upload: Upload) -> Bad | None:
    """Why an Axis clip may not be registered as it is; None for whatever came by another door."""
    if upload.axis_id is None:
        return None
    version = AxisVersion.objects.select_related("object__container__system").get(upload=upload)
    row = version.object.container
    if version.encrypted and not version.decrypted:
        if version.problem:
            return Bad(Reason.ENCRYPTION_BAD, f"It can’t be decrypted. {version.problem}")
        if row.system.encrypts or version.has_key:
            return Bad(
                Reason.ENCRYPTION_KEY_MISSING,
                "It came encrypted, and the key for it has not come. It is decrypted if it comes.",
            )
    if naming.container_kind(row.name) is ContainerKind.REJECTED:
        why = row.metadata.get(_REASON, "")
        return Bad(
            Reason.CONTENT_REJECTED,
            f"The Axis system sent it as rejected content: {why[:400] or 'it did not say why'}.",
        )
    if version.replaces:
        return Bad(
            Reason.OBJECT_REPLACED,
            "Other bytes had come under the same name before. Both are kept. Find out which are "
            "the camera’s.",
        )
    return None


def account(*, upload: Upload, policy: Policy) -> tuple[Origin, Belonging, Times]:
    """Put together what is known of an Axis clip besides its bytes."""
    version = AxisVersion.objects.select_related("object__container__system__station__unit").get(
        upload=upload
    )
    row = version.object.container
    whole = saying.whole(row.name, row.metadata)
    times = _times(upload, row, saying.clip(version.object.metadata), policy)
    person = _party(row, PartyKind.PERSON, whole.user)
    device = _party(row, PartyKind.CAMERA, whole.camera)
    camera = device.camera if device else None
    origin = Origin(
        provenance=Provenance.AXIS,
        reference=f"A-{upload.recording_id.hex[:8].upper()}",
        camera=camera,
        source=row.source,
        filename=upload.filename,
    )
    return origin, _belonging(row, person.officer if person else None, camera, times), times


def settle(recording: Recording, upload: Upload) -> None:
    """Number the parts of its activation, in the transaction of its registration.

    What its container tells is written by the sweeper, which a new revision asks for. It does
    nothing for what came by another door.
    """
    if upload.axis_id is None:
        return
    version = AxisVersion.objects.select_related("object__container").get(upload=upload)
    # First, for it locks the container: parts that are registered at once are numbered in turn.
    AxisContainer.objects.filter(pk=version.object.container_id).update(revision=F("revision") + 1)
    whole = saying.whole(version.object.container.name, version.object.container.metadata)
    number_parts(recording, camera=whole.camera)


def number_parts(recording: Recording, *, camera: str) -> None:
    """Give it its camera's serial number, and the parts of its activation theirs, by time."""
    recording.camera_serial = camera[:64]
    recording.save(update_fields=["camera_serial"])
    parts = list(
        Recording.objects.filter(
            provenance=Provenance.AXIS, source=recording.source, state=State.LIVE
        ).order_by(F("started_at").asc(nulls_last=True), "received_at", "pk")
    )
    for number, part in enumerate(parts, 1):
        part.part, part.last_part = number, number == len(parts)
    Recording.objects.bulk_update(parts, ["part", "last_part"])
    recording.refresh_from_db(fields=["part", "last_part"])


def told(
    *,
    recording: Recording,
    row: AxisContainer,
    metadata: Mapping[str, str],
    bookmarks: list[saying.Bookmark],
    trail: list[list[float]],
) -> dict[str, Any]:
    """What is kept beside a registered clip of what its container tells."""
    return saying.told(
        of=saying.whole(row.name, row.metadata),
        when=saying.clip(metadata),
        received_at=recording.received_at,
        bookmarks=bookmarks,
        trail=trail,
    )


def _times(upload: Upload, row: AxisContainer, clip: saying.Clip, policy: Policy) -> Times:
    received = upload.completed_at or upload.created_at
    docked = min(row.begun_at, received)
    part = Part(number=1, received_at=received, ended_at=clip.ended_at, docked_at=docked)
    dates = rules.dates_of(Facts(origin=rules.Origin.CAMERA, parts=(part,)), policy)
    return Times(
        received_at=received,
        docked_at=docked,
        clock_started_at=min(rules.clock_start(part), docked),
        started_at=clip.started_at,
        ended_at=clip.ended_at,
        hidden_from=dates.hidden_from,
        gone_by=dates.gone_by,
        late=dates.late,
        keep_reason=dates.because,
    )


def _party(row: AxisContainer, kind: PartyKind, their_id: str) -> AxisParty | None:
    known = AxisParty.objects.select_related("officer__unit", "camera__unit", "camera__station")
    return known.filter(system=row.system, kind=kind, their_id=their_id).first()


def _belonging(
    row: AxisContainer, officer: Officer | None, camera: Camera | None, times: Times
) -> Belonging:
    """The mapped officer wore it; else whoever had the mapped camera for all of that time."""
    wearer = officer or _holder(camera, times.started_at, times.ended_at)
    station = row.system.station or (camera.station if camera else None)
    unit = wearer.unit if wearer else None
    unit = unit or (camera.unit if camera else None) or (station.unit if station else None)
    return Belonging(wearer=wearer, unit=unit, station=station)


def _holder(
    camera: Camera | None, begins: datetime | None, ends: datetime | None
) -> Officer | None:
    if camera is None or begins is None or ends is None:
        return None
    return issue.wearer_between(camera=camera, begins_at=begins, ends_at=ends + timedelta())
