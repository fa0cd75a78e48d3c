"""What people did with some of the recordings of `pages_rows`, and what the log says of all."""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from fairwitness.accountability.anomaly_rows import Anomaly
from fairwitness.cases.models import Case, Exhibit
from fairwitness.custody import ledger
from fairwitness.disclosure.request_rows import KeepRequest
from fairwitness.evidence.models import (
    BrokenGlass,
    CircleMember,
    Naming,
    Recording,
)
from fairwitness.force.models import Officer, Unit
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest.models import (
    Quarantine,
    Upload,
)
from fairwitness.retention.models import (
    EarlyDeletion,
    Hold,
    HoldBinding,
)
from fairwitness.retention.standing import Criteria

_WEEK: Final = timedelta(days=7)


def by_people(*, low: int, now: datetime) -> None:
    """What people did with a few of them: holds, cases, requests, quarantine, broken glass."""
    manager = Officer.objects.get(collar_number="4101")
    other = Officer.objects.get(collar_number="4102")
    units = list(Unit.objects.order_by("pk"))
    some = Recording.objects.filter(counter__gte=low, wearer__isnull=False).order_by("counter")
    with transaction.atomic():
        _holds(low, now, manager, units)
        _glass(some.filter(state="live").extra(where=["counter %% 500 = 1"]), manager, other)
        _early(
            some.select_related("wearer").filter(state="live").extra(where=["counter %% 2000 = 3"])
        )
        _quarantine(some.extra(where=["counter %% 2000 = 5"]))
        _requests(low, now, units)
        if not Anomaly.objects.exists():
            _anomalies(now)


def _holds(low: int, now: datetime, manager: Officer, units: list[Unit]) -> None:
    """A hold for each five hundred, of two recordings; every fifth is a case's exhibit."""
    held = iter(
        Recording.objects.filter(counter__gte=low, state="live")
        .extra(where=["counter %% 100 = 1"])
        .order_by("counter")
        .values_list("pk", "began_at")
    )
    number = low
    holds: list[Hold] = []
    bindings: list[HoldBinding] = []
    cases: list[Case] = []
    exhibits: list[Exhibit] = []
    while pair := list(islice(held, 2)):
        number += 1
        exhibit = number % 5 == 0
        lifted = pair[0][1] if number % 3 == 0 else None
        hold = Hold(
            kind="exhibit" if exhibit else "litigation",
            reference=f"C/{number}",
            basis="A claim.",
            owner=manager,
            silent=number % 10 == 1,
            standing=number % 50 == 2,
            criteria=Criteria(units=("U01",)).to_json() if number % 50 == 2 else {},
            review_on=(now + timedelta(days=number % 400 - 30)).date(),
            placed_at=pair[0][1],
            lifted_by=manager if lifted else None,
            lifted_at=lifted,
        )
        holds.append(hold)
        bindings += [HoldBinding(hold=hold, recording_id=pk, bound_at=at) for pk, at in pair]
        if exhibit:
            case = Case(
                reference=f"01/{number}/26",
                title=f"R v {number}",
                unit=units[number % len(units)],
                officer_in_case=manager,
                opened_at=pair[0][1],
                review_on=hold.review_on,
            )
            cases.append(case)
            exhibits.append(
                Exhibit(
                    case=case,
                    reference="GO/1",
                    initials="GO",
                    number=1,
                    title="Footage",
                    producer=manager,
                    recording_id=pair[0][0],
                    hold=hold,
                    produced_by=manager,
                    produced_at=pair[0][1],
                )
            )
    Hold.objects.bulk_create(holds, batch_size=1000)
    HoldBinding.objects.bulk_create(bindings, batch_size=1000)
    Case.objects.bulk_create(cases, batch_size=1000)
    Exhibit.objects.bulk_create(exhibits, batch_size=1000)


