"""Planning a unit's cameras, on its page; the public's roll-out shows it at once."""

from datetime import date

import pytest
from tests.integration.web.conftest import Pages
from tests.integration.web.test_force_people_pages import admin as admin  # noqa: PLC0414 - a fixture
from tests.retention_world import acts

from fairwitness.force.models import Officer, Unit

PLAN = "/force/units/LAM/plan"


def test_a_plan_is_made_on_the_units_page_and_shown_to_everyone(
    pages: Pages, admin: Officer
) -> None:
    browser = pages.browser(admin)
    assert f'href="{PLAN}"' in browser.get("/force/units/LAM").content.decode()
    answer = browser.post(PLAN, {"cameras": "1,420", "first_on": "2017-09-04"})
    assert answer["Location"] == "/force/units/LAM"
    unit = Unit.objects.get(code="LAM")
    assert (unit.planned_cameras, unit.planned_on) == (1420, date(2017, 9, 4))
    assert acts("unit:LAM")[-1] == "unit.changed"
    said = browser.get("/force/units/LAM").content.decode()
    assert "planned anew" in said
    assert "of 1420 planned" in said
    assert "4 September 2017" in said
    assert "1,420" in pages.browser(None).get("/roll-out").content.decode()


def test_whoever_may_not_is_not_shown_the_way(pages: Pages) -> None:
    said = pages.browser(pages.world.sergeant).get("/force/units/LAM").content.decode()
    assert PLAN not in said


@pytest.mark.parametrize(
    ("cameras", "first_on"),
    [
        ("", ""),
        ("many", ""),
        ("-3", ""),
        ("\u00b2", ""),
        ("9" * 30, ""),
        ("100001", ""),
        ("12", "soon"),
        ("12", "2017-13-01"),
    ],
)
def test_nonsense_is_refused_in_words_and_kept_to_be_mended(
    pages: Pages, admin: Officer, cameras: str, first_on: str
) -> None:
    before = Unit.objects.filter(code="LAM").values().get()
    answer = pages.browser(admin).post(PLAN, {"cameras": cameras, "first_on": first_on})
    assert answer.status_code == 400
    assert f'value="{cameras}"' in answer.content.decode()
    assert Unit.objects.filter(code="LAM").values().get() == before
