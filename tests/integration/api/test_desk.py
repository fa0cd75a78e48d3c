"""What waits at the desk, listed for programs: whole, in pages, and only what one may know."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests import machine_scenes as scenes
from tests.machine_world import Callers, told

from fairwitness.evidence.models import AccessClass, Recording
from fairwitness.retention import early_deletion, marking

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def every(callers: Callers, path: str, who: str) -> list[Any]:
    """All rows of a list, asked for one at a time."""
    found: list[Any] = []
    cursor = ""
    while True:
        reply = callers.call("GET", f"{path}?limit=1{cursor}", who=who)
        assert reply.status == 200, reply.body
        page = told(reply)
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


def test_reviews_come_in_pages_what_is_due_first(callers: Callers) -> None:
    made = [callers.pages.world.record(ended_at=now() - 2 * DAY).pk for _ in range(3)]
    marking.mark_evidential(
        recordings=made,
        incident="CAD 1",
        codes=["public-order"],
        officer=callers.people["wearer"],
        at=now(),
    )
    later = (now() + timedelta(days=20)).date().isoformat()
    body = {"until": later, "reason": "the trial is soon"}
    kept = callers.call("POST", f"/recordings/{made[1]}/review", body=body)
    assert kept.status == 200
    rows = every(callers, "/reviews", "manager")
    assert rows[0]["recording"] == str(made[1]), "the earliest day"
    assert {row["recording"] for row in rows} == {str(pk) for pk in made}
    assert len(rows) == len(made)
    asked = {"reason": "nobody is charged"}
    callers.call("POST", f"/recordings/{made[0]}/unmark", who="sergeant", body=asked)
    waits = {
        row["recording"] for row in every(callers, "/reviews", "manager") if row["let_go_asked"]
    }
    assert waits == {str(made[0])}
    assert {row["recording"] for row in every(callers, "/reviews", "wearer")} == waits | {
        str(pk) for pk in made
    }, "who marked them looks again"


def test_holds_to_be_looked_at_again_are_ones_own_and_those_one_lifts(callers: Callers) -> None:
    mine = callers.hold()
    assert [row["hold"] for row in every(callers, "/reviews/holds", "manager")] == [str(mine.pk)]
    assert callers.call("GET", "/reviews/holds?cursor=aGk", who="manager").status == 400


def test_what_is_closed_is_in_no_list_of_early_deletions(callers: Callers) -> None:
    closed = callers.pages.world.record(ended_at=now() - 2 * DAY)
    shown = scenes.early(callers)
    early_deletion.ask(
        recording=closed.pk,
        for_person=False,
        reason="by mistake",
        officer=callers.people["wearer"],
        at=now(),
    )
    assert len(every(callers, "/early-deletions", "second manager")) == 2
    Recording.objects.filter(pk=closed.pk).update(access_class=AccessClass.CONFIDENTIAL)
    rows = every(callers, "/early-deletions", "second manager")
    assert [row["id"] for row in rows] == [shown]


def test_what_is_said_stands_until_it_is_said_anew(callers: Callers) -> None:
    path = f"/recordings/{callers.recording}/sayings"
    last = {"told": {"code": "other", "words": "they ran"}}
    for body in ({"told": {"code": "yes"}}, last):
        assert callers.call("POST", path, who="wearer", body=body).status == 201
    rows = told(callers.call("GET", path, who="wearer"))["items"]
    assert [(row["answer"], row["stands"]) for row in rows] == [("other", True), ("yes", False)]
    again = callers.call("POST", path, who="wearer", body=last)
    assert told(again)["code"] == "saying.nothing"
    wrong = {"late": {"code": "because"}}
    assert told(callers.call("POST", path, who="wearer", body=wrong))["code"] == "reason.invalid"
    field = {"fields": [{"field": "colour", "answer": "red"}]}
    assert callers.call("POST", path, who="wearer", body=field).status == 400


def test_the_fields_of_its_category_are_said_with_it(callers: Callers) -> None:
    lists = told(callers.call("GET", "/lists", who="wearer"))
    line = next(each for each in lists["categories"] if each["fields"] and each["days"] is not None)
    asked = {"codes": [line["code"]]}
    callers.call("POST", f"/recordings/{callers.recording}/categories", who="wearer", body=asked)
    path = f"/recordings/{callers.recording}/sayings"
    wrong = {"fields": [{"field": "colour", "answer": "red"}]}
    refused = told(callers.call("POST", path, who="wearer", body=wrong))
    assert refused["detail"].endswith("has no field colour.")
    typed = {
        "reference": "AB 12",
        "number": "12",
        "date": "2017-06-08",
        "text": "red",
        "choice": "",
    }
    given = [
        {
            "field": field["code"],
            "answer": field["choices"][0] if field["choices"] else typed[field["kind"]],
        }
        for field in line["fields"]
    ]
    reply = callers.call("POST", path, who="wearer", body={"fields": given})
    assert reply.status == 201, reply.body
    said = {row["field"] for row in told(reply)["items"]}
    assert said == {f"{line['code']}.{field['code']}" for field in line["fields"]}


def test_non_use_is_for_oneself_and_ones_supervisor_and_can_be_corrected(callers: Callers) -> None:
    said = {"incident": "CAD 1", "happened_at": (now() - DAY).isoformat(), "reason": "forgot"}
    first = told(callers.call("POST", "/not-recorded", who="wearer", body=said))["id"]
    other = {**said, "incident": "CAD 2", "instead_of": first}
    second = told(callers.call("POST", "/not-recorded", who="wearer", body=other))["id"]
    for who, ids in (("wearer", [second]), ("sergeant", [second]), ("colleague", [])):
        assert [row["id"] for row in every(callers, "/not-recorded", who)] == ids, who


def test_settings_are_decided_over_what_one_has_read(callers: Callers) -> None:
    path = "/force/camera-settings"
    body = {"profile": "body2", "over": 0, "reason": "quiet", "beeps": False}
    assert callers.call("POST", path, body=body).status == 201
    again = callers.call("POST", path, body={**body, "vibration": False})
    assert (again.status, told(again)["code"]) == (400, "camera.settings_refused")
    same = callers.call("POST", path, body={**body, "over": 1})
    assert told(same)["code"] == "camera.settings_same"
    own = {**body, "over": 1, "unit": "LAM", "beeps": True}
    assert callers.call("POST", path, body=own).status == 201
    assert callers.call("POST", path, body={**own, "unit": "NOWHERE"}).status == 400
    rows = every(callers, path, "sergeant")
    assert [(row["unit"], row["version"], row["stands"]) for row in rows] == [
        ("LAM", 2, True),
        (None, 1, True),
    ]
    assert [row["settings"]["beeps"] for row in rows] == [True, False]
    assert {row["settings"]["vibration"] for row in rows} == {True}


def test_numbers_that_two_agreed_to_stand(callers: Callers) -> None:
    change = scenes.proposed_numbers(callers)
    before = told(callers.call("GET", "/thresholds"))
    assert before["waiting"]["id"] == change
    own = callers.call("POST", f"/thresholds/{change}/agree", body={})
    assert own.status == 403, "who proposed it"
    after = told(callers.call("POST", f"/thresholds/{change}/agree", who="second manager", body={}))
    assert after == {"numbers": scenes.other_numbers(), "waiting": None}
    spoilt = {"numbers": {**scenes.other_numbers(), "gaps": 0}, "reason": "none at all"}
    assert callers.call("POST", "/thresholds", body=spoilt).status == 400


def test_whose_a_notice_is_tells_only_who_may_stop_it(callers: Callers) -> None:
    notice = scenes.noticed(callers)
    for who, number in (("standards", "4101"), ("colleague", None)):
        (row,) = every(callers, "/notices", who)
        assert (row["id"], row["given_by"]) == (notice, number), who
    stopped = callers.call(
        "POST", f"/notices/{notice}/stop", who="standards", body={"reason": "the family asks"}
    )
    assert told(stopped)["stopped_at"] is not None
    assert every(callers, "/notices", "standards") == []


def test_a_sample_gives_what_it_takes_to_draw_it_again(callers: Callers) -> None:
    drawn = scenes.drawn(callers)
    whole = told(callers.call("GET", f"/samples/{drawn.sample_id}", who="sergeant"))
    assert whole["population"] == [callers.recording]
    assert (whole["sample"]["listed"], whole["sample"]["drawn"]) == (1, 1)
    assert whole["sample"]["sha256"] == drawn.sample.digest
    assert [row["id"] for row in every(callers, "/drawn", "sergeant")] == [str(drawn.pk)]
    form = {"told": "yes", "in_time": "no", "to_the_end": "yes", "conduct": "good"}
    early = callers.call("POST", f"/drawn/{drawn.pk}/look", who="sergeant", body=form)
    assert told(early)["code"] == "sample.not_seen"
    assert callers.call("GET", "/samples", who="colleague").status == 403


def test_a_case_that_is_open_to_me_is_in_my_list_until_it_ends(callers: Callers) -> None:
    callers.exhibit()
    foretold = told(
        callers.call("POST", f"/cases/{callers.case}/leave/preview", body={"officer": "702LX"})
    )
    assert [row["recording"] for row in foretold["items"]] == [callers.recording]
    assert foretold["more"] is False
    leave = scenes.case_opened(callers)
    assert [row["id"] for row in every(callers, "/case-leave", "colleague")] == [leave]
    assert callers.call("GET", f"/recordings/{callers.recording}", who="colleague").status == 200
    callers.call("POST", f"/case-leave/{leave}/end", body={"reason": "done"})
    assert every(callers, "/case-leave", "colleague") == []
    assert callers.call("GET", f"/recordings/{callers.recording}", who="colleague").status == 404
