"""Leave for a whole case on the web: the question, the gift, what it opens, and who is refused."""

import html
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages

from fairwitness.cases import producing
from fairwitness.cases.leave_rows import CaseLeave
from fairwitness.custody import ledger

DAY = timedelta(days=1)
NOBODYS = UUID(int=1)
QUERIES = 40


def now() -> datetime:
    return datetime.now(UTC)


def text(browser: Client, address: str) -> str:
    return html.unescape(browser.get(address).content.decode())


@pytest.fixture
def produced(pages: Pages) -> Pages:
    producing.produce(
        case=pages.case,
        recording=pages.recording,
        producer=pages.world.ada,
        title="The arrest",
        officer=pages.world.detective,
        at=now(),
    )
    return pages


def given(pages: Pages, **changes: str) -> CaseLeave:
    until = (now() + 5 * DAY).date().isoformat()
    said = {"collar_number": "702LX", "until": until, "reason": "helps with it"}
    browser = pages.browser(pages.world.manager)
    answer = browser.post(f"/cases/{pages.case.pk}/leave", {**said, **changes})
    assert answer.status_code == 302
    return CaseLeave.objects.get(ended_at=None)


def addresses(pages: Pages, leave: CaseLeave) -> dict[str, set[str]]:
    return {
        f"/cases/{pages.case.pk}/leave": {"get", "head", "post"},
        f"/cases/{pages.case.pk}/leave/{leave.pk}/end": {"post"},
        f"/opened/{leave.pk}": {"get", "head"},
    }


def test_each_address_is_asked_the_same_questions(produced: Pages) -> None:
    leave = given(produced)
    for path, methods in addresses(produced, leave).items():
        for method in ("get", "head", "post", "put", "patch", "delete"):
            answer = getattr(produced.browser(produced.world.manager), method)(path)
            assert (answer.status_code == 405) == (method not in methods), (path, method)
            if method in methods:
                answer = getattr(produced.browser(None), method)(path)
                assert answer["Location"].startswith("/sign-in?next="), path
    wrong = (produced.world.detective, produced.world.ada)
    for path, methods in addresses(produced, leave).items():
        for officer in wrong:
            for method in methods - {"head"}:
                answer = getattr(produced.browser(officer), method)(path)
                assert answer.status_code in {403, 404}, (path, method)
                assert b"Go back" in answer.content
                if path.startswith("/cases"):
                    last = ledger.search(actor=f"officer:{officer.pk}", limit=1)[0]
                    assert last.entry.act == "access.refused"
    missing = produced.browser(produced.world.manager).get(f"/cases/{NOBODYS}/leave")
    assert missing.status_code == 403


def test_what_it_would_open_is_shown_before_and_open_after(produced: Pages) -> None:
    manager = produced.browser(produced.world.manager)
    path = f"/cases/{produced.case.pk}/leave"
    assert path in text(manager, f"/cases/{produced.case.pk}")
    until = (now() + 5 * DAY).date().isoformat()
    with CaptureQueriesContext(connection) as caught:
        asked = text(manager, f"{path}?collar_number=702LX&until={until}")
    assert len(caught) <= QUERIES
    assert "What PC Dev Anand, 702LX would see until" in asked
    assert produced.recording.reference in asked
    assert "Nobody else sees less for it." in asked
    assert not CaseLeave.objects.exists()
    unknown = manager.get(f"{path}?collar_number=nobody&until={until}")
    assert (unknown.status_code, b'role="alert"' in unknown.content) == (400, True)
    dev = produced.browser(produced.world.dev)
    there = f"/recordings/{produced.recording.pk}"
    assert dev.get(there).status_code == 404
    leave = given(produced)
    assert "<h3>PC Dev Anand</h3>" in text(manager, path)
    assert f"/opened/{leave.pk}" in text(dev, "/today")
    opened = text(dev, f"/opened/{leave.pk}")
    assert there in opened
    assert "helps with it" in opened
    page = text(dev, there)
    assert "You are named for it, by leave for the case 01/803/17," in page.replace("</b>", "")
    assert "by leave for the case" in text(manager, there)
    answer = manager.post(f"{path}/{leave.pk}/end", {"reason": "done"})
    assert answer.status_code == 302
    assert dev.get(there).status_code == 404
    assert dev.get(f"/opened/{leave.pk}").status_code == 404
    assert manager.post(f"{path}/{leave.pk}/end", {"reason": "done"}).status_code == 400


def test_leave_is_opened_by_nobody_else_and_each_look_is_written_down(produced: Pages) -> None:
    leave = given(produced)
    assert produced.browser(produced.world.manager).get(f"/opened/{leave.pk}").status_code == 404
    produced.browser(produced.world.dev).get(f"/opened/{leave.pk}")
    last = ledger.search(actor=f"officer:{produced.world.dev.pk}", limit=1)[0]
    assert (last.entry.act, last.entry.subject) == (
        "recording.listed",
        f"case:{produced.case.pk}",
    )


def test_wrong_leave_is_refused_in_words(produced: Pages) -> None:
    browser = produced.browser(produced.world.manager)
    path = f"/cases/{produced.case.pk}/leave"
    usual = {"collar_number": "702LX", "until": "tomorrow", "reason": "x"}
    assert browser.post(path, usual).status_code == 400
    late = (now() + 400 * DAY).date().isoformat()
    assert browser.post(path, {**usual, "until": late}).status_code == 400
    assert browser.post(path, {**usual, "collar_number": "4101"}).status_code in {400, 403}
    assert not CaseLeave.objects.exists()
