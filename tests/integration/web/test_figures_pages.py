"""Figures for those who work here: what they say, the file, and noting what happened with arms."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages

from fairwitness.accountability import counting, firearms
from fairwitness.accountability.models import Discharge, FiguresCount
from fairwitness.custody import ledger
from fairwitness.evidence.leave_rows import BrokenGlass, Emergency
from fairwitness.formats.acts import Act
from fairwitness.retention.models import NotRecorded, Said
from fairwitness.retention.saying_rows import Matter

pytestmark = pytest.mark.django_db
FIGURES = "/figures/force"
FIREARMS = "/figures/firearms"


def test_the_page_tells_the_sum_and_each_chart_has_its_table(pages: Pages) -> None:
    pages.world.record(ended_at=datetime.now(UTC) - timedelta(days=3))
    text = pages.browser(pages.world.ada).get(FIGURES).content.decode()
    assert "These figures add up" in text
    assert text.count('<ol class="bars" aria-hidden="true">') == 3
    for table in ("Figures by month", "Table of views by reason", "People told", "Figures by unit"):
        assert f'aria-label="{table}"' in text
    assert pages.world.ada.unit.name in text


def test_both_pages_write_the_sum_out(pages: Pages) -> None:
    counting.renew(at=datetime.now(UTC))
    for path in (FIGURES, "/figures"):
        text = pages.browser(pages.world.ada).get(path).content.decode()
        assert "1 + 0 = 1: so many were received." in text, path
        assert 'aria-label="Figures by unit"' in text, path


def test_a_discharge_is_of_no_unit_until_one_is_chosen(pages: Pages) -> None:
    manager = pages.browser(pages.world.manager)
    assert manager.get(FIREARMS).content.count(b'<option value="">Choose</option>') == 2
    form = {"reference": "FD/1/17", "unit": "", "day": "2017-06-08"}
    refused = manager.post(f"{FIREARMS}/discharges", form)
    assert (refused.status_code, Discharge.objects.count()) == (400, 0)
    assert "Choose a unit." in refused.content.decode()


def test_what_does_not_add_up_is_told_loudly(pages: Pages) -> None:
    count = counting.renew(at=datetime.now(UTC))
    FiguresCount.objects.filter(pk=count.pk).update(
        problems=["Lambeth: 3 received, 2 accounted for."], took_ms=60_000
    )
    text = pages.browser(pages.world.ada).get(FIGURES).content.decode()
    assert "These figures do not add up" in text
    assert "Lambeth: 3 received, 2 accounted for." in text


def test_one_unit_and_one_category_can_be_asked_for(pages: Pages) -> None:
    unit = pages.world.ada.unit.code
    browser = pages.browser(pages.world.manager)
    assert b"<b>1</b> received" in browser.get(f"{FIGURES}?unit={unit}").content
    assert b"<b>0</b> received" in browser.get(f"{FIGURES}?unit=NOWHERE").content
    assert b"<b>1</b> received" in browser.get(f"{FIGURES}?category=none").content
    assert b"<b>0</b> received" in browser.get(f"{FIGURES}?category=arrest&since=oops").content


def test_the_file_holds_the_same_numbers(pages: Pages) -> None:
    answer = pages.browser(pages.world.ada).get("/figures/force.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    received = [row for row in rows if row["what"] == "received"]
    assert [(row["unit"], row["number"]) for row in received] == [(pages.world.ada.unit.code, "1")]
    assert pages.browser(None).get("/figures/force.csv").status_code == 302
    assert pages.browser(pages.world.ada).post("/figures/force.csv").status_code == 405


def test_the_number_of_queries_does_not_grow(pages: Pages) -> None:
    count = counting.renew(at=datetime.now(UTC))
    FiguresCount.objects.filter(pk=count.pk).update(took_ms=60_000)
    browser = pages.browser(pages.world.manager)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(FIGURES).status_code == 200
    assert len(queries) <= 20


def test_a_discharge_is_noted_investigated_and_concluded(pages: Pages) -> None:
    today = datetime.now(UTC).date().isoformat()
    standards = pages.browser(pages.world.standards)
    unit = pages.world.ada.unit.code
    noted = standards.post(
        f"{FIREARMS}/discharges", {"reference": "FD/1/26", "unit": unit, "day": today}
    )
    assert noted["Location"] == FIREARMS
    text = standards.get(FIREARMS).content.decode()
    assert "FD/1/26" in text
    assert "None yet" in text
    assert "has no independent investigation" in standards.get(FIGURES).content.decode()
    row = Discharge.objects.get()
    standards.post(f"{FIREARMS}/{row.pk}/open", {"body": "The independent office", "day": today})
    standards.post(f"{FIREARMS}/{row.pk}/conclude", {"outcome": "learning", "day": today})
    row.refresh_from_db()
    assert (row.body, row.outcome) == ("The independent office", "learning")
    written = [entry.entry.act for entry in ledger.history(firearms.SUBJECT)]
    assert written == [
        Act.FIREARMS_DISCHARGE_NOTED,
        Act.FIREARMS_INVESTIGATION_OPENED,
        Act.FIREARMS_INVESTIGATION_CONCLUDED,
    ]
    standards.post(f"{FIREARMS}/operations", {"unit": unit, "month": today[:7], "number": "7"})
    assert "7</td>" in standards.get(FIREARMS).content.decode()


@pytest.mark.parametrize(
    ("rest", "sent"),
    [
        ("operations", {"unit": "LAM", "month": "never", "number": "1"}),
        ("operations", {"unit": "LAM", "month": "2017-06", "number": "many"}),
        ("operations", {"unit": "nowhere", "month": "2017-06", "number": "1"}),
        ("discharges", {"unit": "LAM", "reference": "", "day": "2017-06-01"}),
        ("{pk}/open", {"body": "", "day": "2017-06-02"}),
        ("{pk}/conclude", {"outcome": "nothing", "day": "2017-06-02"}),
    ],
)
def test_nonsense_is_refused_in_words(pages: Pages, rest: str, sent: dict[str, str]) -> None:
    row = _discharge(pages)
    browser = pages.browser(pages.world.standards)
    answer = browser.post(f"{FIREARMS}/{rest.format(pk=row.pk)}", sent)
    assert answer.status_code == 400
    assert b"Nothing was changed." in answer.content


@pytest.mark.parametrize("rest", ["{pk}/open", "{pk}/conclude"])
def test_the_force_does_not_investigate_itself(pages: Pages, rest: str) -> None:
    path = f"{FIREARMS}/{rest.format(pk=_discharge(pages).pk)}"
    for officer in (pages.world.ada, pages.world.manager):
        browser = pages.browser(officer)
        answer = browser.post(path, {"body": "us", "day": "2017-06-02", "outcome": "no-case"})
        assert answer.status_code == 403
        (refusal,) = ledger.search(actor=f"officer:{officer.pk}", subject=firearms.SUBJECT)
        assert refusal.entry.act is Act.ACCESS_REFUSED
        assert browser.get(path).status_code == 405
    assert pages.browser(None).post(path).status_code == 302
    assert pages.browser(pages.world.standards).post(f"{FIREARMS}/999/open").status_code == 404


def _discharge(pages: Pages) -> Discharge:
    return firearms.note_discharge(
        reference="FD/1/17",
        unit=pages.world.ada.unit,
        happened_on=datetime(2017, 6, 1, tzinfo=UTC).date(),
        officer=pages.world.standards,
        at=datetime.now(UTC),
    )


def test_what_officers_say_and_broken_glass_stand_beside_what_cameras_say(pages: Pages) -> None:
    at = datetime.now(UTC)
    Said.objects.create(
        recording=pages.recording, matter=Matter.TOLD, answer="danger", by=pages.world.ada, at=at
    )
    NotRecorded.objects.create(
        officer=pages.world.ada,
        unit=pages.world.ada.unit,
        incident="17/042",
        happened_at=at - timedelta(hours=2),
        reason="forgot",
        at=at,
    )
    BrokenGlass.objects.create(
        recording=pages.recording,
        officer=pages.world.dev,
        emergency=Emergency.LIFE,
        reason="A child was last seen there",
        broken_at=at - timedelta(hours=2),
        ends_at=at - timedelta(hours=1),
    )
    counting.renew(at=at)
    text = pages.browser(pages.world.ada).get(FIGURES).content.decode()
    assert "<dt>Not practicable: it was too dangerous</dt><dd>1</dd>" in text
    assert "<dt>I forgot</dt><dd>1</dd>" in text
    for table in (
        "Table of people told, as officers say, by month",
        "Table of what was not recorded, by month",
        "Opened in an emergency, by month",
        "Opened in an emergency, by unit",
    ):
        assert f'aria-label="{table}"' in text
    rows = csv.DictReader(
        io.StringIO(pages.browser(pages.world.ada).get("/figures/force.csv").content.decode())
    )
    told = {row["what"]: row["number"] for row in rows}
    assert (told["said told: danger"], told["not recorded: forgot"], told["glass"]) == (
        "1",
        "1",
        "1",
    )
