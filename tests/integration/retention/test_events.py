"""Records brought in by list: what they mark, what is looked at, and what has no recording."""

from datetime import date, datetime, timedelta

import pytest
from django.db import transaction
from tests.retention_world import AT, DAY, HOUR, World, acts, fresh

from fairwitness.custody import ledger
from fairwitness.evidence.models import Recording
from fairwitness.force.asking import NotAllowed
from fairwitness.force.authority import Actor, System
from fairwitness.formats.acts import Act
from fairwitness.retention import event_desk, events, holds, looking, reminding
from fairwitness.retention.event_list import ListRefused
from fairwitness.retention.event_rows import Event, EventList, EventMatch, EventVersion, Reminder
from fairwitness.retention.list_rows import ListInHand
from fairwitness.retention.looking import LookInvalid
from fairwitness.retention.models import Announcement, HoldKind

HEAD = (
    "event id,record type,officer badge id,officer dispatched datetime,"
    "officer cleared datetime,incident number,call type\n"
)
SEARCH = "S/7,search,614LX,2017-06-08T22:05:00Z,2017-06-08T22:15:00Z,CAD 8812,\n"
FEED = System("records")
NOW = AT + DAY


def bring(
    world: World, text: str = SEARCH, at: datetime = NOW, actor: Actor | None = None
) -> EventList:
    return event_desk.bring_in(
        data=(HEAD + text).encode(), name="night.csv", actor=actor or world.manager, at=at
    )


def outcomes(listed: EventList) -> list[str]:
    return [row["code"] or row["outcome"] for row in listed.lines]


def saw(
    world: World, recording: Recording, at: datetime = NOW + HOUR, only: str | None = None
) -> None:
    with transaction.atomic():
        ledger.append(
            subject=f"recording:{recording.pk}",
            act=Act.RECORDING_VIEWED,
            actor=f"officer:{world.sergeant.pk}",
            at=at,
            detail={"only": only} if only else {},
        )


def test_a_search_marks_its_recording_which_stays_until_somebody_looked(world: World) -> None:
    recording, other = world.record(), world.record(wearer=world.dev)
    listed = bring(world)
    assert outcomes(listed) == ["matched"]
    assert listed.lines[0]["message"] == "Marks 1 recording."
    row, untouched = fresh([recording, other])
    assert row.incident == "CAD 8812"
    assert (row.gone_by, untouched.gone_by) == (None, AT + 31 * DAY)
    assert row.keep_reason == "a supervisor has not looked at it yet, for search S/7"
    assert acts(f"recording:{recording.pk}")[-1] == "event.matched"
    event = Event.objects.get()
    assert acts(f"event:{event.pk}") == ["event.received"]
    assert not event.missing
    world.live_through(AT + 25 * DAY, AT + 40 * DAY)
    assert world.opens(recording, AT + 40 * DAY)
    assert not world.opens(other, AT + 40 * DAY)


def test_a_look_takes_watching_and_somebody_who_may(world: World) -> None:
    recording = world.record()
    bring(world)
    for officer in (world.ada, world.detective):
        with pytest.raises(NotAllowed):
            looking.look(
                recordings=[recording.pk], reason="seen", officer=officer, at=NOW + 2 * HOUR
            )
    with pytest.raises(LookInvalid, match="Watch it first"):
        looking.look(
            recordings=[recording.pk], reason="seen", officer=world.sergeant, at=NOW + 2 * HOUR
        )
    saw(world, recording, only="poster")
    with pytest.raises(LookInvalid, match="Watch it first"):
        looking.look(
            recordings=[recording.pk], reason="a still", officer=world.sergeant, at=NOW + 2 * HOUR
        )
    saw(world, recording)
    with pytest.raises(LookInvalid, match="in a few words"):
        looking.look(
            recordings=[recording.pk], reason=" ", officer=world.sergeant, at=NOW + 2 * HOUR
        )
    late = AT + 40 * DAY
    ended = looking.look(
        recordings=[recording.pk], reason="as it should be", officer=world.sergeant, at=late
    )
    assert ended == 1
    (row,) = fresh([recording])
    assert row.gone_by == late + 7 * DAY, "seven days more, as after any human act"
    assert "recording.reviewed" in acts(f"recording:{recording.pk}")
    with pytest.raises(LookInvalid) as caught:
        looking.look(recordings=[recording.pk], reason="x", officer=world.sergeant, at=late)
    assert caught.value.stable_code == "look.nothing"


def test_calls_are_ticked_off_without_watching_and_all_or_none(world: World) -> None:
    first = world.record()
    text = "CAD 8812,,614LX,2017-06-08T22:05:00Z,2017-06-08T22:15:00Z,,knife seen\n"
    assert outcomes(bring(world, text)) == ["matched"]
    assert fresh([first])[0].incident == "CAD 8812"
    with pytest.raises(NotAllowed):
        looking.look(recordings=[first.pk], reason="x", officer=world.dev, at=NOW)
    assert looking.look(recordings=[first.pk], reason="x", officer=world.sergeant, at=NOW) == 1
    assert fresh([first])[0].gone_by == AT + 31 * DAY


