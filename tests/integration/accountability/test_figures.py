"""The public figures against a naive count, row by row, over states of every kind at once."""

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.integration.force.made_up import AT, Force, make_force

from fairwitness.accountability import figures
from fairwitness.accountability.figures import Figures
from fairwitness.accountability.models import Loss, Vestige
from fairwitness.custody import ledger
from fairwitness.custody.ledger import Draft
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Camera, Dock, Station, Unit
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.ingest.models import CounterGap, Quarantine, Upload
from fairwitness.retention.models import Disposal, Hold, HoldBinding

DAY = timedelta(days=1)
UNITS = 4
DELETED = {"disposed", "expired", "rejected", "vestige deleted"}
CAME, APART, OUT = (
    Act.RECORDING_RECEIVED,
    Act.RECORDING_QUARANTINED,
    Act.RECORDING_RELEASED_FROM_QUARANTINE,
)


@dataclass(frozen=True)
class Arrival:
    """One thing that arrived, and what became of it; `unit` 0 is none."""

    kind: str
    unit: int = 1
    days: int | None = 10
    evidential: bool = False
    locked: bool = False
    category: bool = False
    holds: tuple[str, ...] = ()
    loss: str = ""
    late: bool = False


ENDS = {"live", "disposed", "imported", "held", "expired", "rejected", "released", "waiting"}
ENDS |= {"vestige deleted", "vestige lost"}
ARRIVALS = st.builds(
    Arrival,
    kind=st.sampled_from(sorted(ENDS)),
    unit=st.integers(0, UNITS - 1),
    days=st.none() | st.integers(-3, 3),
    evidential=st.booleans(),
    locked=st.booleans(),
    category=st.booleans(),
    holds=st.sets(st.sampled_from(["exhibit", "case", "lifted", "coroner"])).map(tuple),
    loss=st.sampled_from(["", "", "open", "found"]),
    late=st.booleans(),
)


class Builder:
    """Makes rows and entries of arrivals, inside the caller's transaction."""

    def __init__(self, force: Force, units: int = UNITS) -> None:
        self.force = force
        self.units: list[Unit | None] = [None, force.lambeth, force.lewisham]
        for number in range(3, units):
            unit = Unit.objects.create(code=f"U{number}", name=f"Unit {number}", kind="borough")
            self.units.append(unit)
        self.docks = [self._dock(number, unit) for number, unit in enumerate(self.units)]
        self.drafts: list[Draft] = []
        self.camera = Camera.objects.create(
            serial="C",
            keyid="C",
            profile="body2",
            mount="chest",
            unit=force.lambeth,
            requested_at=AT,
        )
        self.pool = Camera.objects.create(
            serial="P", keyid="P", profile="body2", mount="chest", requested_at=AT
        )

    def add(self, arrival: Arrival) -> uuid.UUID:
        pk = uuid.uuid4()
        kind, _, fate = arrival.kind.partition(" ")
        if kind == "vestige":
            Vestige.objects.create(recording_id=pk, fate=fate, arrived_at=AT, noted_at=AT)
            self._log(pk, CAME)
        elif kind in {"held", "expired", "rejected", "released", "waiting"}:
            self._quarantined(pk, kind, arrival)
        else:
            self._recording(pk, arrival)
            self._log(pk, Act.RECORDING_IMPORTED if kind == "imported" else CAME)
        if arrival.kind in DELETED:
            self._log(pk, Act.RECORDING_DISPOSED)
        return pk

    def write_log(self) -> None:
        ledger.append_many(self.drafts)
        self.drafts = []

    def _dock(self, number: int, unit: Unit | None) -> Dock:
        station = None
        if unit is not None:
            station = Station.objects.create(code=f"S{number}", name="A station", unit=unit)
        return Dock.objects.create(
            serial=f"D{number}", keyid=f"D{number}", station=station, requested_at=AT
        )

    def _log(self, pk: uuid.UUID, *acts: Act) -> None:
        self.drafts += [Draft(recording_subject(pk), act, "system:test", AT) for act in acts]

    def _quarantined(self, pk: uuid.UUID, kind: str, arrival: Arrival) -> None:
        upload = Upload.objects.create(
            id=uuid.uuid4(), recording_id=pk, identity=str(pk), commitment="c",
            dock=self.docks[arrival.unit], length=1, created_at=AT, expires_at=AT,
        )  # fmt: skip
        state = {"held": "held", "expired": "rejected", "rejected": "rejected"}
        Quarantine.objects.create(
            upload=upload,
            recording_id=pk,
            reason="digest.bad",
            state=state.get(kind, "released"),
            arrived_at=AT,
            nag_at=AT,
            gone_by=AT + 31 * DAY,
            decided_by=self.force.manager if kind == "rejected" else None,
        )
        self._log(pk, APART)
        if kind in {"released", "waiting"}:
            self._log(pk, OUT)
        if kind == "released":
            self._recording(pk, arrival)
            self._log(pk, CAME)

    def _recording(self, pk: uuid.UUID, arrival: Arrival) -> None:
        gone = arrival.kind == "disposed"
        row = Recording.objects.create(
            id=pk,
            reference=str(pk)[:8],
            provenance="unsigned",
            unit=self.units[arrival.unit],
            state="disposed" if gone else "live",
            received_at=AT,
            clock_started_at=AT,
            docked_at=AT,
            late=arrival.late,
            size=1,
            sha256="" if gone else "a" * 64,
            commitment="c",
            media_type="video/mp4",
            gone_by=None if arrival.days is None else AT + arrival.days * DAY,
            evidential=arrival.evidential,
            locked=arrival.locked,
            category="arrest" if arrival.category else "",
        )
        if gone:
            Disposal.objects.create(recording=row, rule="default", due=AT, disposed_at=AT)
        if arrival.loss:
            found = AT if arrival.loss == "found" else None
            Loss.objects.create(recording=row, found_at=AT, problem="gone", resolved_at=found)
        for kind in arrival.holds:
            self._hold(row, kind)

    def _hold(self, row: Recording, kind: str) -> None:
        lifted = kind == "lifted"
        hold = Hold.objects.create(
            kind="case" if lifted else kind,
            reference="1",
            basis="a test",
            owner=self.force.manager,
            review_on=AT.date(),
            placed_at=AT,
            lifted_at=AT if lifted else None,
            lifted_by=self.force.manager if lifted else None,
        )
        HoldBinding.objects.create(hold=hold, recording=row, bound_at=AT)


