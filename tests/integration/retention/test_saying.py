"""What officers say of recordings, and of what they did not record: new rows, each written down."""

from uuid import UUID

import pytest
from django.db import IntegrityError, transaction
from tests.retention_world import AT, DAY, HOUR, World, acts

from fairwitness.custody import reading
from fairwitness.evidence.models import Recording, Word
from fairwitness.force import authority
from fairwitness.force.asking import NotAllowed
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import disposal, marking, not_recording, saying, typed
from fairwitness.retention.marking_many import Mark
from fairwitness.retention.models import NotRecorded, Said, Typed
from fairwitness.retention.reasons import ReasonInvalid
from fairwitness.retention.saying import Saying
from fairwitness.retention.saying_rows import Matter

NOW = AT + DAY


def late(code: str = "forgot", words: str = "") -> list[Saying]:
    return saying.of_reasons({Matter.LATE: (code, words)})


def says(recording: Recording) -> list[str]:
    return [saying.in_words(row) for row in saying.latest(recording.pk)]


def test_what_is_said_anew_stands_beside_what_was_said(world: World) -> None:
    row = world.record()
    saying.say(recordings=[row.pk], sayings=late(), officer=world.ada, at=NOW)
    saying.say(recordings=[row.pk], sayings=late("danger"), officer=world.ada, at=NOW + HOUR)
    assert says(row) == ["Started late: It was not safe to reach the camera"]
    assert [each.answer for each in saying.everything(row.pk)] == ["forgot", "danger"]
    history = reading.history(recording_subject(row.pk))
    told = [each.body for each in history if each.entry.act.value == "recording.annotated"]
    assert [body.detail["said"] for body in told if body] == [["late forgot"], ["late danger"]]
    assert [body.actor for body in told if body] == [authority.text(world.ada)] * 2


def test_the_same_again_or_nothing_changes_nothing(world: World) -> None:
    row = world.record()
    saying.say(recordings=[row.pk], sayings=late(), officer=world.ada, at=NOW)
    for sayings in (late(), []):
        with pytest.raises(saying.NothingSaid):
            saying.say(recordings=[row.pk], sayings=sayings, officer=world.ada, at=NOW)
    assert acts(recording_subject(row.pk)).count("recording.annotated") == 1


def test_what_is_said_counts_for_every_part(world: World) -> None:
    first = world.record(last_part=False)
    second = world.record(counter=first.counter, part=2, ended_at=AT + HOUR)
    Recording.objects.filter(pk=second.pk).update(activation=first.activation)
    saying.say(recordings=[first.pk], sayings=late(), officer=world.ada, at=NOW)
    assert says(second) == says(first) == ["Started late: I forgot"]


def test_a_colleague_without_a_ground_is_refused_and_it_is_written_down(world: World) -> None:
    row = world.record()
    with pytest.raises(NotAllowed):
        saying.say(recordings=[row.pk], sayings=late(), officer=world.dev, at=NOW)
    with pytest.raises(NotAllowed):
        saying.categorise(
            marks=[Mark(row.pk, ("training",))], sayings=late(), officer=world.dev, at=NOW
        )
    assert acts(recording_subject(row.pk))[-2:] == ["access.refused", "access.refused"]
    assert not Said.objects.exists()


def test_category_and_words_come_together_or_not_at_all(world: World) -> None:
    row = world.record()
    sayings = late() + saying.of_fields("use-of-force", {"form": "uof 17/1", "incident": ""})
    mark = Mark(row.pk, ("use-of-force",))
    saying.categorise(marks=[mark], sayings=sayings, officer=world.ada, at=NOW)
    row.refresh_from_db()
    assert row.category == "use-of-force"
    assert says(row) == ["Started late: I forgot", "Number of the use-of-force form: UOF 17/1"]
    assert Word.objects.filter(recording_id=row.pk, word="uof").exists(), "found by its number"
    other = world.record()
    with pytest.raises(marking.MarkInvalid):
        saying.categorise(
            marks=[Mark(row.pk, ("training",)), Mark(other.pk, ("theft",))],
            sayings=late("danger"),
            officer=world.ada,
            at=NOW,
        )
    assert says(row)[0] == "Started late: I forgot"
    assert not Said.objects.filter(recording=other).exists()


def test_nothing_is_said_of_what_has_reached_its_day(world: World) -> None:
    row = world.record()
    with pytest.raises(NotAllowed, match="reached its day"):
        saying.say(recordings=[row.pk], sayings=late(), officer=world.ada, at=AT + 40 * DAY)
    assert not Said.objects.exists()


