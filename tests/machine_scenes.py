"""What another system calls about besides recordings: each thing made when it is asked for."""

import uuid
from datetime import UTC, datetime, timedelta

from django.db import transaction
from tests.machine_world import Callers
from tests.retention_world import SETUP

from fairwitness.accountability import thresholds
from fairwitness.cases import case_leave, opening
from fairwitness.cases.models import CriticalIncident
from fairwitness.disclosure.keep_requests import LONDON
from fairwitness.evidence import access, annotations, naming
from fairwitness.force import camera_settings, issue, one_manager, roles
from fairwitness.force.asking import Role, TaskKind
from fairwitness.force.authority import System
from fairwitness.force.models import Camera, Officer, Profile, RoleGrant, Unit
from fairwitness.ingest import quarantine
from fairwitness.ingest.checks import Bad, Reason
from fairwitness.ingest.models import Quarantine, Upload, UploadState
from fairwitness.retention import early_deletion, holds, marking, notices, sampling
from fairwitness.retention.models import DipSample, Drawn, EarlyDeletion, HoldKind

DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def evidential(callers: Callers) -> str:
    """The recording, kept as evidence."""
    marking.mark_evidential(
        recordings=[callers.pages.recording.pk],
        incident="CAD 1",
        codes=["public-order"],
        officer=callers.people["wearer"],
        at=now(),
    )
    return callers.recording


def unmark_asked(callers: Callers) -> str:
    """The recording, which the sergeant no longer wants kept."""
    evidential(callers)
    marking.ask_unmark(
        recording=callers.pages.recording.pk,
        reason="nobody is charged",
        officer=callers.people["sergeant"],
        at=now(),
    )
    return callers.recording


def wearer_asked(callers: Callers) -> str:
    """The recording, of which the wearer says that a colleague had the camera."""
    annotations.ask_wearer_correction(
        recording=callers.pages.recording,
        wearer=callers.people["colleague"],
        officer=callers.people["wearer"],
        reason="we swapped",
        at=now(),
    )
    return callers.recording


def early(callers: Callers, *steps: str) -> str:
    """A request that the recording goes early, as far as these steps."""
    asked = early_deletion.ask(
        recording=callers.pages.recording.pk,
        for_person=False,
        reason="recorded by mistake",
        officer=callers.people["wearer"],
        at=now(),
    )
    if "decided" in steps:
        early_deletion.decide(
            asked=asked, agreed=True, reason="nothing on it", officer=_manager(callers), at=now()
        )
    if "agreed" in steps:
        asked.refresh_from_db()
        early_deletion.agree(asked=asked, officer=callers.people["second manager"], at=now())
    return str(asked.pk)


def _manager(callers: Callers) -> Officer:
    return callers.people["manager"]


def held_elsewhere(callers: Callers) -> str:
    """A hold of the manager's on another recording."""
    other = callers.pages.world.record(ended_at=now() - DAY)
    placed = holds.place(
        terms=holds.Terms(
            HoldKind.CASE, "01/2/17", "needed", (now() + 90 * DAY).date(), silent=False
        ),
        owner=_manager(callers),
        at=now(),
        recordings=[other.pk],
    )
    return str(placed.hold)


def named_officer(callers: Callers) -> str:
    """Somebody named for the recording, for a day."""
    made = naming.name(
        recording=callers.pages.recording,
        officer=callers.people["colleague"],
        by=_manager(callers),
        reason="helps",
        until=now() + DAY,
        at=now(),
    )
    return str(made.pk)


def quarantined(callers: Callers) -> Quarantine:
    """Footage of a camera that nobody enrolled."""
    at = now() - DAY
    upload = Upload.objects.create(
        id=uuid.uuid4(),
        recording_id=uuid.uuid4(),
        identity=f"upload:{uuid.uuid4()}",
        commitment="c" * 64,
        officer=callers.people["wearer"],
        length=4096,
        offset=4096,
        state=UploadState.VERIFYING,
        filename="a.mp4",
        created_at=at,
        expires_at=at + DAY,
        completed_at=at,
    )
    verdict = Bad(Reason.CAMERA_UNKNOWN, "Nobody enrolled this camera.")
    with transaction.atomic():
        return quarantine.hold(upload, verdict, claimed="09999-1/1", at=at)


def proposed(callers: Callers, proposal: quarantine.Proposal) -> Quarantine:
    """A case for which the second manager proposed this."""
    case = quarantined(callers)
    quarantine.propose(
        case=case,
        proposal=proposal,
        officer=callers.people["second manager"],
        reason="looked at it",
        at=now(),
    )
    return case


