"""What people of a made-up force do with its recordings: mark, watch, hold, produce in court."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import count
from typing import Final
from uuid import UUID

from fairwitness.accountability import firearms
from fairwitness.accountability.models import Discharge, Outcome
from fairwitness.cases import opening, producing_many
from fairwitness.cases.models import Case
from fairwitness.cases.producing_many import Wanted
from fairwitness.config.seeding.plan import Planned
from fairwitness.config.seeding.regretting import Regretting
from fairwitness.evidence import granting
from fairwitness.evidence.access import Task
from fairwitness.evidence.granting import Wish
from fairwitness.evidence.models import Recording
from fairwitness.force import officers, units
from fairwitness.force.asking import Role, TaskKind
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.force.seed import ARMED
from fairwitness.retention import holds, marking_many
from fairwitness.retention.holds import Terms
from fairwitness.retention.marking_many import Mark
from fairwitness.retention.models import HoldKind
from fairwitness.retention.standing import Criteria

_DESK: Final = time(10, 15)
_WEEK: Final = 7
_WATCHED_AFTER: Final = timedelta(minutes=40)
_MARKS: Final = 500
_FEW: Final = 20
"""A desk with fewer to mark leaves them for the next week, but none for longer than `_WAITS`."""
_WAITS: Final = timedelta(days=13)
_REVIEWED_AFTER: Final = timedelta(days=180)
_EXHIBITS: Final = 3
_CONCERNED: Final = 3

_HOLDS: Final = (
    (HoldKind.COMPLAINT, "CM", "a member of the public complains of what was said", "2207"),
    (HoldKind.LITIGATION, "CIV", "a claim for damages was notified", "2207"),
    (HoldKind.SUBJECT_ACCESS, "SAR", "a person who was filmed asks for a copy", "4120"),
    (HoldKind.PROFESSIONAL_STANDARDS, "DPS", "conduct is being looked into", "2207"),
    (HoldKind.CORONER, "INQ", "the coroner asked that it be kept", "2207"),
    (HoldKind.REQUEST, "REQ", "a person who was filmed asks that it be kept", "4101"),
)
_OPERATIONS: Final = (31, 28, 35, 27)
_FIRED: Final = (96, 40)
_TITLES: Final = ("Footage of the arrest", "Footage of the search", "First account at the scene")


@dataclass(slots=True)
class Working:
    """The people, and what waits for them.

    Attributes:
        supervisors: whoever marks at the desk of each unit, by its code.
    """

    supervisors: Mapping[str, Officer]
    until: datetime
    _to_mark: dict[str, list[tuple[Planned, UUID]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _to_hold: list[UUID] = field(default_factory=list)
    _evidence: list[tuple[Planned, UUID]] = field(default_factory=list)
    _regretting: Regretting = field(default_factory=Regretting)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def note(self, planned: Sequence[Planned], ids: Sequence[UUID]) -> None:
        """What has just arrived, and what of it somebody will see to."""
        self._regretting.note(planned, ids)
        for each, pk in zip(planned, ids, strict=True):
            if each.category:
                self._to_mark[each.worn.unit.code].append((each, pk))
            if each.held:
                self._to_hold.append(pk)

    def work(self, day: datetime) -> None:
        """A day's work, at a quarter past ten: a desk a week for each unit, holds, exhibits."""
        at = datetime.combine(day.date(), _DESK, tzinfo=day.tzinfo)
        if at > self.until:
            return
        for unit in sorted(self._to_mark):
            if (sum(unit.encode()) + at.toordinal()) % _WEEK == 0:
                self._mark(unit, at)
        if at.weekday() == 0:
            self._hold(at)
            self._produce(at)
            self._regretting.work(at)

    def watch(self, planned: Sequence[Planned], ids: Sequence[UUID]) -> None:
        """What is watched on the day it came."""
        chosen = {
            pk: each
            for each, pk in zip(planned, ids, strict=True)
            if each.viewed and each.docked_at + _WATCHED_AFTER < self.until
        }
        rows = Recording.objects.select_related("unit").in_bulk(list(chosen))
        wishes = [self._wish(each, rows[pk]) for pk, each in chosen.items()]
        granting.grant_viewings([wish for wish in wishes if wish is not None])

    def finish(self) -> None:
        """What stands at the end: a standing hold, and one that its wearers must not see."""
        at = self.until
        owner = officers.named("2207")
        self._firearms(owner)
        self._regretting.finish(at)
        look = (at + _REVIEWED_AFTER).date()
        holds.place(
            terms=Terms(
                HoldKind.PROFESSIONAL_STANDARDS, "DPS/STANDING/1", "conduct on one night", look
            ),
            owner=owner,
            at=at,
            criteria=Criteria(
                units=("LAM",), begins_at=at - timedelta(days=4), ends_at=at - timedelta(days=3)
            ),
        )
        silent = Recording.objects.filter(
            state="live", evidential=False, gone_by__gt=at + timedelta(days=5), unit__code="WSM"
        ).order_by("received_at")
        chosen = list(silent.values_list("pk", flat=True)[:2])
        if chosen:
            terms = Terms(
                HoldKind.PROFESSIONAL_STANDARDS, "DPS/SILENT/1", "an inquiry", look, silent=True
            )
            holds.place(terms=terms, owner=owner, at=at, recordings=chosen)

    def _firearms(self, standards: Officer) -> None:
        """Four months of operations, and two discharges that an independent body looks into."""
        at, armed = self.until, units.named(ARMED)
        for back, number in enumerate(_OPERATIONS):
            firearms.note_operations(
                unit=armed,
                month=(at - timedelta(days=30 * (back + 1))).date(),
                number=number,
                officer=standards,
                at=at,
            )
        for number, days in enumerate(_FIRED, start=1):
            day = (at - timedelta(days=days)).date()
            discharge = firearms.note_discharge(
                reference=f"FD/{number}/{at:%y}",
                unit=armed,
                happened_on=day,
                officer=standards,
                at=at,
            )
            firearms.open_investigation(
                discharge=discharge,
                body="Independent Office for Police Conduct",
                opened_on=day + timedelta(days=1),
                officer=officers.named("IND01"),
                at=at,
            )
        firearms.conclude_investigation(
            discharge=Discharge.objects.earliest("happened_on"),
            outcome=Outcome.LEARNING,
            concluded_on=(at - timedelta(days=9)).date(),
            officer=officers.named("IND01"),
            at=at,
        )

    def _mark(self, unit: str, at: datetime) -> None:
        waiting = self._to_mark.pop(unit)
        due = [(each, pk) for each, pk in waiting if each.docked_at < at]
        later = [pair for pair in waiting if pair[0].docked_at >= at]
        if len(due) < _FEW and all(at - each.docked_at < _WAITS for each, _ in due):
            due, later = [], waiting
        if later:
            self._to_mark[unit] = later
        for start in range(0, len(due), _MARKS):
            some = due[start : start + _MARKS]
            marks = [Mark(pk, (each.category,), each.incident) for each, pk in some]
            marking_many.mark(marks=marks, officer=self.supervisors[unit], at=at)
        self._evidence += [(each, pk) for each, pk in due if each.incident]

    def _hold(self, at: datetime) -> None:
        """What came of the last week's complaints, claims and requests: some recordings each."""
        waiting, self._to_hold = self._to_hold, []
        for start in range(0, len(waiting), _CONCERNED):
            number = next(self._numbers)
            kind, letters, basis, owner = _HOLDS[number % len(_HOLDS)]
            terms = Terms(kind, f"{letters}/{number}/{at:%y}", basis, (at + _REVIEWED_AFTER).date())
            holds.place(
                terms=terms,
                owner=officers.named(owner),
                at=at + timedelta(hours=1),
                recordings=waiting[start : start + _CONCERNED],
            )

    def _produce(self, at: datetime) -> None:
        """One case in eight of what became evidence goes to court by now."""
        ready, self._evidence = self._evidence, []
        detective = officers.named("3318")
        for start in range(0, len(ready), 8 * _EXHIBITS):
            case = self._open(ready[start][0], detective, at)
            some = [pair for pair in ready[start : start + _EXHIBITS] if pair[0].worn.wearer]
            rows = Recording.objects.select_related("unit").in_bulk([pk for _, pk in some])
            producing_many.produce(
                case=case,
                wanted=[
                    Wanted(
                        rows[recording],
                        other.worn.wearer,
                        _TITLES[next(self._numbers) % len(_TITLES)],
                    )
                    for other, recording in some
                    if other.worn.wearer is not None
                ],
                officer=detective,
                at=at + timedelta(hours=3),
            )

    def _open(self, each: Planned, detective: Officer, at: datetime) -> Case:
        return opening.open_case(
            reference=f"R/{next(self._numbers):05}/{at:%y}",
            title=f"{each.category.replace('-', ' ').capitalize()}, {each.worn.unit.name}",
            unit=each.worn.unit,
            officer_in_case=detective,
            review_on=(at + _REVIEWED_AFTER).date(),
            officer=detective,
            at=at + timedelta(hours=2),
        )

    def _wish(self, each: Planned, recording: Recording) -> Wish | None:
        own = each.viewed == "own" and each.worn.wearer is not None
        viewer = each.worn.wearer if own else self.supervisors[each.worn.unit.code]
        if viewer is None:
            return None
        at = each.docked_at + _WATCHED_AFTER
        review = each.viewed != "incident"
        task = Task(
            TaskKind.REVIEW if review else TaskKind.INCIDENT,
            "monthly sample" if review else each.incident or f"CAD {each.counter}{at:%d%b%y}",
        )
        return Wish(recording, viewer, None if own else task, at)


def supervisors() -> dict[str, Officer]:
    """One supervisor of each unit, by its code."""
    grants = (
        RoleGrant.objects.filter(role=Role.SUPERVISOR, unit__isnull=False)
        .select_related("officer", "unit")
        .order_by("-officer__collar_number")
    )
    return {grant.unit.code: grant.officer for grant in grants if grant.unit is not None}