def naive() -> dict[str, dict[str, int]]:
    """Every row looked at by itself, with no query that counts."""
    lines: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in Recording.objects.select_related("unit"):
        line = lines[row.unit.code if row.unit else "none"]
        line["received"] += 1
        line["late"] += row.late
        line[_place(row)] += 1
    for case in Quarantine.objects.select_related("upload__dock__station__unit"):
        if case.state == "released":
            continue
        station = case.upload.dock.station if case.upload.dock else None
        line = lines[station.unit.code if station else "none"]
        line["received"] += 1
        ended = "deleted_by_person" if case.decided_by_id else "deleted_by_rule"
        line["in_quarantine" if case.state == "held" else ended] += 1
    for vestige in Vestige.objects.all():
        lines["none"]["received"] += 1
        lines["none"]["deleted_by_rule" if vestige.fate == "deleted" else "lost"] += 1
    there = set(Recording.objects.values_list("camera_id", "counter"))
    for gap in CounterGap.objects.select_related("camera__unit"):
        unit = gap.camera.unit
        missing = (gap.camera_id, gap.counter) not in there
        lines[unit.code if unit else "none"]["never_arrived"] += missing
    return {code: {k: v for k, v in line.items() if v} for code, line in lines.items()}


def _place(row: Recording) -> str:
    if row.state == "disposed":
        return "deleted_by_rule"
    if any(loss.resolved_at is None for loss in row.losses.all()):
        return "lost"
    if row.gone_by is not None:
        return "not_yet_due" if row.gone_by > AT else "under_way"
    kinds = {each.hold.kind for each in row.bindings.all() if each.hold.lifted_at is None}
    for kind, label in (("exhibit", "exhibit"), ("case", "case"), ("coroner", "inquest")):
        if kind in kinds:
            return f"kept, hold: {label}"
    if row.evidential:
        return "kept, evidential"
    if row.locked:
        return "kept, locked"
    return "kept, category" if row.category else "kept, other reason"