def test_the_same_list_twice_changes_nothing(world: World) -> None:
    world.record()
    listed = bring(world)
    entries = len(ledger.search(limit=1000))
    assert bring(world, at=NOW + HOUR) == listed
    assert len(ledger.search(limit=1000)) == entries
    assert (EventList.objects.count(), EventVersion.objects.count()) == (1, 1)


def test_a_corrected_record_is_a_new_version_and_keeps_its_marks(world: World) -> None:
    recording = world.record()
    later = world.record(ended_at=AT + 2 * HOUR)
    first = bring(world)
    corrected = SEARCH.replace("22:15:00", "23:59:00").replace("22:05:00", "23:30:00")
    listed = bring(world, corrected, at=NOW + HOUR)
    assert "Version 2" in listed.lines[0]["message"]
    event = Event.objects.get()
    assert event.version == 2
    assert {match.recording_id for match in EventMatch.objects.all()} == {recording.pk}
    again = bring(world, SEARCH, at=NOW + 2 * HOUR)
    assert again == first, "what was said before does not come back"
    assert Event.objects.get().version == 2
    assert fresh([later])[0].gone_by == AT + 2 * HOUR + 31 * DAY


def test_footage_that_arrives_after_the_record_is_marked_on_arrival(world: World) -> None:
    assert outcomes(bring(world)) == ["none"]
    assert list(looking.missing()) == [Event.objects.get()]
    recording = world.record(docked_at=AT + 3 * DAY)
    assert recording.gone_by is None
    assert recording.incident == "CAD 8812"
    assert not looking.missing().exists()


def test_a_recording_without_a_wearer_is_in_doubt_and_certain_when_assigned(world: World) -> None:
    recording = world.record()
    Recording.objects.filter(pk=recording.pk).update(wearer=None)
    assert outcomes(bring(world)) == ["ambiguous"]
    row = fresh([recording])[0]
    assert (row.gone_by, row.incident) == (None, "")
    assert looking.missing().exists()
    Recording.objects.filter(pk=recording.pk).update(wearer=world.ada)
    assert events.match_again(at=NOW + HOUR) == 1
    assert not looking.missing().exists()
    assert events.match_again(at=NOW + 90 * DAY) == 0


def test_a_record_of_footage_that_is_gone_says_so(world: World) -> None:
    recording = world.record()
    world.live_through(AT + 25 * DAY, AT + 32 * DAY)
    assert not world.opens(recording, AT + 32 * DAY)
    listed = bring(world, at=AT + 33 * DAY)
    assert outcomes(listed) == ["none"]
    assert "deleted already" in listed.lines[0]["message"]
    assert looking.missing().exists(), "a tombstone has no times: whether it was, nobody knows"


def test_a_complaint_leaves_its_officer_no_trace(world: World) -> None:
    recording = world.record()
    before = acts(f"recording:{recording.pk}")
    text = "C/1,complaint,614LX,2017-06-08T22:05:00Z,2017-06-08T22:15:00Z,CAD 8812,\n"
    bring(world, text)
    row = fresh([recording])[0]
    assert (row.gone_by, row.shown_gone_by) == (None, AT + 31 * DAY)
    assert row.incident == ""
    reminding.remind_due(at=AT + 40 * DAY)
    saw(world, recording)
    looking.look(recordings=[recording.pk], reason="seen", officer=world.sergeant, at=AT + 40 * DAY)
    after = [act for act in acts(f"recording:{recording.pk}") if act != "recording.viewed"]
    assert after == before
    assert fresh([recording])[0].shown_gone_by == AT + 31 * DAY
    assert not Announcement.objects.exists()


def test_whom_a_record_is_about_does_not_look_at_what_it_marks(world: World) -> None:
    recording = world.record()
    Recording.objects.filter(pk=recording.pk).update(wearer=None)
    bring(world, SEARCH.replace("614LX", "12LX"))
    assert EventMatch.objects.get().event.officer == world.sergeant
    with pytest.raises(NotAllowed):
        looking.look(recordings=[recording.pk], reason="x", officer=world.sergeant, at=NOW)


