"""The public figures, per unit, and whether they add up (DESIGN, guarantee 7).

    received = not yet due + kept (by reason) + deletion under way + in quarantine
             + deleted by rule + deleted by a person + lost

Each side is counted apart: a recording that is in no line, or in two, breaks the sum of its unit.
And the whole is held against the custody log, which no row can leave: what the log says arrived
and was deleted must be what the rows say. Figures that do not add up are published as such, and the
command fails. The number of queries does not depend on how many units or recordings there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import (
    BooleanField,
    Case,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    Value,
    When,
)

from fairwitness.accountability.models import Loss, Vestige, VestigeFate
from fairwitness.custody import reading
from fairwitness.evidence.models import Provenance, Recording, State
from fairwitness.force.models import Unit
from fairwitness.formats.acts import Act
from fairwitness.ingest import counter_gaps
from fairwitness.ingest.models import Quarantine, QuarantineState
from fairwitness.retention import rules
from fairwitness.retention.event_rows import SILENT, EventMatch
from fairwitness.retention.models import Disposal, HoldBinding, HoldKind

NO_UNIT: Final = "none"
"""The code of the line for footage that belongs to no unit yet."""


@dataclass(slots=True)
class Line:
    """The figures of one unit.

    Attributes:
        code: of the unit.
        name: of the unit.
        received: everything that arrived.
        not_yet_due: alive, with a day on which it goes. What only a silent hold keeps is counted
            here until the day that its wearer knows, then as kept for another reason: the public
            figures must not announce an inquiry.
        kept: alive without such a day, by reason.
        under_way: past its day and being deleted; nobody can open it.
        in_quarantine: waiting for people.
        deleted_by_rule: by a rule, which nobody had to ask.
        deleted_by_person: rejected out of quarantine, or deleted early because people agreed.
        lost: should be there and can't be opened.
        late: of those received, docked so late that the limit runs from docking; not in the sum.
        imported: of those received, brought in by an officer: CCTV, another vendor's export; not in
            the sum.
        from_volumes: of those received, docked from an enrolled volume; not in the sum.
        unsigned: of those received, docked without any camera's signature; not in the sum.
        never_arrived: numbers of cameras' counters that docks named as missing and that have not
            come since; not in the sum.
    """

    code: str
    name: str
    received: int = 0
    not_yet_due: int = 0
    kept: dict[str, int] = field(default_factory=dict)
    under_way: int = 0
    in_quarantine: int = 0
    deleted_by_rule: int = 0
    deleted_by_person: int = 0
    lost: int = 0
    late: int = 0
    imported: int = 0
    from_volumes: int = 0
    unsigned: int = 0
    never_arrived: int = 0

    @property
    def accounted(self) -> int:
        """The right-hand side: everything that we can say where it is."""
        return (
            self.not_yet_due
            + sum(self.kept.values())
            + self.under_way
            + self.in_quarantine
            + self.deleted_by_rule
            + self.deleted_by_person
            + self.lost
        )

    @property
    def adds_up(self) -> bool:
        """Whether what was received is where we say it is."""
        return self.received == self.accounted


@dataclass(frozen=True, slots=True)
class Figures:
    """All lines, their sum, and what the custody log says.

    Attributes:
        at: the moment that they are true of.
        lines: one a unit that ever received anything, by name.
        total: the sum of the lines.
        in_log: how many arrivals the custody log holds.
        deleted_in_log: of how many it says that they were deleted.
    """

    at: datetime
    lines: tuple[Line, ...]
    total: Line
    in_log: int
    deleted_in_log: int

    @property
    def never_arrived(self) -> int:
        """Numbers of cameras' counters that are missing, in the whole force; not in the sum."""
        return self.total.never_arrived

    @property
    def problems(self) -> tuple[str, ...]:
        """What does not add up, in words; empty when all is well."""
        found = [
            f"{line.name}: {line.received} received, {line.accounted} accounted for."
            for line in (*self.lines, self.total)
            if not line.adds_up
        ]
        if self.in_log != self.total.received:
            found.append(
                f"The custody log holds {self.in_log} arrivals, the rows {self.total.received}."
            )
        deleted = self.total.deleted_by_rule + self.total.deleted_by_person
        if self.deleted_in_log != deleted:
            found.append(
                f"The custody log holds {self.deleted_in_log} deletions, the rows {deleted}."
            )
        return tuple(found)


_LOST: Final = Exists(Loss.objects.filter(recording=OuterRef("pk"), resolved_at__isnull=True))
_DISPOSAL: Final = Exists(Disposal.objects.filter(recording=OuterRef("pk")))
_EARLY: Final = Exists(Disposal.objects.filter(recording=OuterRef("pk"), rule=rules.EARLY))


_NOT_LOOKED_AT: Final = Exists(
    EventMatch.objects.filter(recording=OuterRef("pk"), looked_at__isnull=True).exclude(
        event__kind__in=SILENT
    )
)


def _held(kind: str | None = None) -> Exists:
    bindings = HoldBinding.objects.filter(
        recording=OuterRef("pk"), hold__lifted_at__isnull=True, hold__silent=False
    )
    return Exists(bindings.filter(hold__kind=kind) if kind else bindings)


def _kept_reason() -> Case:
    """Why something is kept, each recording under the first reason that holds."""
    return Case(
        *(When(_held(kind.value), then=Value(f"hold: {kind.label}")) for kind in HoldKind),
        When(evidential=True, then=Value("evidential")),
        When(locked=True, then=Value("locked")),
        When(_NOT_LOOKED_AT, then=Value("a record marks it, not looked at yet")),
        When(~Q(category=""), then=Value("category")),
        default=Value("other reason"),
    )


