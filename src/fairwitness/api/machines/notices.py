"""What waits in public without a second person, for programs: list, give notice, stop."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from fairwitness.accountability import finding
from fairwitness.api.machines import cursors, recordings
from fairwitness.api.machines.holds import Why
from fairwitness.api.machines.operation import Call, Operation, not_here
from fairwitness.force import permissions
from fairwitness.force.asking import Action, Allowed, Subject
from fairwitness.force.token_rows import Scope
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import notices
from fairwitness.retention.models import EarlyDeletion, OutsideNotice, Unmarking


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """What waits, and until when; whose it is and of which recording, for who may stop it."""

    id: UUID
    kind: str
    given_at: datetime
    due_at: datetime
    given_by: str | None
    recording: UUID | None
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticePage:
    """One page of notices that run, those given last first."""

    items: tuple[NoticeRow, ...]
    next: str | None


def _recording(notice: OutsideNotice) -> UUID | None:
    about = notice.early or notice.unmarking
    return about.recording_id if about else None


def _row(notice: OutsideNotice, *, told: bool, recording: UUID | None) -> NoticeRow:
    return NoticeRow(
        id=notice.pk,
        kind=notice.kind,
        given_at=notice.given_at,
        due_at=notice.due_at,
        given_by=notice.given_by.collar_number if told else None,
        recording=recording,
        stopped_at=notice.stopped_at,
    )


def _stops(call: Call) -> bool:
    subject = Subject(unit=call.officer.unit.code)
    return isinstance(permissions.may(call.facts, Action.STOP_DISPOSALS, subject), Allowed)


def _listing(call: Call) -> NoticePage:
    rows = notices.waiting().select_related("given_by", "early", "unmarking")
    found, after = cursors.by_time(rows, call, "given_at")
    told, seen = _stops(call), set[UUID]()
    if told:
        ids = [pk for each in found if (pk := _recording(each))]
        seen = {row.pk for row in finding.visible(recordings=ids, facts=call.facts, at=call.at)}
    items = tuple(
        _row(each, told=told, recording=pk if (pk := _recording(each)) in seen else None)
        for each in found
    )
    return NoticePage(items, after)


def give(call: Call, about: notices.Waiting | None) -> NoticeRow:
    """Announce what waits for a second person, where there is such.

    Raises:
        RequestRefused: there is none.
    """
    if about is None:
        raise not_here()
    made = notices.give(about=about, officer=call.officer, at=call.at)
    return _row(made, told=True, recording=_recording(made))


def _give_early(call: Call) -> NoticeRow:
    call.demand_person()
    return give(call, EarlyDeletion.objects.filter(pk=call.id).first())


def _give_unmark(call: Call) -> NoticeRow:
    call.demand_person()
    found = recordings.alive(call, call.id)
    return give(call, Unmarking.objects.filter(recording=found, decided_at=None).first())


def _stop(call: Call) -> NoticeRow:
    related = ("rule", "early", "unmarking", "given_by")
    notice = OutsideNotice.objects.select_related(*related).filter(pk=call.id).first()
    if notice is None:
        call.demand(Action.STOP_DISPOSALS, about=recording_subject(call.id))
        raise not_here()
    reason = call.taken(Why).reason
    notices.stop(notice=notice, reason=reason, officer=call.officer, at=call.at)
    notice.refresh_from_db(fields=["stopped_at"])
    return _row(notice, told=True, recording=None)


OPERATIONS: Final = (
    Operation(
        name="listNotices",
        method="GET",
        path="/notices",
        says="List what waits in public in place of a second person.",
        scope=Scope.DELETIONS_READ,
        run=_listing,
        gives=NoticePage,
        query=cursors.PARAMETERS,
    ),
    Operation(
        name="giveNoticeOfEarlyDeletion",
        method="POST",
        path="/early-deletions/{id}/notice",
        says="As the force's one evidence manager, announce one's decision in place of a second"
        " person.",
        scope=Scope.RECORDINGS_WRITE,
        run=_give_early,
        gives=NoticeRow,
        status=201,
        writes=Act.NOTICE_GIVEN,
    ),
    Operation(
        name="giveNoticeOfUnmark",
        method="POST",
        path="/recordings/{id}/unmark/notice",
        says="As the force's one evidence manager, announce that one no longer keeps a recording.",
        scope=Scope.RECORDINGS_WRITE,
        run=_give_unmark,
        gives=NoticeRow,
        status=201,
        writes=Act.NOTICE_GIVEN,
    ),
    Operation(
        name="stopNotice",
        method="POST",
        path="/notices/{id}/stop",
        says="Stop what waits; only a second person can agree to it then.",
        scope=Scope.RECORDINGS_WRITE,
        run=_stop,
        takes=Why,
        gives=NoticeRow,
        writes=Act.NOTICE_STOPPED,
    ),
)
