"""What takes two people is refused to a machine account; what takes many is done whole or not."""

from datetime import UTC, datetime, timedelta

import pytest
from tests import machine_scenes as scenes
from tests.machine_world import ALL, Callers, told
from tests.retention_world import SETUP, acts

from fairwitness.disclosure.models import KeepRequest
from fairwitness.force import tokens
from fairwitness.force.asking import Role
from fairwitness.force.officers import NewOfficer
from fairwitness.ingest.models import QuarantineState
from fairwitness.ingest.quarantine import Proposal
from fairwitness.retention.models import Hold

pytestmark = pytest.mark.django_db
LATER = (datetime.now(UTC) + timedelta(days=200)).date()


@pytest.fixture
def system(callers: Callers) -> str:
    """The token of another system, which has the roles of an evidence manager and supervisor."""
    at = datetime.now(UTC) - timedelta(minutes=5)
    made = tokens.register_machine(
        new=NewOfficer(
            "CRIS", "Crime records", "API", "LAM", "", (Role.EVIDENCE_MANAGER, Role.SUPERVISOR)
        ),
        purpose="marks what the crime records name",
        actor=SETUP,
        at=at,
    )
    return tokens.make(
        officer=made,
        name="night run",
        scopes=ALL,
        expires_at=datetime.now(UTC) + timedelta(days=30),
        actor=callers.people["manager"],
        at=datetime.now(UTC),
    ).text


def test_a_machine_takes_no_step_of_two(callers: Callers, system: str) -> None:
    case = scenes.quarantined(callers).pk
    tries: tuple[tuple[str, dict[str, object]], ...] = (
        (f"/recordings/{callers.recording}/unmark", {"reason": "x"}),
        (f"/recordings/{callers.recording}/unmark/decide", {"agree": True}),
        (f"/recordings/{callers.recording}/wearer", {"wearer": "702LX", "reason": "x"}),
        (f"/recordings/{callers.recording}/wearer/decide", {"agree": True}),
        (f"/recordings/{callers.recording}/early-deletion", {"reason": "x"}),
        (f"/early-deletions/{callers.recording}/decide", {"agree": True}),
        (f"/early-deletions/{callers.recording}/agree", {"agree": True}),
        (
            "/not-recorded",
            {"incident": "x", "happened_at": LATER.isoformat() + "T00:00:00Z", "reason": "forgot"},
        ),
        (f"/early-deletions/{callers.recording}/notice", {}),
        (f"/recordings/{callers.recording}/unmark/notice", {}),
        ("/thresholds", {"numbers": scenes.other_numbers(), "reason": "x"}),
        (f"/thresholds/{callers.recording}/agree", {}),
        (f"/thresholds/{callers.recording}/take-back", {}),
        (f"/rule-trials/{callers.recording}/propose", {"reason": "x"}),
        (f"/rule-changes/{callers.recording}/approve", {}),
        (f"/rule-changes/{callers.recording}/withdraw", {"reason": "x"}),
        (f"/rule-changes/{callers.recording}/notice", {}),
        ("/one-manager/begin", {"reason": "x"}),
        ("/one-manager/end", {"reason": "x"}),
        ("/deletion-stops/1/let-on", {"reason": "x"}),
        ("/events/marked/look", {"recordings": [callers.recording], "reason": "x"}),
        (f"/events/{callers.recording}/explain", {"reason": "x"}),
        ("/gaps/explain", {"camera": "00417", "counters": [9], "reason": "x"}),
        ("/stands-out/1/close", {"note": "x"}),
        (
            f"/drawn/{callers.recording}/look",
            {"told": "yes", "in_time": "yes", "to_the_end": "yes", "conduct": "good"},
        ),
        (f"/quarantine/{case}/propose", {"proposal": "release", "reason": "x"}),
        (f"/quarantine/{case}/confirm", {"proposal": "release"}),
    )
    for path, body in tries:
        reply = callers.call("POST", path, body=body, text=system)
        assert (reply.status, told(reply)["code"]) == (403, "token.second_person"), path
    assert callers.call("POST", f"/quarantine/{case}/check", text=system, body={}).status == 200


