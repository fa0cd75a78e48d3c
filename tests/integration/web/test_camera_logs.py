"""A camera's own log on the web: only with leave and a reason, of one's unit, and written down."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.web.conftest import Pages

from fairwitness.custody import reading
from fairwitness.force import roles
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.formats import timestamp
from fairwitness.ingest.models import DeviceLogChunk

Acts = Callable[[str], list[str]]
DAY = timedelta(days=1)
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def began(pages: Pages) -> datetime:
    """When the recording began; its camera's log is of that day and of the day before."""
    began = pages.recording.started_at
    assert began is not None
    noon = began.astimezone(UTC).replace(hour=11, minute=30, second=7, microsecond=0)
    pages.recording.started_at = noon
    pages.recording.save(update_fields=["started_at"])
    told = [(noon - DAY, "yesterday's press"), (noon, "a double press"), (noon, HOSTILE)]
    lines = [{"at": timestamp.text(at), "what": "button", "detail": text} for at, text in told]
    body = b"".join(json.dumps(line).encode() + b"\n" for line in lines) + b'{"torn\n'
    DeviceLogChunk.objects.create(
        camera=pages.world.camera,
        first_line=1,
        lines=4,
        sha256="0" * 64,
        body=body,
        first_at=noon - DAY,
        last_at=noon,
        received_at=noon,
        keep_until=noon + 31 * DAY,
    )
    return noon


def address(pages: Pages) -> str:
    return f"/camera-logs/{pages.world.camera.pk}"


def about(pages: Pages) -> str:
    return f"camera:{pages.world.camera.pk}"


def of_unit(pages: Pages, unit: str) -> Officer:
    """An evidence manager of one unit alone."""
    dev = pages.world.dev
    where = pages.world.ada.unit if unit == "LAM" else pages.world.second_manager.unit
    roles.grant(
        officer=dev, role=Role.EVIDENCE_MANAGER, unit=where, actor=System("test"), at=dev_at()
    )
    return dev


def dev_at() -> datetime:
    return datetime.now(UTC) - DAY


def test_it_is_read_with_a_reason_and_that_is_written_down(
    pages: Pages, began: datetime, acts: Acts
) -> None:
    browser = pages.browser(pages.world.standards)
    listed = browser.get("/camera-logs").content.decode()
    assert f'<a href="{address(pages)}">00417</a>' in listed
    asked = browser.get(f"{address(pages)}?day={began.date()}").content.decode()
    assert "a double press" not in asked
    assert f'value="{began.date()}"' in asked
    assert acts(about(pages)) == [], "the question alone shows nothing"
    answer = browser.post(
        address(pages), {"day": str(began.date()), "reason": "complaint 17/042"}
    ).content.decode()
    assert "3 lines" in answer
    assert "a double press" in answer
    assert "{&quot;torn" in answer
    assert "yesterday" not in answer
    assert HOSTILE not in answer
    assert acts(about(pages)) == ["camera.log_read"]
    body = reading.history(about(pages))[-1].body
    assert body is not None
    assert body.reason == "complaint 17/042"
    assert body.detail["lines"] == 3
    whole = browser.post(address(pages), {"day": "nonsense", "reason": "all of it"})
    assert "4 lines" in whole.content.decode()


def test_without_a_reason_nothing_is_read(pages: Pages, began: datetime, acts: Acts) -> None:
    answer = pages.browser(pages.world.manager).post(
        address(pages), {"day": str(began.date()), "reason": "  "}
    )
    assert answer.status_code == 400
    assert b"Say why you read it." in answer.content
    assert b"double press" not in answer.content
    assert acts(about(pages)) == []


@pytest.mark.usefixtures("began")
def test_a_manager_of_another_unit_sees_none_of_it(pages: Pages, acts: Acts) -> None:
    browser = pages.browser(of_unit(pages, "LSH"))
    assert b"00417" not in browser.get("/camera-logs").content
    for method in ("get", "post"):
        answer = getattr(browser, method)(address(pages), {"reason": "curious"})
        assert answer.status_code == 403
        assert b"double press" not in answer.content
    assert acts(about(pages)) == ["access.refused"] * 2


@pytest.mark.usefixtures("began")
def test_a_manager_of_its_unit_reads_it(pages: Pages, acts: Acts) -> None:
    browser = pages.browser(of_unit(pages, "LAM"))
    assert b"00417" in browser.get("/camera-logs").content
    assert b"double press" in browser.post(address(pages), {"reason": "a late start"}).content
    assert acts(about(pages)) == ["camera.log_read"]


def test_a_recordings_page_leads_there_only_who_may(pages: Pages, began: datetime) -> None:
    link = f"{address(pages)}?day={began.date()}".encode()
    recording = f"/recordings/{pages.recording.pk}"
    assert link in pages.browser(pages.world.manager).get(recording).content
    for one in (pages.world.ada, pages.world.sergeant):
        assert b"/camera-logs" not in pages.browser(one).get(recording).content


def test_of_a_camera_that_is_not_there_nothing_is_said(pages: Pages) -> None:
    answer = pages.browser(pages.world.manager).get(f"/camera-logs/{pages.recording.pk}")
    assert answer.status_code == 403


def test_the_way_there_is_in_the_bar_or_on_the_page_of_the_unassigned(pages: Pages) -> None:
    link = b'href="/camera-logs"'
    auditor = pages.world.dev
    roles.grant(officer=auditor, role=Role.AUDITOR, unit=None, actor=System("test"), at=dev_at())
    assert link in pages.browser(auditor).get("/force/issue").content
    manager = pages.browser(pages.world.manager)
    assert link not in manager.get("/figures").content
    assert link in manager.get("/unassigned").content
    sergeant = pages.browser(pages.world.sergeant)
    assert link not in sergeant.get("/unassigned").content