def test_taking_back_leaves_it_uncategorised_and_what_was_said_on_record(world: World) -> None:
    row = world.record()
    mark = Mark(row.pk, ("use-of-force",))
    saying.categorise(marks=[mark], sayings=late(), officer=world.ada, at=NOW)
    saying.take_back(recordings=[row.pk], done_at=NOW, officer=world.ada, at=NOW + HOUR)
    row.refresh_from_db()
    assert (row.category, says(row)) == ("", [])
    assert [each.answer for each in saying.everything(row.pk)] == ["forgot", ""]
    assert acts(recording_subject(row.pk)).count("recording.categorised") == 2


def test_evidence_is_not_taken_back_by_one_person(world: World) -> None:
    row = world.record()
    mark = Mark(row.pk, ("theft",), "CAD 1")
    saying.categorise(marks=[mark], sayings=[], officer=world.ada, at=NOW)
    with pytest.raises(marking.MarkInvalid, match="second person"):
        saying.take_back(recordings=[row.pk], done_at=NOW, officer=world.ada, at=NOW)


def test_what_was_said_goes_with_the_footage(world: World) -> None:
    row = world.record()
    saying.say(recordings=[row.pk], sayings=late(), officer=world.ada, at=NOW)
    disposal.leave_tombstones([row.pk])
    assert not Said.objects.exists()


def test_a_field_has_a_name_and_nothing_else_has(world: World) -> None:
    row = world.record()
    for matter, field in (("field", ""), ("late", "a.b"), ("why", "")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Said.objects.create(recording=row, matter=matter, field=field, by=world.ada, at=NOW)


def note(world: World, *, instead_of: UUID | None = None, **said: object) -> NotRecorded:
    given: dict[str, object] = {"incident": "CAD 77", "reason": "forgot", "words": ""} | said
    return not_recording.note(
        officer=world.ada,
        happened_at=AT,
        at=NOW,
        instead_of=instead_of,
        **given,  # type: ignore[arg-type] # texts, as given above
    )


def test_not_recording_is_said_in_the_officers_own_chain(world: World) -> None:
    row = note(world)
    assert not_recording.in_words(row) == "I forgot"
    (entry,) = [
        each
        for each in reading.history(authority.text(world.ada))
        if each.entry.act.value == "officer.non_use_noted"
    ]
    assert entry.body is not None
    assert (entry.body.reason, entry.body.detail["incident"]) == ("I forgot", "CAD 77")


def test_a_correction_stands_in_for_what_it_corrects_once(world: World) -> None:
    first = note(world)
    second = note(world, instead_of=first.pk, reason="fault")
    assert list(not_recording.mine(world.ada)) == [second]
    assert NotRecorded.objects.count() == 2
    with pytest.raises(not_recording.NonUseInvalid):
        note(world, instead_of=first.pk)
    with pytest.raises(not_recording.NonUseInvalid):
        not_recording.note(
            officer=world.dev,
            incident="CAD 77",
            happened_at=AT,
            reason="forgot",
            words="",
            at=NOW,
            instead_of=second.pk,
        )


def test_without_incident_reason_or_a_time_that_was_nothing_is_noted(world: World) -> None:
    with pytest.raises(not_recording.NonUseInvalid):
        note(world, incident=" ")
    with pytest.raises(ReasonInvalid):
        note(world, reason="over")
    with pytest.raises(not_recording.NonUseInvalid):
        not_recording.note(
            officer=world.ada,
            incident="CAD 1",
            happened_at=NOW + HOUR,
            reason="forgot",
            words="",
            at=NOW,
        )
    assert not NotRecorded.objects.exists()


def test_what_was_typed_is_kept_for_its_officer_for_a_week(world: World) -> None:
    row = world.record()
    typed.keep(officer=world.ada, recording=row.pk, typed={"late": "forgot", "x": ""}, at=NOW)
    assert typed.of(officer=world.ada, recording=row.pk, at=NOW) == {"late": "forgot"}
    assert typed.of(officer=world.dev, recording=row.pk, at=NOW) == {}
    assert typed.of(officer=world.ada, recording=row.pk, at=NOW + 8 * DAY) == {}
    typed.keep(officer=world.ada, recording=row.pk, typed={"late": "x" * 5000}, at=NOW)
    assert typed.of(officer=world.ada, recording=row.pk, at=NOW) == {"late": "forgot"}
    typed.forget(officer=world.ada)
    assert not Typed.objects.exists()
