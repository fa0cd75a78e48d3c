"""Records, rules, what stands out and who may stop what, for programs: each to its end."""

from datetime import datetime, timedelta

import pytest
from tests import machine_desk_scenes as desk
from tests import machine_scenes as scenes
from tests.integration.api.test_desk import every, now
from tests.machine_world import Callers, told

from fairwitness.accountability.anomaly_rows import Anomaly
from fairwitness.evidence import access
from fairwitness.force.asking import TaskKind
from fairwitness.ingest.models import CounterGap
from fairwitness.retention.event_rows import Event, EventKind, EventMatch
from fairwitness.retention.rule_changes import COOLING_OFF

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_what_a_search_marks_is_watched_before_anybody_says_so(callers: Callers) -> None:
    desk.marked(callers, EventKind.SEARCH)
    (row,) = every(callers, "/events/marked", "sergeant")
    assert (row["recording"], row["watch"]) == (callers.recording, True)
    assert every(callers, "/events/marked", "desk elsewhere") == []
    said = {"recordings": [callers.recording], "reason": "all as it should be"}
    early = callers.call("POST", "/events/marked/look", who="sergeant", body=said)
    assert told(early)["code"] == "look.not_seen"
    access.grant_viewing(
        recording=callers.pages.recording,
        officer=callers.people["sergeant"],
        task=access.Task(TaskKind.REVIEW, "S/7"),
        at=now(),
    )
    done = callers.call("POST", "/events/marked/look", who="sergeant", body=said)
    assert told(done) == {"ended": 1}
    assert every(callers, "/events/marked", "sergeant") == []
    again = callers.call("POST", "/events/marked/look", who="sergeant", body=said)
    assert told(again)["code"] == "look.nothing"


def test_marks_come_in_pages_the_longest_waiting_first(callers: Callers) -> None:
    made = [callers.pages.world.record(ended_at=now() - 2 * DAY).pk for _ in range(3)]
    event = desk.record(callers, EventKind.CALL)
    waits = [now() - 2 * DAY, now() - 3 * DAY, now() - 2 * DAY]
    waits[2] = waits[0]
    for pk, at in zip(made, waits, strict=True):
        EventMatch.objects.create(event=event, recording_id=pk, certain=True, matched_at=at)
    rows = [row["recording"] for row in every(callers, "/events/marked", "sergeant")]
    assert rows == [str(made[1]), str(made[0]), str(made[2])]
    for cursor in ("aGk", "MjAyNi0xMS0yOFQxODowMDowMCswMDowMCB4"):
        assert callers.call("GET", f"/events/marked?cursor={cursor}").status == 400


def test_nobody_looks_at_what_they_wore_or_what_is_about_them(callers: Callers) -> None:
    desk.marked(callers)
    EventMatch.objects.update(recording=callers.pages.world.record(ended_at=now() - DAY))
    Event.objects.update(officer=callers.people["sergeant"])
    assert every(callers, "/events/marked", "sergeant") == []
    recording = str(EventMatch.objects.get().recording_id)
    said = {"recordings": [recording], "reason": "fine"}
    assert callers.call("POST", "/events/marked/look", who="sergeant", body=said).status == 403


def test_records_are_brought_in_as_a_list_is(callers: Callers) -> None:
    sent = desk.sent(callers)
    first = told(callers.call("POST", "/event-lists", body=sent))
    (line,) = first["lines"]
    assert (line["outcome"], line["line"], line["code"]) == ("matched", 2, "")
    again = told(callers.call("POST", "/event-lists", body=sent))
    assert again["id"] == first["id"], "the same again is the list of before"
    assert told(callers.call("GET", f"/event-lists/{first['id']}")) == again
    assert callers.call("GET", f"/event-lists/{first['id']}", who="standards").status == 200
    other = told(
        callers.call("POST", "/event-lists", body=desk.sent(callers, officer_badge_id="999ZZ"))
    )
    assert other["lines"][0]["code"] == "event.officer_unknown"
    theirs = told(callers.call("POST", "/event-lists", who="desk elsewhere", body=sent))
    assert theirs["lines"][0]["code"] == "event.not_your_unit"
    long = {**sent, "events": [sent["events"][0]] * 101}  # type: ignore[index] # a list of ours
    assert told(callers.call("POST", "/event-lists", body=long))["code"] == "event.list_too_long"
    tricky = desk.sent(callers, event_id="S,9", address='say "no",\nplease')
    assert told(callers.call("POST", "/event-lists", body=tricky))["lines"][0]["reference"] == "S,9"


