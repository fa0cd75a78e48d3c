"""From where on something stands out: set by two people, written down, and asked by."""

import html
from datetime import UTC, datetime, timedelta
from importlib import import_module
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from tests.integration.web.conftest import Pages
from tests.retention_world import acts

from fairwitness.accountability import standing_out, thresholds
from fairwitness.accountability.anomalies import Kind
from fairwitness.accountability.anomaly_rows import Anomaly
from fairwitness.accountability.threshold_rows import ThresholdChange
from fairwitness.custody import ledger, reading
from fairwitness.disclosure.models import Disclosure
from fairwitness.evidence import access
from fairwitness.force.asking import TaskKind
from fairwitness.force.models import Officer
from fairwitness.formats.acts import Act

DAY = timedelta(days=1)
NOBODYS = UUID(int=1)
PAGE = "/stands-out/thresholds"


def now() -> datetime:
    return datetime.now(UTC)


def said(**changes: str) -> dict[str, str]:
    usual = {name: str(number) for name, number in thresholds.numbers_now().items()}
    return {**usual, "reason": "our force is small", **changes}


def text(browser: Client, address: str) -> str:
    return html.unescape(browser.get(address).content.decode())


def watched(pages: Pages, officer: Officer, times: int, at: datetime) -> None:
    for _ in range(times):
        access.grant_viewing(
            recording=pages.recording,
            officer=officer,
            task=access.Task(TaskKind.REVIEW, "17/042"),
            at=at,
        )


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/{NOBODYS}"])
def test_each_address_is_asked_the_same_questions(pages: Pages, path: str) -> None:
    methods = {"get", "head", "post"} if path == PAGE else {"post"}
    for method in ("get", "head", "post", "put", "patch", "delete"):
        answer = getattr(pages.browser(pages.world.manager), method)(path)
        assert (answer.status_code == 405) == (method not in methods), method
    for method in methods:
        answer = getattr(pages.browser(None), method)(path)
        assert answer["Location"].startswith("/sign-in?next=")
    for officer in (pages.world.ada, pages.world.sergeant, pages.world.detective):
        for method in methods - {"head"}:
            answer = getattr(pages.browser(officer), method)(path)
            assert (answer.status_code, b"Go back" in answer.content) == (403, True)
            last = ledger.search(actor=f"officer:{officer.pk}", limit=1)[0]
            assert last.entry.act == "access.refused"


def test_two_people_set_them_and_the_next_look_asks_by_them(pages: Pages) -> None:
    noon = now().replace(hour=12, minute=0) - DAY
    watched(pages, pages.world.sergeant, 3, noon)
    assert standing_out.look(at=now()) == 0
    manager = pages.browser(pages.world.manager)
    assert PAGE in text(manager, "/stands-out")
    assert manager.post(PAGE, said(same_views="3")).status_code == 302
    waits = text(manager, PAGE)
    assert "Waits for a second person" in waits
    assert ">Agree<" not in waits
    change = ThresholdChange.objects.get()
    decide = f"{PAGE}/{change.pk}"
    assert manager.post(decide, {"decision": "agree"}).status_code == 403
    assert standing_out.look(at=now()) == 0
    second = pages.browser(pages.world.standards)
    assert ">Agree<" in text(second, PAGE)
    assert second.post(decide, {"decision": "agree"}).status_code == 302
    assert second.post(decide, {"decision": "agree"}).status_code == 400
    assert thresholds.current().same_views == 3
    assert standing_out.look(at=now()) == 1
    assert "3 viewings or more of what one colleague wore" in text(manager, "/stands-out")
    assert acts("stands_out") == ["rule.proposed", "access.refused", "rule.approved"]
    entry = reading.history("stands_out")[-1]
    assert entry.body is not None
    assert entry.body.detail == {"change": str(change.pk), "same_views": 3}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"views": "0"},
        {"views": "1001"},
        {"views": "many"},
        {"views": "12345"},
        {"views": "5", "reason": " "},
        {"copies": ""},
    ],
)
def test_numbers_that_can_not_be_are_refused(pages: Pages, changes: dict[str, str]) -> None:
    browser = pages.browser(pages.world.manager)
    assert browser.post(PAGE, said(**changes)).status_code == 400
    assert not ThresholdChange.objects.exists()


def test_one_waits_at_most_and_is_taken_back_by_one_person(pages: Pages) -> None:
    manager = pages.browser(pages.world.manager)
    manager.post(PAGE, said(views="30"))
    assert manager.post(PAGE, said(views="31")).status_code == 400
    change = ThresholdChange.objects.get()
    assert manager.post(f"{PAGE}/{change.pk}", {"decision": "back"}).status_code == 302
    assert thresholds.waiting() is None
    assert thresholds.current().views == 40
    assert manager.post(PAGE, said(views="31")).status_code == 302
    assert acts("stands_out") == ["rule.proposed", "rule.rejected", "rule.proposed"]
    with pytest.raises(IntegrityError), transaction.atomic():
        ThresholdChange.objects.filter(waits=True).update(
            waits=None, agreed_by=pages.world.manager, agreed_at=now()
        )


