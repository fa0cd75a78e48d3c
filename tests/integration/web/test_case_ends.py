"""Closing a case and working on it again: the six questions, and what is told."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.web.conftest import Pages
from tests.retention_world import SETUP

from fairwitness.cases.models import Case
from fairwitness.force import officers
from fairwitness.force.asking import Role
from fairwitness.force.officers import NewOfficer

Acts = Callable[[str], list[str]]
both = pytest.mark.parametrize("act", ["close", "reopen"])


def _path(pages: Pages, act: str) -> str:
    return f"/cases/{pages.case.pk}/{act}"


def test_a_case_is_closed_read_and_worked_on_again(pages: Pages, acts: Acts) -> None:
    browser, here = pages.browser(pages.world.detective), f"/cases/{pages.case.pk}"
    assert f'action="{_path(pages, "close")}"' in browser.get(here).content.decode()
    day = (datetime.now(UTC) + timedelta(days=90)).date()
    form = {"reason": "convicted", "review_on": day.isoformat()}
    told = browser.post(_path(pages, "close"), form, follow=True).content.decode()
    assert f"01/803/17 is closed. What it keeps is looked at again {day.day} {day:%B %Y}." in told
    assert "convicted" in told
    assert f'action="{_path(pages, "reopen")}"' in told
    case = Case.objects.get(pk=pages.case.pk)
    assert (case.state, case.outcome, case.review_on) == ("closed", "convicted", day)
    again = browser.post(_path(pages, "reopen"), {"reason": "an appeal"}, follow=True)
    assert "01/803/17 is open again" in again.content.decode()
    assert Case.objects.get(pk=pages.case.pk).state == "open"
    assert acts(f"case:{pages.case.pk}")[1:] == ["case.closed", "case.reopened"]


@both
def test_wrong_methods_and_signed_out(pages: Pages, act: str) -> None:
    browser = pages.browser(pages.world.detective)
    for method in ("get", "head", "put", "delete"):
        assert getattr(browser, method)(_path(pages, act)).status_code == 405
    answer = pages.browser(None).post(_path(pages, act), {"reason": "over"})
    assert answer["Location"].startswith("/sign-in?next=")


@both
def test_without_the_role_there_is_no_such_case(pages: Pages, acts: Acts, act: str) -> None:
    browser = pages.browser(pages.world.dev)
    assert browser.post(_path(pages, act), {"reason": "over"}).status_code == 404
    assert acts(f"case:{pages.case.pk}")[-1] == "access.refused"
    assert Case.objects.get(pk=pages.case.pk).state == "open"


@both
def test_another_units_case_is_not_there(pages: Pages, act: str) -> None:
    case, other = pages.case, pages.world.second_manager
    new = NewOfficer("77LX", "Eva Low", "EL", "LAM", "DC", (Role.INVESTIGATOR,))
    (eva,) = officers.register_officers_many(
        actor=SETUP, officers=[new], at=datetime.now(UTC) - timedelta(days=1)
    )
    browser = pages.browser(eva)
    assert browser.get(f"/cases/{case.pk}").status_code == 200
    Case.objects.filter(pk=case.pk).update(unit=other.unit)
    assert browser.post(_path(pages, act), {"reason": "over"}).status_code == 404
    assert Case.objects.get(pk=case.pk).state == "open"


@pytest.mark.parametrize(
    "form",
    [
        {"reason": " "},
        {"reason": "x" * 501},
        {"reason": "over", "review_on": "soon"},
        {"reason": "over", "review_on": "2017-06-08"},
    ],
)
def test_what_is_lacking_or_wrong_is_said_and_nothing_is_changed(
    pages: Pages, acts: Acts, form: dict[str, str]
) -> None:
    before = acts(f"case:{pages.case.pk}")
    answer = pages.browser(pages.world.detective).post(_path(pages, "close"), form)
    assert answer.status_code == 400
    assert "Nothing was changed." in answer.content.decode()
    assert acts(f"case:{pages.case.pk}") == before
