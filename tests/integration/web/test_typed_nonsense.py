"""What nobody means is refused in words: no number, day or person typed breaks a page."""

import json
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.web.conftest import Pages

from fairwitness.accountability.models import FirearmsOperations
from fairwitness.cases.models import Case, Exhibit
from fairwitness.config import clock
from fairwitness.force.models import Unit
from fairwitness.retention.models import Hold

FIRST, LAST = "0001-01-01T00:00", "9999-12-31T23:59"
FAR = (FIRST, LAST, f"{FIRST}+14:00", f"{LAST}-12:00")


@pytest.mark.parametrize("number", ["²", "9" * 30, "-1", "x", ""])
def test_what_is_no_page_is_the_first(pages: Pages, number: str) -> None:
    answer = pages.browser(pages.world.ada).get("/recordings", {"page": number})
    assert pages.recording.reference in answer.content.decode()


@pytest.mark.parametrize("person", ["", "nobody", "00000000-0000-0000-0000-000000000000"])
def test_in_training_nobody_is_picked_who_is_none(
    pages: Pages, person: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "training", lambda *_: clock.Training(timedelta()))
    answer = pages.browser(None).post("/sign-in", {"person": person})
    assert answer.status_code == 400
    assert "Choose one of the people below." in answer.content.decode()


@pytest.mark.parametrize("moment", FAR)
def test_a_moment_beyond_all_calendars_is_refused_where_it_is_typed(
    pages: Pages, moment: str
) -> None:
    day, _, time = moment.partition("T")
    manager = pages.browser(pages.world.manager)
    hold = {"kind": "complaint", "reference": "C/1", "basis": "a complaint", "from": moment}
    hold |= {"review": (datetime.now(UTC) + timedelta(days=9)).date().isoformat()}
    for deed in ({}, {"deed": "place"}):
        assert manager.post("/holds/standing", hold | deed).status_code == 400
    assert not Hold.objects.exists()
    said = {"day": day, "time": time, "incident": "CAD 1", "choice": "forgot"}
    assert pages.browser(pages.world.ada).post("/not-recorded", said).status_code == 400
    asked = {"day": day, "time": time, "within": "15", "number": "614 lx"}
    assert pages.browser(None).post("/keep-footage", asked).status_code == 400


@pytest.mark.parametrize("number", ["00000000012", "²", "-1", ""])
def test_a_number_of_operations_is_kept_as_it_was_typed_or_not_at_all(
    pages: Pages, number: str
) -> None:
    said = {"unit": "LAM", "month": "2026-10", "number": number}
    assert (
        pages.browser(pages.world.standards).post("/figures/firearms/operations", said).status_code
        == 400
    )
    assert not FirearmsOperations.objects.exists()


def test_ones_own_case_is_offered_however_many_others_have(pages: Pages) -> None:
    other = Unit.objects.exclude(pk=pages.case.unit_id).first()
    at = datetime.now(UTC)
    Case.objects.bulk_create(
        Case(
            reference=f"02/{number}/17",
            title="R v another",
            unit=other,
            officer_in_case=pages.world.dev,
            opened_at=at + timedelta(seconds=number),
            review_on=(at + timedelta(days=9)).date(),
        )
        for number in range(201)
    )
    browser = pages.browser(pages.world.detective)
    path = f"/recordings/{pages.recording.pk}/produce"
    page = browser.get(path).content.decode()
    assert "01/803/17" in page
    said = {"case": str(pages.case.pk), "producer": "614LX", "title": "Stop, Windrush Square"}
    assert browser.post(path, said)["Location"] == f"/cases/{pages.case.pk}"
    assert Exhibit.objects.get().case == pages.case


def test_whoever_sees_a_case_and_makes_no_copy_is_told_that_it_was_written_down(
    pages: Pages,
) -> None:
    browser = pages.browser(pages.world.standards)
    assert browser.get(f"/cases/{pages.case.pk}").status_code == 200
    said = {"recipient": "CPS", "purpose": "prosecution"}
    answer = browser.post(f"/cases/{pages.case.pk}/export", said)
    assert answer.status_code == 403
    assert b"This request was written down." in answer.content


WHOLE = {"clientDataJSON": "eA", "authenticatorData": "eA", "signature": "eA"}


@pytest.mark.parametrize(
    "sent",
    [
        *("x", "null", "5", '"x"', "[]", "{}", "[" * 100_000, '{"response": 5}'),
        *('{"response": []}', '{"response": {}}', '{"response": {"userHandle": 5}}'),
        *('{"response": {"userHandle": "é"}}', '{"response": {"userHandle": "AAAA"}}'),
        *('{"id": 5, "response": {"userHandle": "HANDLE"}}', '{"response": {"userHandle": []}}'),
        '{"id": "x", "response": {"userHandle": "HANDLE"}}',
        json.dumps({"id": "eA", "rawId": "eA", "response": {"userHandle": "HANDLE", **WHOLE}}),
    ],
)
def test_what_is_no_passkey_signs_nobody_in(pages: Pages, sent: str) -> None:
    handle = urlsafe_b64encode(pages.world.ada.pk.bytes).decode().rstrip("=")
    browser = pages.browser(None)
    assert browser.post("/sign-in/passkey").status_code == 200
    answer = browser.post("/sign-in/passkey", {"credential": sent.replace("HANDLE", handle)})
    assert answer["Location"] == "/sign-in"
    assert browser.get("/today").status_code == 302
