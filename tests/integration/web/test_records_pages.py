"""Records on pages: a list brought in, what waits for a look, what is missing; standing holds."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages

from fairwitness.custody import ledger
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Unit
from fairwitness.formats.acts import Act
from fairwitness.retention import holds, reminding
from fairwitness.retention.event_rows import Event, EventList, EventMatch
from fairwitness.retention.models import Hold, HoldKind

QUERIES = 22
HEAD = (
    "Event ID,Record Type,Officer Badge ID,Officer Dispatched DateTime,"
    "Officer Cleared DateTime,Incident Number\n"
)
DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


def line(recording: Recording, *, kind: str = "search", officer: str = "614LX") -> str:
    began = recording.started_at
    assert began is not None
    ended = began + timedelta(minutes=9)
    return f"S/7,{kind},{officer},{began.isoformat()},{ended.isoformat()},CAD 8812\n"


def bring(pages: Pages, text: str, who: str = "manager") -> HttpResponse:
    sent = SimpleUploadedFile("night.csv", (HEAD + text).encode(), content_type="text/csv")
    answer = pages.browser(pages.people[who]).post("/records/bring-in", {"list": sent})
    assert isinstance(answer, HttpResponse)
    return answer


def said(pages: Pages, path: str, who: str = "sergeant") -> str:
    return pages.browser(pages.people[who]).get(path).content.decode()


def saw(pages: Pages, recording: Recording) -> None:
    with transaction.atomic():
        ledger.append(
            subject=f"recording:{recording.pk}",
            act=Act.RECORDING_VIEWED,
            actor=f"officer:{pages.world.sergeant.pk}",
            at=now(),
        )


def test_a_list_is_brought_in_and_told_line_by_line(pages: Pages) -> None:
    text = line(pages.recording) + line(pages.recording, officer="999ZZ")
    answer = bring(pages, text)
    kept = EventList.objects.get()
    assert answer["Location"] == f"/records/lists/{kept.pk}"
    told = said(pages, answer["Location"], "manager")
    assert "Marks 1 recording." in told
    assert "There is no officer 999ZZ." in told
    assert "event.officer_unknown" in told
    assert bring(pages, text)["Location"] == answer["Location"], "the same list again"
    (entry,) = ledger.search(act=Act.EVENT_LISTED)
    assert entry.body is not None
    assert (entry.body.detail["matched"], entry.body.detail["refused"]) == (1, 1)
    assert "S/7" in said(pages, f"/recordings/{pages.recording.pk}", "wearer")


@pytest.mark.parametrize("text", ["\0", "x\n" * 501])
def test_what_is_no_list_is_refused_on_the_form(pages: Pages, text: str) -> None:
    answer = bring(pages, text)
    assert answer.status_code == 400
    assert "Nothing was done." in answer.content.decode()
    assert not Event.objects.exists()
    none = pages.browser(pages.world.manager).post("/records/bring-in")
    assert "Choose a file first." in none.content.decode()


def test_the_form_is_guarded_against_other_sites(pages: Pages) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(pages.world.manager, backend="django.contrib.auth.backends.ModelBackend")
    sent = SimpleUploadedFile("night.csv", HEAD.encode())
    assert browser.post("/records/bring-in", {"list": sent}).status_code == 403
    token = browser.get("/records/bring-in").cookies["csrftoken"].value
    sent = SimpleUploadedFile("night.csv", HEAD.encode())
    form = {"list": sent, "csrfmiddlewaretoken": token}
    assert browser.post("/records/bring-in", form).status_code == 302


def test_a_supervisor_watches_says_so_and_it_no_longer_waits(pages: Pages) -> None:
    bring(pages, line(pages.recording))
    path = f"/records/look/{pages.recording.pk}"
    assert pages.recording.reference in said(pages, "/records")
    assert "recording that a record marks, to look at" in said(pages, "/today")
    assert "First, watch it" in said(pages, path)
    sergeant = pages.browser(pages.world.sergeant)
    assert sergeant.post(path, {"reason": "as it should be"}).status_code == 400
    saw(pages, pages.recording)
    assert "I have looked at it" in said(pages, path)
    assert sergeant.post(path, {"reason": "as it should be"})["Location"] == "/records"
    assert "Nothing waits here." in said(pages, path)
    assert not EventMatch.objects.filter(looked_at__isnull=True).exists()


def test_watching_for_a_complaint_names_no_complaint_to_the_wearer(pages: Pages) -> None:
    """What the form gives as its task is told to the wearer by the recording's history."""
    bring(pages, line(pages.recording, kind="complaint").replace("S/7", "PS 17/81"))
    path = f"/records/look/{pages.recording.pk}"
    told = said(pages, path)
    assert "Complaint PS 17/81" in told
    assert f'name="task_reference" value="{pages.recording.reference}"' in told
    bring(pages, line(pages.recording))
    assert 'name="task_reference" value="S/7"' in said(pages, path)