def binned(callers: Callers) -> Quarantine:
    """A case that two people rejected."""
    case = proposed(callers, quarantine.Proposal.REJECT)
    quarantine.confirm(case=case, proposal="reject", officer=callers.people["manager"], at=now())
    return case


def incident(callers: Callers) -> CriticalIncident:
    """A critical incident with the wearer named, which locks the recording."""
    lambeth = callers.pages.recording.unit
    declared = callers.critical.declare(now() - timedelta(hours=1), units=(lambeth,))
    assert declared.locked == 1
    return declared.incident


def spare_camera(callers: Callers) -> Camera:
    """A camera that nobody has."""
    return callers.pages.world.camera


def camera_out(callers: Callers) -> Camera:
    """A camera that the wearer has."""
    camera = spare_camera(callers)
    issue.issue_camera(
        camera=camera,
        officer=callers.people["wearer"],
        actor=callers.people["manager"],
        at=now() - timedelta(hours=1),
    )
    return camera


def one_left(callers: Callers) -> None:
    """The force has one evidence manager."""
    others = RoleGrant.objects.filter(role=Role.EVIDENCE_MANAGER.value, ends_at=None)
    for grant in others.exclude(officer=callers.people["manager"]):
        roles.end(grant=grant, actor=SETUP, at=now())


def alone(callers: Callers) -> None:
    """The force says so, too."""
    one_left(callers)
    one_manager.begin(actor=System("operator"), reason="ten cameras", at=now())


def decided_alone(callers: Callers) -> str:
    """A request that the one manager decided, with nobody to agree."""
    alone(callers)
    return early(callers, "decided")


def unmark_asked_alone(callers: Callers) -> str:
    """The recording, which the one manager no longer wants kept."""
    alone(callers)
    evidential(callers)
    marking.ask_unmark(
        recording=callers.pages.recording.pk,
        reason="nobody is charged",
        officer=_manager(callers),
        at=now(),
    )
    return callers.recording


def noticed(callers: Callers) -> str:
    """A notice of an early deletion."""
    asked = EarlyDeletion.objects.get(pk=decided_alone(callers))
    return str(notices.give(about=asked, officer=_manager(callers), at=now()).pk)


def drawn(callers: Callers) -> Drawn:
    """The recording, drawn for the sergeant to look at, from the list of its month."""
    at, recording = now(), callers.pages.recording
    month = recording.began_at.astimezone(LONDON).date().replace(day=1)
    listed_at = at - timedelta(hours=1)
    assert recording.unit is not None
    sampling.list_month(unit=recording.unit, month=month, at=listed_at)
    sampling.draw(sample=DipSample.objects.get(), size=1, root="0" * 64, at=listed_at)
    return Drawn.objects.get(recording=recording)


def watched(callers: Callers) -> Drawn:
    """The same, and the sergeant has watched it."""
    one = drawn(callers)
    access.grant_viewing(
        recording=callers.pages.recording,
        officer=callers.people["sergeant"],
        task=access.Task(TaskKind.REVIEW, "Dip sample"),
        at=now(),
    )
    return one


def case_opened(callers: Callers) -> str:
    """Leave for the case."""
    made = case_leave.give(
        case=callers.pages.case,
        officer=callers.people["colleague"],
        by=_manager(callers),
        reason="helps",
        until=now() + DAY,
        at=now(),
    )
    return str(made.pk)


def closed_case(callers: Callers) -> str:
    """The case, closed."""
    opening.close_case(
        case=callers.pages.case,
        outcome="convicted",
        review_on=(now() + 90 * DAY).date(),
        officer=callers.people["detective"],
        at=now(),
    )
    return callers.case


def settings(callers: Callers, code: str = "") -> int:
    """What cameras do, as the force decided; and as a unit decided for its own."""
    decided = 0
    for unit in (None, Unit.objects.get(code=code)) if code else (None,):
        row = camera_settings.decide(
            profile=Profile.BODY2,
            change=camera_settings.Change(settings={"beeps": unit is None}),
            actor=_manager(callers),
            at=now(),
            reason="a trial",
            unit=unit,
        )
        decided = row.version
    return decided


def other_numbers() -> dict[str, int]:
    """Other numbers than those that stand."""
    return dict.fromkeys(thresholds.NAMES, 7)


def proposed_numbers(callers: Callers) -> str:
    """Other numbers that a manager proposed."""
    made = thresholds.propose(
        numbers=other_numbers(), reason="too many", officer=_manager(callers), at=now()
    )
    return str(made.pk)