def as_naive(counted: Figures) -> dict[str, dict[str, int]]:
    """The figures in the form of the naive count."""
    names = "received late not_yet_due under_way in_quarantine deleted_by_rule deleted_by_person"
    lines = {}
    for line in counted.lines:
        values = {name: getattr(line, name) for name in f"{names} lost never_arrived".split()}
        values |= {f"kept, {reason}": number for reason, number in line.kept.items()}
        lines[line.code] = {name: number for name, number in values.items() if number}
    return lines


@pytest.fixture
def force(db: None) -> Force:  # noqa: ARG001 - opens the database for the test
    return make_force()


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    arrivals=st.lists(ARRIVALS, max_size=14),
    gaps=st.sets(st.tuples(st.booleans(), st.integers(1, 5), st.booleans()), max_size=5),
)
def test_figures_are_what_a_naive_count_gives(
    force: Force, arrivals: list[Arrival], gaps: set[tuple[bool, int, bool]]
) -> None:
    with transaction.atomic():
        builder = Builder(force)
        for arrival in arrivals:
            builder.add(arrival)
        for ours, counter, came in gaps:
            camera = builder.camera if ours else builder.pool
            CounterGap.objects.get_or_create(
                camera=camera, counter=counter, defaults={"named_at": AT}
            )
            if came and not Recording.objects.filter(camera=camera, counter=counter).exists():
                pk = builder.add(Arrival("live"))
                Recording.objects.filter(pk=pk).update(camera=camera, counter=counter)
        builder.write_log()
        counted = figures.count(at=AT)
        expected = naive()
        transaction.set_rollback(True)
    assert as_naive(counted) == {code: line for code, line in expected.items() if line}
    assert counted.problems == ()
    assert counted.total.received == counted.in_log
    assert counted.total.never_arrived == counted.never_arrived


KINDS = ["live", "disposed", "imported", "held", "expired", "rejected", "released", "vestige lost"]


@pytest.mark.parametrize("kind", KINDS)
def test_an_arrival_whose_row_was_removed_is_missed(force: Force, kind: str) -> None:
    with transaction.atomic():
        builder = Builder(force)
        builder.add(Arrival("live"))
        pk = builder.add(Arrival(kind))
        builder.write_log()
    assert figures.count(at=AT).problems == ()
    column = {"held": "recording_id", "expired": "recording_id", "rejected": "recording_id"}
    table = "ingest_quarantine" if kind in column else "evidence_recording"
    name = column.get(kind, "id")
    if kind.startswith("vestige"):
        table, name = "accountability_vestige", "recording_id"
    Disposal.objects.filter(pk=pk).delete()
    value = pk.hex if connection.vendor == "sqlite" else pk
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE {name} = %s", [value])  # noqa: S608 - our own names
        assert cursor.rowcount == 1
    problems = ["The custody log holds 2 arrivals, the rows 1."]
    if kind in DELETED:
        problems.append("The custody log holds 1 deletions, the rows 0.")
    assert figures.count(at=AT).problems == tuple(problems)


def test_a_deletion_without_a_record_breaks_the_sum_of_its_unit(force: Force) -> None:
    with transaction.atomic():
        builder = Builder(force)
        pk = builder.add(Arrival("disposed", unit=2))
        builder.write_log()
    Disposal.objects.filter(pk=pk).delete()
    assert figures.count(at=AT).problems == (
        "Lewisham: 1 received, 0 accounted for.",
        "All units: 1 received, 0 accounted for.",
        "The custody log holds 1 deletions, the rows 0.",
    )


def test_a_deletion_that_the_log_does_not_know_is_told(force: Force) -> None:
    """What an administrator would write to have footage out of sight."""
    with transaction.atomic():
        builder = Builder(force)
        pk = builder.add(Arrival("live"))
        builder.write_log()
    Recording.objects.filter(pk=pk).update(state="disposed", sha256="", gone_by=None)
    Disposal.objects.create(recording_id=pk, rule="default", due=AT, disposed_at=AT)
    assert figures.count(at=AT).problems == ("The custody log holds 0 deletions, the rows 1.",)


def test_the_number_of_queries_does_not_grow_with_units(force: Force) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            figures.count(at=AT)
        return len(captured.captured_queries)

    with transaction.atomic():
        builder = Builder(force, units=30)
        builder.add(Arrival("live"))
        few = queries()
        for unit in range(30):
            for kind in KINDS:
                builder.add(Arrival(kind, unit=unit))
        builder.write_log()
        assert queries() == few
    assert few < 40
    assert len(figures.count(at=AT).lines) == 30