def _glass(rows: Iterable[Recording], manager: Officer, other: Officer) -> None:
    chosen = list(rows)
    hour = timedelta(hours=1)
    BrokenGlass.objects.bulk_create(
        BrokenGlass(
            recording=row,
            officer=manager,
            emergency="life",
            reason="A child was missing.",
            broken_at=row.began_at,
            ends_at=row.began_at + hour,
            **(
                {
                    "judged_at": row.began_at + hour,
                    "judged_by": other,
                    "justified": True,
                    "note": "Right.",
                }
                if number % 3
                else {}
            ),
        )
        for number, row in enumerate(chosen)
    )
    Naming.objects.bulk_create(
        Naming(
            recording=row,
            officer=other,
            named_by=manager,
            reason="Works on it.",
            named_at=row.began_at,
            ends_at=row.began_at + timedelta(days=400),
        )
        for row in chosen
    )
    CircleMember.objects.bulk_create(
        CircleMember(
            recording=row,
            officer=other,
            standing="named",
            reference=str(uuid.uuid4()),
            since=row.began_at,
            until=row.began_at + timedelta(days=400),
        )
        for row in chosen
    )


def _early(rows: Iterable[Recording]) -> None:
    EarlyDeletion.objects.bulk_create(
        EarlyDeletion(
            recording=row,
            asked_for="officer",
            reason="Filmed by mistake.",
            asked_by=row.wearer,
            asked_at=row.received_at,
        )
        for row in rows
    )


def _quarantine(rows: Iterable[Recording]) -> None:
    chosen = list(rows)
    uploads = [
        Upload(
            id=uuid.uuid4(),
            recording_id=uuid.uuid4(),
            identity=f"bad:{row.counter}",
            commitment=row.commitment,
            officer_id=row.wearer_id,
            length=100,
            offset=100,
            state="quarantined",
            created_at=row.received_at,
            expires_at=row.received_at,
            completed_at=row.received_at,
        )
        for row in chosen
    ]
    Upload.objects.bulk_create(uploads)
    Quarantine.objects.bulk_create(
        Quarantine(
            upload=upload,
            recording_id=upload.recording_id,
            reason="signature.bad",
            message="Its signature is not its camera's.",
            state="held" if number % 2 else "rejected",
            arrived_at=upload.created_at,
            nag_at=upload.created_at + _WEEK,
            gone_by=upload.created_at + 31 * timedelta(days=1),
        )
        for number, upload in enumerate(uploads)
    )


def _requests(low: int, now: datetime, units: list[Unit]) -> None:
    high = Recording.objects.filter(counter__gte=low).count() + low
    KeepRequest.objects.bulk_create(
        KeepRequest(
            code=f"K{number:012}",
            form_key=uuid.uuid4(),
            asked_at=now - timedelta(minutes=number * 3),
            begins_at=now - timedelta(days=3),
            ends_at=now - timedelta(days=2),
            unit=units[number % len(units)],
            words="A red coat.",
            bound_at=now,
        )
        for number in range(low, high, 1000)
    )


def _anomalies(now: datetime) -> None:
    Anomaly.objects.bulk_create(
        Anomaly(kind="many_views", about=about, number=90, found_at=now, seen_at=now)
        for about in Officer.objects.values_list("pk", flat=True)[:300]
    )


def logged(*, low: int, share: int) -> None:
    """Three entries for a recording: it came, it was put into a category, it was watched.

    Args:
        low: from this number on.
        share: one recording of so many; the log alone takes as long as all other rows together.
    """
    rows = (
        Recording.objects.filter(counter__gte=low, wearer__isnull=False)
        .alias(place=F("counter") % share)
        .filter(place=0)
        .values_list("pk", "wearer_id", "received_at")
        .order_by("received_at")
        .iterator()
    )
    while some := list(islice(rows, 2000)):
        with transaction.atomic():
            ledger.append_many([draft for row in some for draft in _drafts(*row)])


def _drafts(pk: UUID, wearer: UUID, at: datetime) -> Sequence[ledger.Draft]:
    about, actor = recording_subject(pk), f"officer:{wearer}"
    viewed = {"kind": "working", "task": "", "reference": ""}
    return (
        ledger.Draft(about, Act.RECORDING_RECEIVED, "system:receiver", at),
        ledger.Draft(about, Act.RECORDING_CATEGORISED, actor, at, detail={"category": "arrest"}),
        ledger.Draft(about, Act.RECORDING_VIEWED, actor, at, detail=viewed),
    )