def test_what_has_no_recording_is_explained_once(callers: Callers) -> None:
    event = desk.record(callers)
    (row,) = every(callers, "/events/missing", "sergeant")
    assert (row["id"], row["officer"], row["reason"]) == (str(event.pk), "614LX", "")
    path, said = f"/events/{event.pk}/explain", {"reason": "the camera was in repair"}
    assert told(callers.call("POST", path, who="sergeant", body=said))["reason"] == said["reason"]
    assert every(callers, "/events/missing", "sergeant") == []
    again = callers.call("POST", path, who="sergeant", body=said)
    assert told(again)["code"] == "look.explained"


def test_a_rule_is_tried_proposed_approved_and_waited_for(callers: Callers) -> None:
    trial = told(callers.call("POST", "/rule-trials", body=desk.NEW))
    assert trial["effect"]["affected"] == 0
    assert told(callers.call("GET", f"/rule-trials/{trial['id']}")) == trial
    choice = {"name": "Dog", "kind": "choice", "extra": "Rex, Bess"}
    body = {"reason": "the dogs' unit asks", "fields": [choice]}
    path = f"/rule-trials/{trial['id']}/propose"
    spoilt = {**body, "fields": [{**choice, "kind": "colour"}]}
    assert told(callers.call("POST", path, body=spoilt))["code"] == "field.invalid"
    change = told(callers.call("POST", path, body=body))
    assert change["fields"][0]["choices"] == ["Rex", "Bess"]
    assert [row["id"] for row in every(callers, "/rule-changes", "standards")] == [change["id"]]
    there = f"/rule-changes/{change['id']}"
    own = callers.call("POST", f"{there}/approve", body={})
    assert own.status == 403, "who proposed it"
    done = told(callers.call("POST", f"{there}/approve", who="second manager", body={}))
    assert datetime.fromisoformat(done["effective_at"]) >= now() + COOLING_OFF - DAY
    assert done["applied_at"] is None
    assert told(callers.call("GET", there))["effect"]["affected"] == 0
    back = told(callers.call("POST", f"{there}/withdraw", body={"reason": "not yet"}))
    assert back["withdrawn_at"] is not None
    late = callers.call("POST", f"{there}/approve", who="standards", body={})
    assert told(late)["code"] == "rule.invalid"


def test_of_what_goes_sooner_each_is_named_what_they_may_see(callers: Callers) -> None:
    code, days = "stop-search", 31
    world = callers.pages.world
    made = world.record(ended_at=now() - 40 * DAY, docked_at=now() - 2 * DAY)
    said = {"codes": [code]}
    callers.call("POST", f"/recordings/{made.pk}/categories", who="wearer", body=said)
    trial = told(callers.call("POST", "/rule-trials", body={"code": code, "days": days}))
    assert [row["recording"] for row in trial["effect"]["nearest"]] == [str(made.pk)]
    path = f"/rule-trials/{trial['id']}/propose"
    change = told(callers.call("POST", path, body={"reason": "too long"}))
    for who, named in (("manager", [str(made.pk)]), ("auditor elsewhere", [])):
        reply = callers.call("GET", f"/rule-changes/{change['id']}", who=who)
        effect = told(reply)["effect"]
        assert (effect["nearer"], [row["recording"] for row in effect["nearest"]]) == (1, named)


def test_one_manager_begins_in_the_open_gives_notice_and_ends(callers: Callers) -> None:
    reason = {"reason": "ten cameras"}
    two = callers.call("POST", "/one-manager/begin", who="administrator", body=reason)
    assert told(two)["code"] == "one_manager.not_one"
    scenes.one_left(callers)
    begun = told(callers.call("POST", "/one-manager/begin", who="administrator", body=reason))
    assert told(callers.call("GET", "/one-manager", who="colleague")) == begun
    assert begun["since"] is not None
    change = desk.proposed_rule(callers)
    notice = told(callers.call("POST", f"/rule-changes/{change.pk}/notice", body={}))
    (row,) = every(callers, "/notices", "colleague")
    assert row["id"] == notice["id"]
    ended = callers.call("POST", "/one-manager/end", who="administrator", body=reason)
    assert told(ended) == {"since": None}


