"""Recordings become exhibits: kept, named once, and produced by somebody else than who clicked."""

import threading
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from tests.retention_world import AT, DAY, HOUR, SETUP, World, acts

from fairwitness.cases import opening, producing
from fairwitness.cases.models import Case, Exhibit
from fairwitness.cases.producing import ExhibitInvalid, Produced
from fairwitness.evidence.models import AccessClass, Recording
from fairwitness.force import officers
from fairwitness.force.asking import NotAllowed
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.retention.holds import NothingToHold
from fairwitness.retention.models import Hold, HoldKind

LATER = AT + DAY
REVIEW = date(2018, 6, 8)


def _produce(world: World, case: Case, recording: Recording, **changes: object) -> Produced:
    wanted: dict[str, object] = {
        "producer": world.ada,
        "title": "Footage of the arrest",
        "officer": world.detective,
        "at": LATER,
    }
    return producing.produce(case=case, recording=recording, **(wanted | changes))  # type: ignore[arg-type] # the test's own mix


def test_an_exhibit_bears_the_producers_initials_and_keeps_its_recording(
    world: World, case: Case
) -> None:
    recording = world.record()
    exhibit = _produce(world, case, recording).exhibit
    assert exhibit.reference == "AW/1"
    assert (exhibit.producer, exhibit.produced_by) == (world.ada, world.detective)
    hold = Hold.objects.get(pk=exhibit.hold_id)
    assert (hold.kind, hold.reference) == (HoldKind.EXHIBIT, "01LX/4417/17 AW/1")
    assert (hold.owner, hold.review_on) == (world.detective, REVIEW)
    recording.refresh_from_db()
    assert recording.gone_by is None
    assert acts(f"case:{case.pk}")[-1] == "exhibit.produced"
    assert "exhibit.produced" in acts(f"recording:{recording.pk}")
    assert world.opens(recording, AT + 400 * DAY)


def test_the_next_number_is_offered_per_producer_and_case(world: World, case: Case) -> None:
    first, second, third = (world.record() for _ in range(3))
    assert producing.next_reference(case=case, producer=world.ada) == "AW/1"
    _produce(world, case, first)
    _produce(world, case, second, producer=world.dev)
    assert producing.next_reference(case=case, producer=world.ada) == "AW/2"
    _produce(world, case, third, reference="AW/7")
    assert producing.next_reference(case=case, producer=world.ada) == "AW/8"
    assert [part.reference for part in producing.parts_of(case)] == ["AW/1", "AW/7", "DA/1"]


def test_two_producers_with_the_same_initials_share_the_numbers(world: World, case: Case) -> None:
    twin = officers.register_officer(
        actor=SETUP, officer=NewOfficer("900LX", "Amy Wood", "AW", "LAM"), at=AT
    )
    _produce(world, case, world.record())
    assert _produce(world, case, world.record(), producer=twin).exhibit.reference == "AW/2"
    with pytest.raises(ExhibitInvalid) as refused:
        _produce(world, case, world.record(), producer=twin, reference="AW/1")
    assert refused.value.stable_code == "exhibit.taken"
    assert Hold.objects.count() == 2


@pytest.mark.parametrize("reference", ["AW", "AW/0", "AW/01", "aw/1", "AW/1A", "AW 1", "AW/1/2"])
def test_malformed_references_are_refused(world: World, case: Case, reference: str) -> None:
    with pytest.raises(ExhibitInvalid):
        _produce(world, case, world.record(), reference=reference)


def test_a_reference_has_the_initials_of_its_producer(world: World, case: Case) -> None:
    with pytest.raises(ExhibitInvalid) as refused:
        _produce(world, case, world.record(), reference="DA/1")
    assert refused.value.stable_code == "exhibit.initials"


def test_an_exhibit_has_a_title(world: World, case: Case) -> None:
    with pytest.raises(ExhibitInvalid):
        _produce(world, case, world.record(), title=" ")