def test_nor_at_another_part_of_it(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    second = world.record(counter=7, part=2, ended_at=AT + 2 * HOUR)
    Recording.objects.filter(pk=first.pk).update(wearer=None)
    bring(world, SEARCH.replace("614LX", "12LX"))
    assert EventMatch.objects.get().recording_id == first.pk
    saw(world, first)
    with pytest.raises(NotAllowed):
        looking.look(recordings=[second.pk], reason="x", officer=world.sergeant, at=NOW + 2 * HOUR)
    assert looking.waiting().exists()


def test_parts_are_looked_at_together_and_openly_if_any_mark_is_open(world: World) -> None:
    first = world.record(counter=7, part=1, last_part=False)
    second = world.record(counter=7, part=2, ended_at=AT + 2 * HOUR)
    text = "C/1,complaint,614LX,2017-06-09T00:10:00Z,2017-06-09T00:12:00Z,,\n"
    bring(world, SEARCH + text)
    assert {match.recording_id for match in EventMatch.objects.all()} == {first.pk, second.pk}
    late = AT + 40 * DAY
    saw(world, first)
    with pytest.raises(LookInvalid):
        looking.look(recordings=[second.pk], reason="x", officer=world.sergeant, at=late)
    saw(world, second)
    assert looking.look(recordings=[second.pk], reason="x", officer=world.sergeant, at=late) == 2
    for row in fresh([first, second]):
        assert (row.gone_by, row.shown_gone_by) == (late + 7 * DAY, late + 7 * DAY)


def test_why_there_is_no_recording_is_said_once_and_not_by_its_officer(world: World) -> None:
    bring(world)
    event = Event.objects.get()
    with pytest.raises(NotAllowed):
        looking.explain(event=event, reason="forgot", officer=world.ada, at=NOW)
    looking.explain(event=event, reason="battery flat", officer=world.sergeant, at=NOW)
    assert acts(f"event:{event.pk}")[-1] == "event.explained"
    assert not looking.missing().exists()
    with pytest.raises(LookInvalid):
        looking.explain(event=event, reason="again", officer=world.sergeant, at=NOW)


def test_lines_about_nobody_here_or_another_unit_are_refused_alone(world: World) -> None:
    world.record()
    text = (
        SEARCH.replace("614LX", "999ZZ")
        + SEARCH.replace("S/7", "S/8")
        + SEARCH.replace("S/7", "S/9").replace("614LX", "4102")
    )
    listed = bring(world, text)
    assert outcomes(listed)[0] == "event.officer_unknown"
    assert outcomes(listed)[1] == "matched"
    with pytest.raises(NotAllowed):
        bring(world, text, actor=world.sergeant)
    assert outcomes(bring(world, SEARCH.replace("S/7", "S/10"), actor=FEED)) == ["matched"]


def test_a_cut_list_that_is_none_by_a_later_edition_is_refused_and_let_go(world: World) -> None:
    world.record()
    for data in (b"\xff\xfe", (HEAD + SEARCH).encode()):
        ListInHand.objects.create(
            name="x", sha256="0" * 64, data=data, brought_by="system:records-feed", at=NOW
        )
    assert event_desk.finish_cut(at=NOW + HOUR / 2) == 0
    assert event_desk.finish_cut(at=NOW + HOUR) == 2
    assert acts("events") == ["event.list_refused"]
    assert EventList.objects.get().counts == {"matched": 1}
    assert not ListInHand.objects.exists()


def test_what_is_no_list_is_refused_and_written_down(world: World) -> None:
    with pytest.raises(ListRefused):
        event_desk.bring_in(data=b"\xff\xfe", name="x", actor=world.manager, at=NOW)
    assert acts("events") == ["event.list_refused"]
    assert not Event.objects.exists()


def test_unmarked_footage_is_told_of_three_times_and_once_each(world: World) -> None:
    recording = world.record()
    for day, told in ((13, 0), (14, 1), (15, 0), (24, 1), (27, 0), (28, 1), (29, 0)):
        assert reminding.remind_due(at=AT + day * DAY) == told, day
    assert list(Reminder.objects.order_by("at").values_list("told", flat=True)) == [
        "officer",
        "supervisor",
        "manager",
    ]
    assert Announcement.objects.get().officer == world.ada
    assert acts(f"recording:{recording.pk}").count("recording.reminded") == 3


def test_all_that_are_due_are_told_of_at_once_however_many_they_are(world: World) -> None:
    made = [world.record() for _ in range(5)]
    assert reminding.remind_due(at=AT + 14 * DAY, batch=2) == 5
    assert Reminder.objects.count() == len(made)
    assert reminding.remind_due(at=AT + 14 * DAY, batch=2) == 0


def test_marked_or_silently_held_footage_is_told_of_as_its_wearer_sees_it(world: World) -> None:
    marked, silent = world.record(), world.record()
    Recording.objects.filter(pk=marked.pk).update(category="theft")
    holds.place(
        terms=holds.Terms(
            HoldKind.PROFESSIONAL_STANDARDS, "PS/1", "x", date(2018, 1, 1), silent=True
        ),
        owner=world.standards,
        at=NOW,
        recordings=[silent.pk],
    )
    assert reminding.remind_due(at=AT + 14 * DAY) == 1
    assert reminding.remind_due(at=AT + 28 * DAY) == 0, "a silently held one goes for nobody else"


def test_a_look_that_nobody_takes_climbs(world: World) -> None:
    world.record()
    bring(world)
    for span, told in ((0, 1), (13, 0), (14, 1), (30, 0), (31, 1)):
        when = NOW + timedelta(days=span)
        rows = Reminder.objects.filter(about="look").count()
        reminding.remind_due(at=when)
        assert Reminder.objects.filter(about="look").count() - rows == told, span