def test_nobody_is_given_a_question_about_themselves(callers: Callers) -> None:
    number = desk.standing_out(callers)
    (row,) = every(callers, "/stands-out", "standards")
    assert (row["number"], row["officer"], row["camera"], row["concerns"], row["counted"]) == (
        number,
        callers.people["sergeant"].collar_number,
        None,
        "614LX",
        60,
    )
    Anomaly.objects.update(about=callers.people["standards"].pk)
    assert every(callers, "/stands-out", "standards") == []
    note = {"note": "my own"}
    own = callers.call("POST", f"/stands-out/{number}/close", who="standards", body=note)
    assert own.status == 404
    done = callers.call("POST", f"/stands-out/{number}/close", body=note)
    assert (told(done)["closed_by"], told(done)["note"]) == ("4101", "my own")
    assert every(callers, "/stands-out", "manager") == []
    closed = told(callers.call("GET", "/stands-out?which=closed"))["items"]
    assert [row["number"] for row in closed] == [number]
    assert callers.call("GET", "/stands-out?which=all").status == 400


def test_one_stops_deletion_and_two_let_it_on(callers: Callers) -> None:
    number = desk.stopped(callers).pk
    (row,) = every(callers, "/deletion-stops", "manager")
    assert (row["number"], row["by_person"], row["mend"]) == (number, True, False)
    path, why = f"/deletion-stops/{number}/let-on", {"reason": "looked at it"}
    first = told(callers.call("POST", path, body=why))
    assert (first["let_on_by"], first["agreed_by"]) == ("4101", None)
    own = callers.call("POST", path, body=why)
    assert told(own)["code"] == "disposal.two_people"
    second = told(callers.call("POST", path, who="second manager", body=why))
    assert second["agreed_by"] == "4102"
    assert every(callers, "/deletion-stops", "manager") == []


def test_who_would_lose_sight_says_that_they_know(callers: Callers) -> None:
    path = f"/recordings/{callers.recording}/access-class"
    body = {"access_class": "confidential"}
    effect = told(callers.call("POST", f"{path}/preview", body=body))
    assert effect["oneself"] is True
    body["reason"] = "an inquiry"
    assert told(callers.call("POST", path, body=body))["code"] == "access.class_invalid"
    done = callers.call("POST", path, body={**body, "sure": True})
    assert told(done)["access_class"] == "confidential"


def test_a_number_that_never_came_is_explained_and_stays(callers: Callers) -> None:
    desk.gap(callers)
    assert [row["counter"] for row in every(callers, "/gaps", "sergeant")] == [9]
    body = {"camera": "00417", "counters": [9, -1], "reason": "it was in repair"}
    reply = callers.call("POST", "/gaps/explain", who="sergeant", body=body)
    assert told(reply) == {"explained": 1}
    assert every(callers, "/gaps", "sergeant") == []
    assert CounterGap.objects.count() == 1


def test_who_wore_it_is_said_once_alone(callers: Callers) -> None:
    pk = desk.unassigned(callers)
    (row,) = every(callers, "/unassigned", "sergeant")
    assert (row["recording"], row["unit"]) == (str(pk), "LAM")
    body = {"wearer": "702LX", "reason": "the duty list says so"}
    reply = callers.call("POST", f"/unassigned/{pk}", who="sergeant", body=body)
    assert told(reply)["wearer"] == "702LX"
    again = callers.call("POST", f"/unassigned/{pk}", who="sergeant", body=body)
    assert told(again)["code"] == "recording.assigned"


def test_a_discharge_is_investigated_by_somebody_else(callers: Callers) -> None:
    number = desk.discharge(callers).pk
    path, day = f"/firearms/discharges/{number}", (now() - 2 * DAY).date().isoformat()
    end = {"outcome": "learning", "concluded_on": day}
    early = callers.call("POST", f"{path}/conclude", who="standards", body=end)
    assert told(early)["code"] == "firearms.invalid"
    begin = {"body": "IOPC", "opened_on": day}
    callers.call("POST", f"{path}/open", who="oversight", body=begin)
    callers.call("POST", f"{path}/conclude", who="oversight", body=end)
    (row,) = every(callers, "/firearms/discharges", "colleague")
    assert (row["body"], row["outcome"], row["unit"]) == ("IOPC", "learning", "LAM")
    month = {"unit": "LAM", "month": day, "number": 31}
    for number in (30, 31):
        callers.call("POST", "/firearms/operations", body={**month, "number": number})
    (had,) = every(callers, "/firearms/operations", "colleague")
    assert (had["number"], had["unit"], had["month"][-2:]) == (31, "LAM", "01")
    nowhere = callers.call("POST", "/firearms/operations", body={**month, "unit": "NOWHERE"})
    assert nowhere.status == 400