def test_producing_the_same_again_gives_the_standing_exhibit(world: World, case: Case) -> None:
    recording = world.record()
    first = _produce(world, case, recording).exhibit
    again = _produce(world, case, recording).exhibit
    assert first == again
    assert acts(f"case:{case.pk}").count("exhibit.produced") == 1
    with pytest.raises(ExhibitInvalid) as refused:
        _produce(world, case, recording, producer=world.dev)
    assert refused.value.stable_code == "exhibit.already"


def test_a_recording_is_an_exhibit_of_several_cases_under_each_its_own_hold(
    world: World, case: Case
) -> None:
    other = opening.open_case(
        reference="02LX/9/17",
        title="Complaint",
        unit=case.unit,
        officer_in_case=world.detective,
        review_on=REVIEW,
        officer=world.detective,
        at=AT,
    )
    recording = world.record()
    one = _produce(world, case, recording).exhibit
    two = _produce(world, other, recording, producer=world.dev).exhibit
    assert (one.reference, two.reference) == ("AW/1", "DA/1")
    producing.withdraw(exhibit=one, reason="not needed", officer=world.detective, at=LATER)
    recording.refresh_from_db()
    assert recording.gone_by is None


def test_all_parts_of_an_activation_are_kept_and_named(world: World, case: Case) -> None:
    first = world.record(counter=50, part=1, last_part=False)
    second = world.record(counter=50, part=2, ended_at=AT + HOUR)
    Recording.objects.filter(pk=second.pk).update(activation=50)
    exhibit = _produce(world, case, second).exhibit
    parts = producing.parts_of(case)
    assert [(part.reference, part.recording.pk) for part in parts] == [
        ("AW/1", first.pk),
        ("AW/1/2", second.pk),
    ]
    assert {part.producer for part in parts} == {"PC Ada Whitlock (614LX)"}
    again = _produce(world, case, first).exhibit
    assert again == exhibit
    for recording in (first, second):
        assert "exhibit.produced" in acts(f"recording:{recording.pk}")


def test_a_part_that_arrives_late_takes_no_name_already_handed_out(
    world: World, case: Case
) -> None:
    second = world.record(counter=50, part=2, ended_at=AT + HOUR)
    _produce(world, case, second)
    assert [part.reference for part in producing.parts_of(case)] == ["AW/1/2"]


def test_a_withdrawn_exhibit_lets_go_and_its_reference_is_never_used_again(
    world: World, case: Case
) -> None:
    recording = world.record()
    exhibit = _produce(world, case, recording).exhibit
    with pytest.raises(ExhibitInvalid):
        producing.withdraw(exhibit=exhibit, reason=" ", officer=world.detective, at=LATER)
    done = producing.withdraw(
        exhibit=exhibit, reason="wrong day", officer=world.detective, at=LATER
    )
    assert done.released
    recording.refresh_from_db()
    assert recording.gone_by is not None
    assert recording.gone_by >= LATER + timedelta(days=7)
    assert producing.parts_of(case) == ()
    assert producing.next_reference(case=case, producer=world.ada) == "AW/2"
    with pytest.raises(ExhibitInvalid) as refused:
        _produce(world, case, recording, reference="AW/1")
    assert refused.value.stable_code == "exhibit.taken"
    assert _produce(world, case, recording).exhibit.reference == "AW/2"
    assert acts(f"case:{case.pk}").count("exhibit.withdrawn") == 1


def test_somebody_elses_exhibit_is_let_go_by_two_people(world: World, case: Case) -> None:
    recording = world.record()
    exhibit = _produce(world, case, recording).exhibit
    asked = producing.withdraw(exhibit=exhibit, reason="duplicate", officer=world.manager, at=LATER)
    assert not asked.released
    recording.refresh_from_db()
    assert recording.gone_by is None
    with pytest.raises(NotAllowed):
        producing.withdraw(exhibit=exhibit, reason="duplicate", officer=world.manager, at=LATER)
    agreed = producing.withdraw(
        exhibit=exhibit, reason="duplicate", officer=world.second_manager, at=LATER
    )
    assert agreed.released
    assert acts(f"case:{case.pk}").count("exhibit.withdrawn") == 1


