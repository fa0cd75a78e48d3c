"""Operations, discharges, and that somebody else looks into each discharge."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import connection
from tests.retention_world import AT, DAY, World, acts

from fairwitness.accountability import firearms, firearms_held
from fairwitness.accountability.firearms import FirearmsInvalid
from fairwitness.accountability.models import Discharge, FirearmsOperations, Outcome
from fairwitness.custody import triggers
from fairwitness.custody.models import Body, BodyState, Entry
from fairwitness.disclosure import force_tables
from fairwitness.force import officers
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.formats.acts import Act

pytestmark = pytest.mark.django_db(transaction=True)
DAY_OF = AT.date()
IOPC = "Independent Office for Police Conduct"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World.make(tmp_path)


@pytest.fixture
def independent(world: World) -> Officer:
    new = NewOfficer(
        "IND01", "Tom Alder", "TA", world.ada.unit.code, "", (), (Role.INDEPENDENT_INVESTIGATOR,)
    )
    return officers.register_officers_many(actor=System("test"), officers=(new,), at=AT)[0]


def _fire(world: World, reference: str = "FD/1/17", happened_on: date = DAY_OF) -> Discharge:
    return firearms.note_discharge(
        reference=reference,
        unit=world.ada.unit,
        happened_on=happened_on,
        officer=world.standards,
        at=AT + DAY,
    )


def _open(
    row: Discharge, officer: Officer, *, on: date = DAY_OF + DAY, at: datetime = AT + DAY
) -> Discharge:
    return firearms.open_investigation(
        discharge=row, body=IOPC, opened_on=on, officer=officer, at=at
    )


def test_a_discharge_is_told_until_its_investigation_is_concluded(
    world: World, independent: Officer
) -> None:
    month = DAY_OF.replace(day=1)
    firearms.note_operations(
        unit=world.ada.unit, month=DAY_OF, number=12, officer=world.standards, at=AT
    )
    row = _fire(world)
    _fire(world, "FD/2/17")
    told = firearms.told(first=month, last=month)
    assert (told.operations, told.discharges, told.not_investigated) == (12, 2, 2)
    _open(row, independent)
    firearms.conclude_investigation(
        discharge=row,
        outcome=Outcome.LEARNING,
        concluded_on=DAY_OF + 3 * DAY,
        officer=independent,
        at=AT + 9 * DAY,
    )
    told = firearms.told(first=month, last=month, unit=world.ada.unit.code)
    assert (told.opened, told.concluded, told.not_investigated) == (1, 1, 1)
    assert told.outcomes["learning"] == 1
    assert acts("firearms") == [
        "firearms.operations_noted",
        "firearms.discharge_noted",
        "firearms.discharge_noted",
        "firearms.investigation_opened",
        "firearms.investigation_concluded",
    ]
    assert firearms.told(first=month, last=month, unit="NONE").discharges == 0


def test_operations_said_again_replace_what_was_said(world: World) -> None:
    for number in (3, 5):
        firearms.note_operations(
            unit=world.ada.unit, month=DAY_OF, number=number, officer=world.manager, at=AT
        )
    assert FirearmsOperations.objects.get().number == 5
    assert len(acts("firearms")) == 2


def test_the_force_does_not_investigate_itself(world: World) -> None:
    row = _fire(world)
    for officer in (world.ada, world.sergeant, world.manager):
        with pytest.raises(NotAllowed):
            _open(row, officer)
    with pytest.raises(NotAllowed):
        firearms.note_discharge(
            reference="FD/3/17", unit=world.ada.unit, happened_on=DAY_OF, officer=world.ada, at=AT
        )
    assert Discharge.objects.get().opened_on is None


def test_what_can_not_be_is_refused(world: World, independent: Officer) -> None:
    row = _fire(world)
    with pytest.raises(FirearmsInvalid) as taken:
        _fire(world)
    assert taken.value.stable_code == "firearms.taken"
    with pytest.raises(FirearmsInvalid):
        _fire(world, "  ")
    with pytest.raises(FirearmsInvalid):
        _fire(world, "FD/9/17", DAY_OF + 30 * DAY)
    with pytest.raises(FirearmsInvalid):
        _open(row, independent, on=DAY_OF - DAY)
    with pytest.raises(FirearmsInvalid):
        firearms.conclude_investigation(
            discharge=row,
            outcome=Outcome.NO_CASE,
            concluded_on=DAY_OF,
            officer=independent,
            at=AT + DAY,
        )
    _open(row, independent)
    with pytest.raises(FirearmsInvalid):
        _open(row, independent)
    with pytest.raises(FirearmsInvalid):
        firearms.note_operations(
            unit=world.ada.unit, month=DAY_OF, number=-1, officer=world.standards, at=AT
        )


def _all(world: World, independent: Officer) -> None:
    """One of each, the operations said twice, and one refused."""
    for number in (3, 12):
        firearms.note_operations(
            unit=world.ada.unit, month=DAY_OF, number=number, officer=world.standards, at=AT
        )
    _open(_fire(world), independent)
    firearms.conclude_investigation(
        discharge=Discharge.objects.get(),
        outcome=Outcome.LEARNING,
        concluded_on=DAY_OF + 3 * DAY,
        officer=independent,
        at=AT + 9 * DAY,
    )
    _fire(world, "FD/2/17")
    with pytest.raises(NotAllowed):
        _open(Discharge.objects.get(reference="FD/2/17"), world.manager)


def _export(folder: Path) -> Path:
    """The two tables as a whole-force export writes them."""
    for name, rows in firearms.tables().items():
        lines = [force_tables.encode(force_tables.columns(row)) for row in rows()]
        (folder / f"{name}.jsonl").write_bytes(b"".join(lines))
    return folder


def test_rows_say_what_the_log_tells(world: World, independent: Officer, tmp_path: Path) -> None:
    assert firearms_held.problems() == []
    _all(world, independent)
    assert firearms_held.problems() == []
    assert firearms_held.problems_of_export(_export(tmp_path)) == []
    assert list(firearms_held.findings()) == []


def test_a_line_that_differs_from_the_log_is_found_though_the_row_does_not(
    world: World, independent: Officer, tmp_path: Path
) -> None:
    _all(world, independent)
    written = _export(tmp_path) / "discharges.jsonl"
    written.write_bytes(written.read_bytes().replace(b'"learning"', b'"no-case"'))
    assert firearms_held.problems() == []
    assert firearms_held.problems_of_export(tmp_path) == [
        "The row of the discharge FD/1/17 has no-case as outcome; the log tells learning."
    ]


def test_an_audit_names_what_differs(world: World, independent: Officer) -> None:
    _all(world, independent)
    FirearmsOperations.objects.update(number=13)
    (found,) = firearms_held.findings()
    assert (found.part, found.code, found.about) == ("rows", "firearms.not_as_logged", "firearms")
    assert found.message.endswith("has 13 as number; the log tells 12.")


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        ("happened_on", DAY_OF - DAY, "as happened_on"),
        ("outcome", Outcome.NO_CASE.value, "has no-case as outcome; the log tells learning."),
        ("body", "the force", "has the force as body"),
        ("concluded_on", DAY_OF + 2 * DAY, "as concluded_on"),
        ("opened_on", DAY_OF, "as opened_on"),
        ("noted_at", AT, "as noted_at"),
    ],
)
def test_a_changed_discharge_is_found(
    world: World, independent: Officer, column: str, value: object, words: str
) -> None:
    _all(world, independent)
    Discharge.objects.filter(reference="FD/1/17").update(**{column: value})
    (problem,) = firearms_held.problems()
    assert problem.startswith("The row of the discharge FD/1/17 has ")
    assert words in problem


def test_rows_that_came_or_went_past_the_log_are_found(world: World, independent: Officer) -> None:
    _all(world, independent)
    Discharge.objects.filter(reference="FD/1/17").update(reference="FD/9/17")
    FirearmsOperations.objects.update(number=13)
    code = world.ada.unit.code
    assert firearms_held.problems() == [
        "The log tells of the discharge FD/1/17, and there is no row of it.",
        "There is a row of the discharge FD/9/17, and the log does not tell of it.",
        (
            f"The row of the firearms operations of {code} in {DAY_OF:%Y-%m} has 13 as number;"
            " the log tells 12."
        ),
    ]
    FirearmsOperations.objects.all().delete()
    Discharge.objects.all().delete()
    assert len(firearms_held.problems()) == 3


@pytest.fixture
def _unprotected() -> Iterator[None]:
    with connection.cursor() as cursor:
        for name in triggers.names(connection.vendor):
            on = "" if connection.vendor == "sqlite" else f" ON {name[: name.index('_no_')]}"
            cursor.execute(f"DROP TRIGGER {name}{on}")
    yield
    with connection.cursor() as cursor:
        for statement in triggers.create(connection.vendor):
            cursor.execute(statement)


@pytest.mark.usefixtures("_unprotected")
def test_rows_of_entries_whose_words_are_lost_are_held_to_nothing(
    world: World, independent: Officer
) -> None:
    _all(world, independent)
    noted = Entry.objects.filter(act=Act.FIREARMS_DISCHARGE_NOTED.value).values("pk")
    Body.objects.filter(pk__in=noted).update(state=BodyState.LOST, actor="", canonical=b"")
    (problem,) = firearms_held.problems()
    assert problem.startswith("The words of 2 entries of firearms are lost")
    assert list(firearms_held.findings()) == []  # the audit of the log names them