def test_calls_are_ticked_off_from_the_list(pages: Pages) -> None:
    bring(pages, line(pages.recording, kind="cad"))
    assert "Marked by calls only" in said(pages, "/records")
    form = {"recording": [str(pages.recording.pk), "nonsense"], "reason": "nothing in it"}
    answer = pages.browser(pages.world.sergeant).post("/records/looked", form)
    assert answer["Location"] == "/records"
    assert pages.browser(pages.world.sergeant).post("/records/looked", form).status_code == 400
    (entry,) = ledger.search(act=Act.RECORDING_REVIEWED)
    assert entry.entry.subject == f"recording:{pages.recording.pk}"


def test_a_record_without_a_recording_is_listed_until_somebody_says_why(pages: Pages) -> None:
    bring(pages, line(pages.recording, officer="702LX"))
    event = Event.objects.get()
    assert "Search S/7: PC Dev Anand" in said(pages, "/records")
    assert "record of force, search or arrest without a recording" in said(pages, "/today")
    path = f"/records/{event.pk}/explain"
    assert pages.browser(pages.world.dev).post(path, {"reason": "x"}).status_code == 403
    sergeant = pages.browser(pages.world.sergeant)
    assert sergeant.post(path, {"reason": ""}).status_code == 400
    assert sergeant.post(path, {"reason": "battery flat"})["Location"] == "/records#missing"
    assert "Search S/7: PC Dev Anand" not in said(pages, "/records")


def test_another_units_and_ones_own_are_not_shown(pages: Pages) -> None:
    bring(pages, line(pages.recording))
    reference = pages.recording.reference
    for changed in (
        {"unit": Unit.objects.get(code="LSH")},
        {"wearer": pages.world.sergeant},
        {"locked": True},
        {"access_class": "restricted"},
    ):
        before = {name: getattr(pages.recording, name) for name in changed}
        Recording.objects.filter(pk=pages.recording.pk).update(**changed)
        assert reference not in said(pages, "/records")
        answer = pages.browser(pages.world.sergeant).get(f"/records/look/{pages.recording.pk}")
        assert answer.status_code == 403
        Recording.objects.filter(pk=pages.recording.pk).update(**before)
    assert reference in said(pages, "/records")
    Event.objects.update(unit=Unit.objects.get(code="LSH"), missing=True)
    assert "Search S/7" not in said(pages, "/records").partition("Without a recording")[2]
    event = Event.objects.get()
    refused = pages.browser(pages.world.sergeant).post(
        f"/records/{event.pk}/explain", {"reason": "x"}
    )
    assert refused.status_code == 403


def test_looking_through_the_records_is_written_down(pages: Pages) -> None:
    bring(pages, line(pages.recording))
    said(pages, "/records")
    last = ledger.search(actor=f"officer:{pages.world.sergeant.pk}", limit=1)[0]
    assert last.body is not None
    assert (last.entry.act, last.body.detail["list"]) == (Act.RECORDING_LISTED, "records")


def test_the_page_asks_as_often_for_many_as_for_one(pages: Pages) -> None:
    bring(pages, line(pages.recording))
    browser = pages.browser(pages.world.sergeant)
    browser.get("/records")
    with CaptureQueriesContext(connection) as one:
        browser.get("/records")
    for _ in range(5):
        pages.world.record(ended_at=now() - 2 * DAY)
    assert len(one) <= QUERIES
    with CaptureQueriesContext(connection) as many:
        browser.get("/records")
    assert len(many) == len(one)