def test_the_wearer_never_lets_go_of_an_exhibit(world: World, case: Case) -> None:
    recording = world.record(wearer=world.detective)
    exhibit = _produce(world, case, recording).exhibit
    done = producing.withdraw(
        exhibit=exhibit, reason="I'd rather not", officer=world.detective, at=LATER
    )
    assert not done.released
    recording.refresh_from_db()
    assert recording.gone_by is None


def test_a_closed_case_takes_no_exhibits(world: World, case: Case) -> None:
    opening.close_case(
        case=case, outcome="done", review_on=REVIEW, officer=world.detective, at=LATER
    )
    with pytest.raises(ExhibitInvalid) as refused:
        _produce(world, case, world.record())
    assert refused.value.stable_code == "exhibit.case_closed"
    assert not Hold.objects.exists()


def test_what_is_gone_can_not_be_produced(world: World, case: Case) -> None:
    recording = world.record()
    with pytest.raises((NotAllowed, NothingToHold)):
        _produce(world, case, recording, at=AT + 40 * DAY)
    assert not Exhibit.objects.exists()


@pytest.mark.parametrize("who", ["ada", "sergeant", "standards"])
def test_who_may_not_produce_is_refused_and_that_is_written_down(
    world: World, case: Case, who: str
) -> None:
    recording = world.record()
    with pytest.raises(NotAllowed):
        _produce(world, case, recording, officer=getattr(world, who))
    refused = acts(f"case:{case.pk}") + acts(f"recording:{recording.pk}")
    assert refused.count("access.refused") == 1
    assert not Exhibit.objects.exists()
    assert not Hold.objects.exists()


def test_closely_kept_recordings_need_their_keepers(world: World, case: Case) -> None:
    recording = world.record()
    Recording.objects.filter(pk=recording.pk).update(access_class=AccessClass.RESTRICTED)
    recording.refresh_from_db()
    with pytest.raises(NotAllowed) as refused:
        _produce(world, case, recording)
    assert refused.value.stable_code == "permission.class"
    assert _produce(world, case, recording, officer=world.manager).exhibit.reference == "AW/1"


def test_exhibits_that_can_not_be_played_are_named(world: World, case: Case) -> None:
    recording = world.record()
    produced = _produce(world, case, recording, check=lambda _recording: "it has no picture")
    ((recorded, problem),) = [(each.recording, each.problem) for each in produced.unplayable]
    assert (recorded, problem) == (recording.pk, "it has no picture")
    assert Exhibit.objects.count() == 1


def test_two_who_produce_at_once_get_two_numbers(world: World, case: Case) -> None:
    recordings = [world.record(), world.record()]
    start = threading.Barrier(2)
    failures: list[Exception] = []

    def produce(recording: Recording, producer: Officer) -> None:
        try:
            start.wait()
            _produce(world, case, recording, producer=producer)
        except Exception as error:  # noqa: BLE001 - told by the assertion below
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=produce, args=(each, world.ada)) for each in recordings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(Exhibit.objects.values_list("reference", flat=True)) == ["AW/1", "AW/2"]


def test_two_parts_produced_at_once_are_one_exhibit(world: World, case: Case) -> None:
    first = world.record(counter=50, part=1, last_part=False)
    second = world.record(counter=51, part=2, ended_at=AT + HOUR)
    Recording.objects.filter(pk=second.pk).update(activation=50)
    start = threading.Barrier(2)
    codes: list[str] = []

    def produce(recording: Recording, producer: Officer) -> None:
        try:
            start.wait()
            _produce(world, case, recording, producer=producer)
        except ExhibitInvalid as error:
            codes.append(error.stable_code)
        finally:
            connection.close()

    pairs = [(first, world.ada), (second, world.detective)]
    threads = [threading.Thread(target=produce, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == ["exhibit.already"]
    assert Exhibit.objects.count() == 1


def test_the_database_refuses_a_reference_twice_whoever_writes(world: World, case: Case) -> None:
    exhibit = _produce(world, case, world.record()).exhibit
    other = _produce(world, case, world.record()).exhibit
    with pytest.raises(IntegrityError), transaction.atomic():
        Exhibit.objects.filter(pk=other.pk).update(reference=exhibit.reference)