def _request_with_two_holds(callers: Callers) -> KeepRequest:
    asked = callers.request()
    first = asked.holds.get()
    second = Hold.objects.create(
        kind=first.kind,
        reference=first.reference,
        basis=first.basis,
        placed_at=first.placed_at + timedelta(seconds=1),
        review_on=first.review_on,
        standing=True,
        criteria=first.criteria,
        owner=callers.people["oversight"],
        oversight=True,  # nobody of the force lets it stand on
    )
    asked.holds.add(second)
    return asked


def test_a_request_is_extended_whole_or_not_at_all(callers: Callers) -> None:
    asked = _request_with_two_holds(callers)
    before = list(asked.holds.order_by("pk").values_list("pk", "review_on"))
    body = {"until": LATER.isoformat(), "reason": "asked again"}
    reply = callers.call("POST", f"/requests/{asked.pk}/extend", body=body)
    assert reply.status == 403
    assert list(asked.holds.order_by("pk").values_list("pk", "review_on")) == before
    manager = callers.pages.browser(callers.people["manager"])
    assert manager.post(f"/requests/{asked.pk}/extend", body).status_code == 403
    assert list(asked.holds.order_by("pk").values_list("pk", "review_on")) == before
    written = [act for pk, _ in before for act in acts(f"hold:{pk}")]
    assert written.count("access.refused") == 2
    assert "hold.reviewed" not in written
    asked.holds.update(oversight=False)
    assert callers.call("POST", f"/requests/{asked.pk}/extend", body=body).status == 200
    assert {hold.review_on for hold in asked.holds.all()} == {LATER}


def test_a_second_person_declines_with_a_reason(callers: Callers) -> None:
    path = f"/recordings/{scenes.unmark_asked(callers)}/unmark/decide"
    assert callers.call("POST", path, body={"agree": False}).status == 400
    waits = f"/recordings/{callers.recording}/waiting"
    assert told(callers.call("GET", waits))["unmark"]["asked_by"] == "12LX"
    body = {"agree": False, "reason": "a trial is coming"}
    assert told(callers.call("POST", path, body=body))["evidential"] is True
    assert told(callers.call("GET", waits))["unmark"] is None
    path = f"/recordings/{scenes.wearer_asked(callers)}/wearer/decide"
    assert told(callers.call("GET", waits))["wearer"]["wearer"] == "702LX"
    assert callers.call("POST", path, body={"agree": False}).status == 400
    body = {"agree": False, "reason": "the issue desk knows better"}
    assert told(callers.call("POST", path, body=body))["wearer"] == "614LX"
    assert told(callers.call("GET", waits))["wearer"] is None


def test_whoever_asked_does_not_agree(callers: Callers) -> None:
    path = f"/recordings/{scenes.unmark_asked(callers)}/unmark/decide"
    reply = callers.call("POST", path, who="sergeant", body={"agree": True})
    assert reply.status == 403
    case = scenes.proposed(callers, Proposal.REJECT)
    reply = callers.call(
        "POST",
        f"/quarantine/{case.pk}/confirm",
        who="second manager",
        body={"proposal": "reject"},
    )
    assert reply.status == 409
    case.refresh_from_db()
    assert case.state == QuarantineState.HELD


def test_the_quarantine_is_listed_by_state_and_reason_in_pages(callers: Callers) -> None:
    made = [scenes.quarantined(callers).pk for _ in range(3)]
    page = told(callers.call("GET", "/quarantine?limit=2&reason=camera.unknown"))
    assert [row["number"] for row in page["items"]] == made[:2]
    rest = told(callers.call("GET", f"/quarantine?limit=2&cursor={page['next']}"))
    assert ([row["number"] for row in rest["items"]], rest["next"]) == (made[2:], None)
    assert told(callers.call("GET", "/quarantine?state=binned"))["items"] == []
    for query in ("state=x", "reason=x", "cursor=aGk"):
        assert callers.call("GET", f"/quarantine?{query}").status == 400
    for number in ("0", "-1", "x", "9" * 30, str(made[0]) + "/"):
        assert callers.call("GET", f"/quarantine/{number}").status == 404


