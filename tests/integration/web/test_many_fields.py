"""A category of the force's own that asks as much as one may: described, shown, filled in, kept."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from tests.integration.web.conftest import Pages

from fairwitness.retention import asking_fields, rule_changes
from fairwitness.retention.models import RuleChange, Said
from fairwitness.retention.saying_rows import Matter

DAY = timedelta(days=1)
CODE = "firearms-stop"
FIELDS = (
    ("Incident number", "reference", "CAD 8812", "CAD 8812"),
    ("Operation", "text", "", "Hazel"),
    ("Vehicle", "reference", "AB12 CDE", "AB12 CDE"),
    ("People stopped", "number", "", "2"),
    ("Found", "choice", "nothing, firearm, ammunition, drugs", "firearm"),
    ("Authorised by", "text", "", "Insp Long"),
    ("Day of the briefing", "date", "", "2017-06-08"),
    ("Exhibit", "reference", "AW/1", "AW/1"),
)


def now() -> datetime:
    return datetime.now(UTC)


def key(name: str) -> str:
    return f"f-{CODE}-{name.lower().replace(' ', '_')}"


@pytest.fixture
def ada(pages: Pages) -> Client:
    """Ada, in a force with such a category."""
    browser = pages.browser(pages.world.manager)
    asked = {"code": CODE, "name": "Armed vehicle stop", "days": "100"}
    there = browser.post("/rules/try", asked)["Location"]
    form = browser.get(there).content.decode()
    assert f'name="field-{len(FIELDS)}-name"' in form
    assert f'name="field-{len(FIELDS) + 1}-name"' not in form
    said = {"reason": "the firearms command asks"}
    for number, (name, kind, extra, _typed) in enumerate(FIELDS, 1):
        said |= {
            f"field-{number}-name": name,
            f"field-{number}-kind": kind,
            f"field-{number}-extra": extra,
            f"field-{number}-needed": "1" if number == 1 else "",
        }
    assert browser.post(there, said).status_code == 302
    change = RuleChange.objects.get(code=CODE)
    rule_changes.approve(change=change, officer=pages.world.standards, at=now() - 8 * DAY)
    rule_changes.apply_due(at=now())
    return pages.browser(pages.world.ada)


def test_as_many_as_one_may_are_asked_and_kept(pages: Pages, ada: Client) -> None:
    assert len(FIELDS) == asking_fields.MOST
    shown = ada.get("/kiosk").content.decode()
    assert all(f'name="{key(name)}"' in shown for name, *_ in FIELDS)
    typed = {key(name): text for name, _kind, _extra, text in FIELDS}
    sent = {"recording": str(pages.recording.pk), "category": CODE, **typed}
    missing = ada.post("/kiosk", {**sent, key("Incident number"): ""})
    assert missing.status_code == 400
    again = missing.content.decode()
    assert "Incident number is needed for this category." in again
    for name, text in typed.items():
        if name != key("Incident number"):
            assert name in again
            assert text in again, "what was typed stays"
    assert ada.post("/kiosk", sent).status_code == 302
    kept = Said.objects.filter(recording=pages.recording, matter=Matter.FIELD)
    assert {row.answer for row in kept} == {text for *_, text in FIELDS}


def test_all_but_what_is_needed_may_be_left_for_later(pages: Pages, ada: Client) -> None:
    sent = {
        "recording": str(pages.recording.pk),
        "category": CODE,
        key("Incident number"): "CAD 8812",
    }
    assert ada.post("/categorise", sent).status_code == 302
    pages.recording.refresh_from_db()
    assert pages.recording.category == CODE
    page = ada.get(f"/recordings/{pages.recording.pk}").content.decode()
    assert "CAD 8812" in page
