"""The last days before deletion: hidden from colleagues, and reached for a request."""

from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.web.conftest import Pages
from tests.retention_world import acts

from fairwitness.evidence.models import Recording, Viewing

NOW = datetime.now(UTC)
FOR = {"task": "request", "task_reference": "SAR/17/0042"}


@pytest.fixture
def path(pages: Pages) -> str:
    """The recording's page, in its last days."""
    Recording.objects.filter(pk=pages.recording.pk).update(
        force_gone_by=NOW + timedelta(days=2), force_hidden_from=NOW - timedelta(days=1)
    )
    return f"/recordings/{pages.recording.pk}"


def test_who_has_the_role_is_asked_for_the_request_and_then_sees_it(
    pages: Pages, path: str
) -> None:
    browser = pages.browser(pages.world.detective)
    asked = browser.get(path)
    assert asked.status_code == 403
    assert "Number of the request" in asked.content.decode()
    assert acts(f"recording:{pages.recording.pk}")[-1] == "access.refused"

    assert browser.post(f"{path}/watch", FOR).status_code == 302
    assert acts(f"recording:{pages.recording.pk}")[-1] == "recording.viewed"
    page = browser.get(path)
    assert page.status_code == 200
    assert "<video" in page.content.decode()
    assert "/holds/new" in page.content.decode()
    assert browser.get(f"/holds/new?recording={pages.recording.pk}").status_code == 200

    Viewing.objects.update(expires_at=NOW - timedelta(minutes=1))
    assert browser.get(path).status_code == 403


def test_another_task_or_none_does_not_reach_it(pages: Pages, path: str) -> None:
    browser = pages.browser(pages.world.detective)
    for given in ({"task": "case", "task_reference": "01/803/17"}, {"task": "request"}, {}):
        assert browser.post(f"{path}/watch", given).status_code == 404
    assert not Viewing.objects.exists()
    assert browser.get(path).status_code == 403


def test_who_could_not_see_it_before_learns_nothing(pages: Pages, path: str) -> None:
    browser = pages.browser(pages.world.dev)
    assert browser.get(path).status_code == 404
    assert browser.post(f"{path}/watch", FOR).status_code == 404


def test_wearer_and_evidence_manager_see_it_as_ever(pages: Pages, path: str) -> None:
    for officer in (pages.world.ada, pages.world.manager):
        assert pages.browser(officer).get(path).status_code == 200


def test_from_its_day_on_no_request_reaches_it(pages: Pages, path: str) -> None:
    Recording.objects.update(force_gone_by=NOW - timedelta(minutes=1))
    browser = pages.browser(pages.world.detective)
    assert browser.post(f"{path}/watch", FOR).status_code == 403
    assert "Nobody can open it now" in browser.get(path).content.decode()