def test_a_standing_hold_tells_what_it_asks_for_and_unknown_names_are_told(
    callers: Callers,
) -> None:
    body = {
        "kind": "litigation",
        "reference": "QB/1",
        "basis": "a claim",
        "officers": ["614lx"],
        "cameras": ["00417"],
        "units": ["LAM"],
        "stations": ["LAM1"],
        "ends_at": datetime.now(UTC).isoformat(),
    }
    placed = told(callers.call("POST", "/standing-holds", body=body))
    assert placed["bound"] == 1
    (row,) = told(callers.call("GET", "/standing-holds"))["items"]
    assert (row["id"], row["officers"], row["cameras"]) == (placed["id"], ["614LX"], ["00417"])
    assert told(callers.call("GET", "/standing-holds", who="sergeant")).get("items") is None
    tries: tuple[dict[str, object], ...] = (
        {"kind": "critical-incident"},
        {"kind": "exhibit"},
        {"units": ["NOWHERE"]},
        {"stations": ["NOWHERE"]},
        {"officers": ["0000"]},
        {"officers": [str(n) for n in range(61)]},
        {"officers": [], "cameras": [], "units": [], "stations": [], "ends_at": None},
    )
    for wrong in tries:
        assert callers.call("POST", "/standing-holds", body=body | wrong).status == 400, wrong
    unknown = callers.call("POST", "/standing-holds", body=body | {"cameras": ["0"]})
    assert unknown.status == 404
    named = {"recordings": [callers.recording], "reference": "x", "basis": "x"}
    for kind in ("critical-incident", "exhibit", "dip-sample"):
        assert callers.call("POST", "/holds", body=named | {"kind": kind}).status == 400
    path = f"/holds/{placed['id']}/lift"
    assert told(callers.call("POST", path, body={"reason": "settled"}))["lifted"] is True
    assert told(callers.call("GET", "/standing-holds"))["items"] == []


def test_an_incident_tells_who_viewed_before_the_account(callers: Callers) -> None:
    incident = scenes.incident(callers)
    path = f"/incidents/{incident.pk}"
    other = {"officer": "702LX", "reason": "x"}
    assert callers.call("POST", f"{path}/releases", who="post-incident", body=other).status == 400
    said = {"officer": "614LX", "given_at": datetime.now(UTC).isoformat(), "what": "first"}
    assert callers.call("POST", f"{path}/accounts", who="post-incident", body=said).status == 201
    whole = told(callers.call("GET", path, who="duty"))
    (ada,) = whole["officers"]
    assert (ada["officer"], ada["released_at"]) == ("614LX", None)
    assert ada["accounts"][0]["viewed_before"] is False
    assert [row["id"] for row in whole["recordings"]] == [callers.recording]
    assert callers.call("GET", "/incidents", who="duty").status == 200


def test_a_pool_camera_is_taken_by_its_wearer_alone(callers: Callers) -> None:
    camera = scenes.spare_camera(callers)
    camera.pool = True
    camera.save(update_fields=["pool"])
    own = callers.people["wearer"].collar_number
    body = {"camera": camera.serial, "officer": own}
    assert callers.call("POST", "/force/issues", who="colleague", body=body).status == 403
    assert callers.call("POST", "/force/issues", who="wearer", body=body).status == 201
    back = told(callers.call("POST", "/force/returns", who="wearer", body={"camera": "00417"}))
    assert (back["officer"], back["ends_at"] is not None) == (own, True)
    lost = {"camera": "00417", "became": "lost", "reason": "in the river"}
    assert told(callers.call("POST", "/force/camera-reports", body=lost))["status"] == "lost"
    assert callers.call("POST", "/force/issues", body=body).status == 400
