"""Who wore it, what people add, and how it is told."""

from datetime import timedelta

import pytest
from tests.ingest_world import AT, World, video
from tests.retention_world import acts

from fairwitness.evidence import access, annotations, history, unassigned
from fairwitness.evidence.access import Task
from fairwitness.evidence.annotations import CorrectionClosed
from fairwitness.evidence.models import Recording
from fairwitness.force import officers
from fairwitness.force.asking import NotAllowed, Role, TaskKind
from fairwitness.force.authority import System
from fairwitness.force.officers import NewOfficer

LONG_AGO = AT - timedelta(days=20)


def of_nobody(world: World) -> Recording:
    return world.receive(video(), started_at=LONG_AGO, ended_at=LONG_AGO)


def test_a_recording_outside_any_issue_waits_until_somebody_says_who(world: World) -> None:
    recording = of_nobody(world)
    assert list(unassigned.waiting()) == [recording]
    for officer, wearer in ((world.force.dev, world.force.ada), (world.force.sergeant,) * 2):
        with pytest.raises(NotAllowed):
            unassigned.assign(recording=recording, wearer=wearer, by=officer, reason="seen", at=AT)
    row = unassigned.assign(
        recording=recording,
        wearer=world.force.dev,
        by=world.force.sergeant,
        reason="the duty sheet",
        at=AT,
    )
    assert row.wearer == world.force.dev
    assert not unassigned.waiting().exists()
    assert acts(f"recording:{recording.pk}")[-1] == "recording.assigned"
    with pytest.raises(unassigned.AlreadyAssigned):
        unassigned.assign(
            recording=recording,
            wearer=world.force.ada,
            by=world.force.sergeant,
            reason="no",
            at=AT,
        )


def test_a_wrong_wearer_is_corrected_by_two_people_and_both_stay_on_record(world: World) -> None:
    recording = world.receive(video())
    correction = annotations.ask_wearer_correction(
        recording=recording,
        wearer=world.force.dev,
        officer=world.force.ada,
        reason="we swapped cameras",
        at=AT,
    )
    assert Recording.objects.get(pk=recording.pk).wearer == world.force.ada
    with pytest.raises(CorrectionClosed):
        annotations.ask_wearer_correction(
            recording=recording,
            wearer=world.force.dev,
            officer=world.force.sergeant,
            reason="again",
            at=AT,
        )
    for officer in (world.force.ada, world.force.dev):
        with pytest.raises(NotAllowed):
            annotations.agree_wearer_correction(correction=correction, officer=officer, at=AT)
    row = annotations.agree_wearer_correction(
        correction=correction, officer=world.force.sergeant, at=AT
    )
    assert row.wearer == world.force.dev
    correction.refresh_from_db()
    assert correction.detail["from"] == str(world.force.ada.pk)
    with pytest.raises(CorrectionClosed):
        annotations.agree_wearer_correction(
            correction=correction, officer=world.force.manager, at=AT
        )
    assert "recording.wearer_corrected" in acts(f"recording:{recording.pk}")


def test_a_note_is_added_and_a_stranger_adds_none(world: World) -> None:
    recording = world.receive(video())
    annotations.annotate(recording=recording, officer=world.force.ada, text="At the gate.", at=AT)
    with pytest.raises(NotAllowed):
        annotations.annotate(recording=recording, officer=world.force.dev, text="Hm.", at=AT)
    assert recording.annotations.get().text == "At the gate."


def test_what_happened_is_told_in_plain_words(world: World) -> None:
    recording = world.receive(video())
    access.grant_viewing(
        recording=recording,
        officer=world.force.sergeant,
        task=Task(TaskKind.INCIDENT, "CAD 12"),
        at=AT,
    )
    with pytest.raises(access.AccessRefused):
        access.grant_viewing(recording=recording, officer=world.force.dev, task=None, at=AT)
    annotations.annotate(recording=recording, officer=world.force.ada, text="At the gate.", at=AT)
    lines = history.in_words(recording=recording, to_wearer=False, at=AT)
    assert [line.text for line in lines] == [
        "Dock D-0007 brought it in. Every byte was read back and matched what the camera signed.",
        "Sgt Jo Hale watched it, for incident CAD 12.",
        "PC Dev Anand asked to watch it and was refused.",
        "PC Ada Whitlock wrote: At the gate.",
    ]
    assert [line.refused for line in lines] == [False, False, True, False]


def test_the_wearer_sees_colleagues_and_never_oversight(world: World) -> None:
    recording = world.receive(video())
    (standards,) = officers.register_officers_many(
        actor=System("setup"),
        officers=[
            NewOfficer("4103", "Pia Long", "PL", "LSH", "", (), (Role.PROFESSIONAL_STANDARDS,))
        ],
        at=AT - timedelta(days=1),
    )
    for officer in (world.force.sergeant, standards):
        access.grant_viewing(
            recording=recording, officer=officer, task=Task(TaskKind.REVIEW, "R1"), at=AT
        )
    everything = [
        line.text for line in history.in_words(recording=recording, to_wearer=False, at=AT)
    ]
    shown = [line.text for line in history.in_words(recording=recording, to_wearer=True, at=AT)]
    assert any("Pia Long" in line for line in everything)
    assert any("Jo Hale" in line for line in shown)
    assert not any("Pia Long" in line for line in shown)


def test_reading_the_entries_is_itself_an_entry(world: World) -> None:
    recording = world.receive(video())
    rows = history.entries(recording=recording, officer=world.force.manager, to_wearer=False, at=AT)
    assert [row.act for row in rows] == ["recording.received", "recording.history_read"]
    assert rows[0].leaf == recording.entry_leaf
