"""What another system calls about at the desk: records, rules, what stands out, gaps, firearms."""

from datetime import timedelta
from uuid import UUID

from tests.machine_scenes import DAY, alone, now, one_left
from tests.machine_world import Callers

from fairwitness.accountability import firearms
from fairwitness.accountability.anomalies import Kind
from fairwitness.accountability.anomaly_rows import Anomaly
from fairwitness.accountability.models import Discharge
from fairwitness.evidence.models import Recording
from fairwitness.force import one_manager
from fairwitness.ingest.models import CounterGap
from fairwitness.retention import event_desk, rule_changes, stopping, trials
from fairwitness.retention.event_rows import Event, EventKind, EventList, EventMatch
from fairwitness.retention.models import DisposalRun, RuleChange, RuleTrial

DAYS = 100
NEW = {"code": "dogs", "days": DAYS, "name": "Police dogs"}


def marked(callers: Callers, kind: EventKind = EventKind.CALL) -> str:
    """The recording, which a record marks."""
    recording = callers.pages.recording
    EventMatch.objects.create(
        event=record(callers, kind), recording=recording, certain=True, matched_at=now()
    )
    return str(recording.pk)


def record(callers: Callers, kind: EventKind = EventKind.SEARCH) -> Event:
    """A record of the wearer's, of which there is no recording."""
    return Event.objects.create(
        kind=kind,
        reference="S/7",
        officer=callers.people["wearer"],
        officer_key="614LX",
        unit=callers.pages.recording.unit,
        begins_at=now() - 2 * DAY,
        ends_at=now() - 2 * DAY + timedelta(minutes=9),
        received_at=now() - DAY,
        missing=True,
    )


def sent(callers: Callers, **other: str) -> dict[str, object]:
    """What another system sends of the recording."""
    began = callers.pages.recording.started_at
    assert began is not None
    one = {
        "event_id": "S/8",
        "record_type": "search",
        "officer_badge_id": "614LX",
        "officer_dispatched_datetime": began.isoformat(),
        "officer_cleared_datetime": (began + timedelta(minutes=9)).isoformat(),
        **other,
    }
    return {"name": "the night's searches", "events": [one]}


def brought(callers: Callers) -> EventList:
    """A list that the manager brought in."""
    return event_desk.bring_in(
        data=b"event id,officer dispatched datetime,officer cleared datetime\n1,2,3\n",
        name="a list",
        actor=callers.people["manager"],
        at=now(),
    )


def tried(callers: Callers) -> RuleTrial:
    """A new category's period, tried out."""
    return trials.ask(
        code="dogs", days=DAYS, name="Police dogs", officer=callers.people["manager"], at=now()
    )


def proposed_rule(callers: Callers) -> RuleChange:
    """The same, proposed."""
    return rule_changes.propose(
        code="dogs",
        days=DAYS,
        name="Police dogs",
        reason="the dogs' unit asks",
        officer=callers.people["manager"],
        at=now(),
    )


def proposed_alone(callers: Callers) -> RuleChange:
    """The same, by the force's one evidence manager."""
    alone(callers)
    return proposed_rule(callers)


def with_one_left(callers: Callers) -> str:
    """A force that has one evidence manager, and has not said so."""
    one_left(callers)
    return "/one-manager/begin"


def with_one(callers: Callers) -> str:
    """A force that has said so."""
    alone(callers)
    assert one_manager.standing() is not None
    return "/one-manager/end"


def standing_out(callers: Callers) -> int:
    """A question about the sergeant."""
    return Anomaly.objects.create(
        kind=Kind.MANY_VIEWS,
        about=callers.people["sergeant"].pk,
        concerns=callers.people["wearer"].pk,
        number=60,
        found_at=now() - DAY,
        seen_at=now(),
    ).pk


def unassigned(callers: Callers) -> UUID:
    """The recording, which nobody is known to have worn."""
    Recording.objects.filter(pk=callers.pages.recording.pk).update(wearer=None)
    return callers.pages.recording.pk


def gap(callers: Callers) -> int:
    """A number of the camera that never came."""
    made = CounterGap.objects.create(
        camera=callers.pages.world.camera, counter=9, named_at=now() - DAY
    )
    return made.counter


def stopped(callers: Callers) -> DisposalRun:
    """Deletion, stopped by the manager."""
    return stopping.stop(reason="look first", officer=callers.people["manager"], at=now())


def discharge(callers: Callers, *, opened: bool = False) -> Discharge:
    """A discharge, and its investigation."""
    unit, day = callers.pages.recording.unit, (now() - 2 * DAY).date()
    assert unit is not None
    standards = callers.people["standards"]
    made = firearms.note_discharge(
        reference="F/1", unit=unit, happened_on=day, officer=standards, at=now()
    )
    if not opened:
        return made
    return firearms.open_investigation(
        discharge=made, body="IOPC", opened_on=day, officer=standards, at=now()
    )