def test_how_far_back_it_looks_is_set_as_the_rest(pages: Pages) -> None:
    standards, manager = pages.browser(pages.world.standards), pages.browser(pages.world.manager)
    copied(pages, 3, made_at=now() - 40 * DAY)
    assert standing_out.look(at=now()) == 0
    refused = standards.post(PAGE, said(same_days="91"))
    assert refused.status_code == 400
    assert "days back, to 90" in html.unescape(refused.content.decode())
    assert standards.post(PAGE, said(same_days="60")).status_code == 302
    change = thresholds.waiting()
    assert change is not None
    manager.post(f"{PAGE}/{change.pk}", {"decision": "agree"})
    assert thresholds.current().same_window == 60 * DAY
    assert standing_out.look(at=now()) == 1
    assert "3 copies or more in 60 days" in text(standards, "/stands-out")


def test_a_change_that_waits_from_before_days_could_be_set_is_agreed_to(pages: Pages) -> None:
    numbers = thresholds.numbers_now() | {"views": 30}
    old = {name: number for name, number in numbers.items() if not name.endswith("_days")}
    ThresholdChange.objects.create(
        numbers=old,
        reason="small",
        proposed_by=pages.world.standards,
        proposed_at=now(),
        waits=True,
    )
    change = thresholds.waiting()
    assert change is not None
    assert "Viewings by one person" in text(pages.browser(pages.world.manager), PAGE)
    thresholds.agree(change=change, officer=pages.world.manager, at=now())
    assert thresholds.numbers_now() == numbers


def copied(pages: Pages, number: int, **changes: object) -> None:
    for _ in range(number):
        made: dict[str, object] = {
            "id": uuid4(),
            "case": pages.case,
            "recipient": "CPS",
            "purpose": "prosecution",
            "made_by": pages.world.detective,
            "made_at": now() - DAY,
            "tag_manifest_sha256": "0" * 64,
        }
        Disclosure.objects.create(**(made | changes))


def test_copies_without_a_hearing_or_a_reason_stand_out(pages: Pages) -> None:
    copied(pages, 3, hearing_on=now().date())
    copied(pages, 3, purpose="the defence asked for it on 3 June")
    copied(pages, 2)
    assert standing_out.look(at=now()) == 0
    copied(pages, 1)
    assert standing_out.look(at=now()) == 1
    said = text(pages.browser(pages.world.standards), "/stands-out")
    assert "Ivo Ray made copies for court without a hearing or a reason" in said


@pytest.mark.django_db(transaction=True)
def test_copies_of_before_anybody_was_asked_for_a_hearing_do_not_stand_out(pages: Pages) -> None:
    """As an upgrade finds them: the column is taken away, and comes back with its migration."""
    copied(pages, 3)
    late = import_module("fairwitness.disclosure.migrations.0005_hearing_asked").Migration
    one_by_one = MigrationLoader(connection, replace_migrations=False)
    before = one_by_one.project_state([("disclosure", "0004_requests_waiting")])
    step = late("0005_hearing_asked", "disclosure")
    after = step.mutate_state(before)
    with connection.schema_editor() as editor:
        step.unapply(before.clone(), editor)
    with connection.schema_editor() as editor:
        step.apply(before.clone(), editor)
    assert after.models["disclosure", "disclosure"].fields["hearing_asked"].default is True
    assert standing_out.look(at=now()) == 0
    copied(pages, 2)
    assert standing_out.look(at=now()) == 0
    copied(pages, 1)
    assert standing_out.look(at=now()) == 1


def test_that_not_every_refusal_was_counted_is_told(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_out, "MOST_REFUSALS", 3)
    for number in range(3):
        with transaction.atomic():
            ledger.append(
                subject="force",
                act=Act.ACCESS_REFUSED,
                actor=f"officer:{UUID(int=number + 50)}",
                at=now(),
            )
    assert standing_out.look(at=now()) == 1
    said = text(pages.browser(pages.world.manager), "/stands-out")
    assert "The force refused so often that not every refusal was counted" in said


def test_what_was_closed_is_asked_anew_when_what_it_counted_counts_no_more(pages: Pages) -> None:
    at = now() - 20 * DAY
    watched(pages, pages.world.sergeant, 6, at.replace(hour=12, minute=0))
    Anomaly.objects.create(
        kind=Kind.SAME_PERSON,
        about=pages.world.sergeant.pk,
        concerns=pages.world.ada.pk,
        number=6,
        found_at=at,
        seen_at=at,
        closed_at=now() - 8 * DAY,
        closed_by=pages.world.standards,
        note="a review",
    )
    assert standing_out.look(at=now()) == 0, "the rule looks back for 28 days"
    Anomaly.objects.update(closed_at=now() - 29 * DAY, found_at=now() - 30 * DAY)
    assert standing_out.look(at=now()) == 1