def conditions(at: datetime) -> Mapping[str, Q]:
    """Which recordings each figure counts at one moment; `kept` is counted by reason as well."""
    here = Q(state=State.LIVE) & ~Q(_LOST)
    known_to_stay = Q(shown_gone_by__isnull=True) | Q(shown_gone_by__lte=at)
    return {
        "received": Q(),
        "not_yet_due": here & (Q(gone_by__gt=at) | Q(gone_by__isnull=True) & ~known_to_stay),
        "kept": here & Q(gone_by__isnull=True) & known_to_stay,
        "under_way": here & Q(gone_by__lte=at),
        "lost": Q(state=State.LIVE) & Q(_LOST),
        "deleted_by_rule": Q(state=State.DISPOSED) & Q(_DISPOSAL) & ~Q(_EARLY),
        "deleted_by_person": Q(state=State.DISPOSED) & Q(_EARLY),
        "late": Q(late=True),
        "imported": Q(provenance=Provenance.IMPORTED),
        "from_volumes": Q(provenance=Provenance.VOLUME),
        "unsigned": Q(provenance=Provenance.UNSIGNED),
    }


def counted(at: datetime, names: Sequence[str]) -> dict[str, Count]:
    """The figures of these names, for one query that goes through the recordings once."""
    wanted = conditions(at)
    return {
        f"n_{name}": Count("pk", filter=wanted[name]) if wanted[name] else Count("pk")
        for name in names
    }


def _count_recordings(lines: dict[str, Line], at: datetime) -> None:
    names = [name for name in conditions(at) if name != "kept"]
    rows = Recording.objects.order_by().values_list("unit__code").annotate(**counted(at, names))
    for code, *numbers in rows:
        line = lines[code or NO_UNIT]
        for name, number in zip(names, numbers, strict=True):
            setattr(line, name, number)
    kept = (
        Recording.objects.filter(conditions(at)["kept"])
        .order_by()
        .annotate(why=_kept_reason())
        .values_list("unit__code", "why")
        .annotate(number=Count("pk"))
    )
    for code, reason, number in kept:
        lines[code or NO_UNIT].kept[reason] = number


def _count_quarantine(lines: dict[str, Line]) -> None:
    """Footage that never became a recording; released footage is counted as the recording."""
    rows = (
        Quarantine.objects.exclude(state=QuarantineState.RELEASED)
        .order_by()
        .annotate(
            by_rule=ExpressionWrapper(Q(decided_by__isnull=True), output_field=BooleanField())
        )
        .values_list(
            "state",
            "upload__dock__station__unit__code",
            "upload__officer__unit__code",
            "upload__axis__station__unit__code",
            "by_rule",
        )
        .annotate(number=Count("recording_id", distinct=True))
    )
    for state, dock_unit, officer_unit, axis_unit, by_rule, number in rows:
        line = lines[dock_unit or officer_unit or axis_unit or NO_UNIT]
        line.received += number
        if state in {QuarantineState.HELD, QuarantineState.BINNED}:
            line.in_quarantine += number
        elif by_rule:
            line.deleted_by_rule += number
        else:
            line.deleted_by_person += number


def vestiges() -> int:
    """Arrivals that only the log still knows, of which no month and no unit is known."""
    return Vestige.objects.count()


def _count_vestiges(lines: dict[str, Line]) -> None:
    """Arrivals that only the log still knows, after the loss of a database."""
    rows = Vestige.objects.order_by().values_list("fate").annotate(number=Count("pk"))
    for fate, number in rows:
        line = lines[NO_UNIT]
        line.received += number
        if fate == VestigeFate.DELETED:
            line.deleted_by_rule += number
        else:
            line.lost += number


def _count_gaps(lines: dict[str, Line]) -> None:
    rows = (
        counter_gaps.open_gaps()
        .order_by()
        .values_list("camera__unit__code")
        .annotate(number=Count("pk"))
    )
    for code, number in rows:
        lines[code or NO_UNIT].never_arrived += number


def _sum(lines: tuple[Line, ...]) -> Line:
    total = Line(code="all", name="All units")
    for line in lines:
        for name in (
            "received",
            "not_yet_due",
            "under_way",
            "in_quarantine",
            "deleted_by_rule",
            "deleted_by_person",
            "lost",
            "late",
            "imported",
            "from_volumes",
            "unsigned",
            "never_arrived",
        ):
            setattr(total, name, getattr(total, name) + getattr(line, name))
        for reason, number in line.kept.items():
            total.kept[reason] = total.kept.get(reason, 0) + number
    return total


def _arrivals_in_log() -> int:
    counted = reading.count_by_act()
    arrived = counted.get(Act.RECORDING_RECEIVED, 0) + counted.get(Act.RECORDING_IMPORTED, 0)
    apart = counted.get(Act.RECORDING_QUARANTINED, 0)
    return arrived + apart - counted.get(Act.RECORDING_RELEASED_FROM_QUARANTINE, 0)


def count(*, at: datetime) -> Figures:
    """Count everything, at one moment; call it inside a transaction to see one state."""
    names = dict(Unit.objects.values_list("code", "name"))
    names[NO_UNIT] = "No unit yet"
    lines = _Lines(names)
    _count_recordings(lines, at)
    _count_quarantine(lines)
    _count_vestiges(lines)
    _count_gaps(lines)
    ordered = tuple(sorted(lines.values(), key=lambda line: line.name))
    return Figures(
        at=at,
        lines=ordered,
        total=_sum(ordered),
        in_log=_arrivals_in_log(),
        deleted_in_log=reading.count_subjects(Act.RECORDING_DISPOSED),
    )


class _Lines(dict[str, Line]):
    """Lines by unit code, made when first counted into."""

    def __init__(self, names: Mapping[str, str]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, code: str) -> Line:
        line = Line(code=code, name=self._names.get(code, code))
        self[code] = line
        return line