def test_unmarked_footage_and_who_was_told_of_it(pages: Pages) -> None:
    row = pages.world.record(ended_at=now() - 25 * DAY, docked_at=now() - 24 * DAY)
    reminding.remind_due(at=now())
    page = said(pages, "/unmarked")
    assert row.reference in page
    assert "The officer who wore it, " in page
    assert "The supervisor, " in page
    assert "The evidence manager, " not in page
    assert "recording goes within 7 days, unmarked" in said(pages, "/today")
    assert "Unmarked, it will be deleted." in said(pages, "/today", "wearer")


def test_unmarked_footage_in_the_bin_is_for_its_manager(pages: Pages) -> None:
    row = pages.world.record(ended_at=now() - 29 * DAY, docked_at=now() - 28 * DAY)
    kept = pages.world.record(ended_at=now() - 29 * DAY, docked_at=now() - 28 * DAY)
    holds.place(
        terms=holds.Terms(
            HoldKind.PROFESSIONAL_STANDARDS,
            "PS/1",
            "x",
            (now() + 9 * DAY).date(),
            silent=True,
        ),
        owner=pages.world.standards,
        at=now(),
        recordings=[kept.pk],
    )
    assert row.reference not in said(pages, "/unmarked")
    seen = said(pages, "/unmarked", "manager")
    assert row.reference in seen
    assert kept.reference not in seen, "it does not go"
    assert "recording goes within 3 days, unmarked" in said(pages, "/today", "manager")


FORM = {
    "kind": "scrutiny",
    "reference": "Panel 3",
    "basis": "the panel of July",
    "review": "2099-01-01",
    "officers": "614LX",
}


def test_a_standing_hold_is_previewed_before_it_stands(pages: Pages) -> None:
    manager = pages.browser(pages.world.manager)
    preview = manager.post("/holds/standing", {**FORM, "deed": "preview"}).content.decode()
    assert "It would keep 1 recording now" in preview
    assert pages.recording.reference in preview
    assert not Hold.objects.exists()
    assert manager.post("/holds/standing", {**FORM, "deed": "place"})["Location"] == "/holds"
    hold = Hold.objects.get()
    assert hold.release_when == "the panel has seen it and its report is published"
    assert hold.bindings.get().recording_id == pages.recording.pk
    assert hold.release_when in said(pages, "/holds", "manager")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"officers": ""}, "Say whom, which camera, where or when"),
        ({"officers": "999ZZ"}, "999ZZ"),
        ({"cameras": "nothing"}, "There is no camera nothing."),
        ({"unit": "ZZZ"}, "There is no unit ZZZ."),
        ({"from": "yesterday"}, "Write a time"),
        ({"from": "2017-06-09T00:00", "until": "2017-06-08T00:00"}, "ends before it begins"),
        ({"review": "2017-01-01"}, "later than today"),
        ({"kind": "dip-sample"}, "Say what the hold is for."),
        ({"basis": ""}, "on what ground"),
    ],
)
def test_a_standing_hold_that_cant_stand_says_so_and_keeps_what_was_typed(
    pages: Pages, wrong: dict[str, str], words: str
) -> None:
    manager = pages.browser(pages.world.manager)
    answer = manager.post("/holds/standing", {**FORM, **wrong, "deed": "preview"})
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert 'value="Panel 3"' in answer.content.decode()
    placed = manager.post("/holds/standing", {**FORM, **wrong, "deed": "place"})
    assert placed.status_code == 400
    assert not Hold.objects.exists()


def test_a_hold_whose_day_has_come_says_so(pages: Pages) -> None:
    pages.browser(pages.world.manager).post("/holds/standing", {**FORM, "deed": "place"})
    assert ">due<" not in said(pages, "/holds", "manager")
    Hold.objects.update(review_on=now().date())
    assert ">due<" in said(pages, "/holds", "manager")
    assert "hold of yours is due to be looked at again" in said(pages, "/today", "manager")
