"""What a form asks for happens, is written down, and is refused in words when it may not be."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.web.conftest import Pages
from tests.signing_world import give_app, shown

from fairwitness.cases.models import Exhibit
from fairwitness.evidence.models import Viewing
from fairwitness.force import roles
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.retention.models import Hold, HoldKind, Unmarking

Acts = Callable[[str], list[str]]


def about(pages: Pages) -> str:
    return f"recording:{pages.recording.pk}"


def test_a_nought_character_is_refused_before_any_page(pages: Pages) -> None:
    browser = pages.browser(pages.world.manager)
    for path in ("/recordings?words=a%00b", "/quarantine?words=%00"):
        assert browser.get(path).status_code == 400
    keep = f"/recordings/{pages.recording.pk}/keep"
    assert browser.post(keep, {"incident": "a\0b", "category": "x"}).status_code == 400
    assert pages.browser(None).post("/sign-in", {"collar_number": "\0"}).status_code == 400


def test_the_last_day_of_the_calendar_breaks_no_page(pages: Pages) -> None:
    """It has no day after it, so it is taken for none."""
    browser = pages.browser(pages.world.manager)
    for path in ("/recordings?until=9999-12-31", "/deletions/records?day=9999-12-31"):
        assert browser.get(path).status_code == 200, path
    named = {"collar_number": "702LX", "reason": "review", "until": "9999-12-31"}
    answer = browser.post(f"/recordings/{pages.recording.pk}/access/name", named)
    assert answer.status_code == 400
    assert "Say on which day it ends" in answer.content.decode()


def test_watching_writes_an_entry_and_gives_a_player(pages: Pages, acts: Acts) -> None:
    browser = pages.browser(pages.world.ada)
    answer = browser.post(f"/recordings/{pages.recording.pk}/watch")
    assert answer.status_code == 302
    assert acts(about(pages))[-1] == "recording.viewed"
    shown = browser.get(f"/recordings/{pages.recording.pk}")
    assert b'id="video"' in shown.content
    assert Viewing.objects.filter(officer=pages.world.ada).exists()


def test_watching_a_colleagues_needs_a_task(pages: Pages, acts: Acts) -> None:
    browser = pages.browser(pages.world.sergeant)
    refused = browser.post(f"/recordings/{pages.recording.pk}/watch")
    assert refused.status_code == 403
    assert acts(about(pages))[-1] == "recording.view_refused"
    given = browser.post(
        f"/recordings/{pages.recording.pk}/watch",
        {"task": "incident", "task_reference": "CAD 8812"},
    )
    assert given.status_code == 302
    assert acts(about(pages))[-1] == "recording.viewed"


def test_keeping_as_evidence_takes_it_out_of_the_count(pages: Pages, acts: Acts) -> None:
    browser = pages.browser(pages.world.ada)
    answer = browser.post(
        f"/recordings/{pages.recording.pk}/keep",
        {"incident": "CAD 8812", "category": "public-order"},
        follow=True,
    )
    assert b"Kept as evidence for CAD 8812" in answer.content
    pages.recording.refresh_from_db()
    assert pages.recording.evidential
    assert pages.recording.gone_by is None
    assert "recording.marked_evidential" in acts(about(pages))


def test_keeping_without_a_number_is_refused_and_changes_nothing(pages: Pages) -> None:
    browser = pages.browser(pages.world.ada)
    answer = browser.post(
        f"/recordings/{pages.recording.pk}/keep", {"incident": " ", "category": "public-order"}
    )
    assert answer.status_code == 400
    assert b"Nothing was changed" in answer.content
    pages.recording.refresh_from_db()
    assert not pages.recording.evidential


def test_categorising_is_written_down(pages: Pages, acts: Acts) -> None:
    browser = pages.browser(pages.world.ada)
    browser.post(f"/recordings/{pages.recording.pk}/categorise", {"category": ["stop-search"]})
    pages.recording.refresh_from_db()
    assert pages.recording.category == "stop-search"
    assert "recording.categorised" in acts(about(pages))


def test_undoing_evidence_takes_two_people(pages: Pages, acts: Acts) -> None:
    wearer, manager = pages.browser(pages.world.ada), pages.browser(pages.world.manager)
    path = f"/recordings/{pages.recording.pk}"
    wearer.post(f"{path}/keep", {"incident": "CAD 8812", "category": "public-order"})
    wearer.post(f"{path}/unmark", {"reason": "wrong incident"})
    assert Unmarking.objects.filter(recording=pages.recording, agreed__isnull=True).exists()
    alone = wearer.post(f"{path}/unmark/decide", {"decision": "agree"})
    assert alone.status_code == 403
    manager.post(f"{path}/unmark/decide", {"decision": "agree"})
    pages.recording.refresh_from_db()
    assert not pages.recording.evidential
    assert pages.recording.gone_by is not None
    assert "recording.unmarked" in acts(about(pages))


def test_a_wrong_wearer_is_corrected_by_two_people(pages: Pages, acts: Acts) -> None:
    sergeant, manager = pages.browser(pages.world.sergeant), pages.browser(pages.world.manager)
    path = f"/recordings/{pages.recording.pk}/wearer"
    dev = pages.world.dev.collar_number
    silent = sergeant.post(path, {"collar_number": dev, "reason": " "})
    assert silent.status_code == 400
    told = sergeant.post(path, {"collar_number": dev, "reason": "They swapped."}, follow=True)
    assert b"Nothing changes until a second person agrees" in told.content
    assert b"If you decline" in manager.get(path).content
    assert sergeant.post(f"{path}/decide", {"decision": "agree"}).status_code == 403
    manager.post(f"{path}/decide", {"decision": "decline", "reason": "The book says Ada."})
    pages.recording.refresh_from_db()
    assert pages.recording.wearer == pages.world.ada
    assert "recording.annotation_withdrawn" in acts(about(pages))
    assert manager.post(f"{path}/decide", {"decision": "agree"}).status_code == 400

    sergeant.post(path, {"collar_number": dev, "reason": "The roster says Dev."})
    manager.post(f"{path}/decide", {"decision": "agree"})
    pages.recording.refresh_from_db()
    assert pages.recording.wearer == pages.world.dev
    assert "recording.wearer_corrected" in acts(about(pages))
    shown = manager.get(f"/recordings/{pages.recording.pk}").content
    assert b"declined that" in shown
    assert b"agreed with" in shown


def test_a_hold_is_placed_and_lifted_by_its_owner(pages: Pages, acts: Acts) -> None:
    browser = pages.browser(pages.world.manager)
    browser.post(
        "/holds/new",
        {
            "recording": pages.recording.pk,
            "kind": "complaint",
            "reference": "C/12",
            "basis": "a complaint was made",
            "review": (datetime.now(UTC) + timedelta(days=90)).date().isoformat(),
        },
    )
    hold = Hold.objects.get(reference="C/12")
    assert hold.kind == HoldKind.COMPLAINT
    pages.recording.refresh_from_db()
    assert pages.recording.gone_by is None
    browser.post(f"/holds/{hold.pk}/lift", {"reason": "withdrawn"})
    hold.refresh_from_db()
    assert hold.lifted_at is not None
    assert "hold.lifted" in acts(f"hold:{hold.pk}")


def test_a_hold_of_an_unknown_kind_is_refused(pages: Pages) -> None:
    answer = pages.browser(pages.world.manager).post(
        "/holds/new", {"recording": pages.recording.pk, "kind": "whim", "reference": "x"}
    )
    assert answer.status_code == 400
    assert not Hold.objects.exists()


def test_a_recording_is_produced_under_its_producers_reference(pages: Pages, acts: Acts) -> None:
    answer = pages.browser(pages.world.detective).post(
        f"/recordings/{pages.recording.pk}/produce",
        {"case": pages.case.pk, "producer": "614LX", "title": "Stop, Windrush Square"},
        follow=True,
    )
    assert b"It is exhibit AW/1" in answer.content
    assert Exhibit.objects.get().producer == pages.world.ada
    assert "exhibit.produced" in acts(f"case:{pages.case.pk}")


def test_a_copy_needs_a_recipient(pages: Pages) -> None:
    answer = pages.browser(pages.world.detective).post(
        f"/cases/{pages.case.pk}/export", {"recipient": "", "purpose": "prosecution"}
    )
    assert answer.status_code == 400
    assert b"Say for whom" in answer.content


def test_a_copy_is_downloaded_from_its_own_address(pages: Pages) -> None:
    answer = pages.browser(pages.world.detective).post(
        f"/cases/{pages.case.pk}/export", {"recipient": "CPS", "purpose": "prosecution"}
    )
    assert answer.status_code == 302
    assert answer["Location"].startswith("/export/")


def test_reading_all_entries_is_itself_an_entry(pages: Pages, acts: Acts) -> None:
    pages.browser(pages.world.ada).get(f"/recordings/{pages.recording.pk}/entries")
    assert acts(about(pages))[-1] == "recording.history_read"


def test_looking_through_a_unit_is_an_entry(pages: Pages, acts: Acts) -> None:
    pages.browser(pages.world.manager).get("/recordings?scope=unit&words=CAD")
    assert "recording.searched" in acts("force")


def test_a_silent_hold_changes_nothing_that_its_wearer_sees(pages: Pages) -> None:
    before = pages.browser(pages.world.ada).get(f"/recordings/{pages.recording.pk}").content
    pages.browser(pages.world.standards).post(
        "/holds/new",
        {
            "recording": pages.recording.pk,
            "kind": "professional-standards",
            "reference": "PS/1",
            "basis": "an inquiry",
            "review": (datetime.now(UTC) + timedelta(days=90)).date().isoformat(),
            "silent": "1",
        },
    )
    assert Hold.objects.filter(silent=True).exists()
    after = pages.browser(pages.world.ada).get(f"/recordings/{pages.recording.pk}").content
    assert _without_tokens(before) == _without_tokens(after)


def _without_tokens(page: bytes) -> bytes:
    return b"".join(line for line in page.splitlines() if b"csrfmiddlewaretoken" not in line)


@pytest.mark.parametrize("next_", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_signing_in_never_leads_to_another_site(pages: Pages, next_: str) -> None:
    pages.world.ada.set_password("a long enough password")
    pages.world.ada.save()
    secret, browser = give_app(pages.world.ada), pages.browser(None)
    browser.post(
        "/sign-in",
        {"collar_number": "614lx", "password": "a long enough password", "next": next_},
    )
    answer = browser.post("/sign-in/step", {"code": shown(secret)})
    assert answer.status_code == 302
    assert answer["Location"] == "/today"


def test_wrong_passwords_are_written_down_and_then_made_to_wait(pages: Pages, acts: Acts) -> None:
    pages.world.ada.set_password("a long enough password")
    pages.world.ada.save()
    browser = pages.browser(None)
    for _ in range(8):
        answer = browser.post("/sign-in", {"collar_number": "614LX", "password": "wrong"})
        assert answer.status_code == 400
    assert acts(f"officer:{pages.world.ada.pk}").count("session.sign_in_refused") == 8
    answer = browser.post(
        "/sign-in", {"collar_number": "614LX", "password": "a long enough password"}
    )
    assert b"Too many wrong tries" in answer.content


def test_a_person_who_left_can_not_sign_in(pages: Pages) -> None:
    pages.world.ada.set_password("a long enough password")
    pages.world.ada.active = False
    pages.world.ada.left_at = datetime.now(UTC)
    pages.world.ada.save()
    answer = pages.browser(None).post(
        "/sign-in", {"collar_number": "614LX", "password": "a long enough password"}
    )
    assert answer.status_code == 400


def test_nobody_is_picked_where_it_is_no_training(pages: Pages) -> None:
    page = pages.browser(None).get("/sign-in")
    assert b'type="password"' in page.content
    answer = pages.browser(None).post("/sign-in", {"person": str(pages.world.ada.pk)})
    assert answer.status_code == 400


def test_signing_out_is_written_down(pages: Pages, acts: Acts) -> None:
    browser = pages.browser(pages.world.ada)
    assert browser.get("/sign-out").status_code == 405
    browser.post("/sign-out")
    assert acts(f"officer:{pages.world.ada.pk}")[-1] == "session.signed_out"
    assert browser.get("/recordings").status_code == 302


def test_reading_what_happened_is_written_down_once_a_visit(pages: Pages, acts: Acts) -> None:
    browser = pages.browser(pages.world.sergeant)
    for _ in range(2):
        shown = browser.get(f"/recordings/{pages.recording.pk}")
        assert b"brought it in" in shown.content
    assert acts(about(pages)).count("recording.history_read") == 1


def test_who_may_see_a_recording_but_not_its_history_is_told_none_of_it(
    pages: Pages, acts: Acts
) -> None:
    world = pages.world
    pages.recording.incident = "CAD 8812"
    pages.recording.save(update_fields=["incident"])
    theirs = world.record(ended_at=datetime.now(UTC) - timedelta(days=2), wearer=world.dev)
    theirs.incident = "CAD 8812"
    theirs.save(update_fields=["incident"])
    browser = pages.browser(world.dev)
    shown = browser.get(f"/recordings/{pages.recording.pk}")
    assert shown.status_code == 200
    assert b"brought it in" not in shown.content
    assert browser.get(f"/recordings/{pages.recording.pk}/entries").status_code == 404
    assert acts(about(pages))[-1] == "access.refused"


def test_an_auditor_reads_the_entries_and_not_the_recording(pages: Pages, acts: Acts) -> None:
    world = pages.world
    roles.grant(
        officer=world.dev,
        role=Role.AUDITOR,
        unit=None,
        actor=System("setup"),
        at=datetime.now(UTC),
    )
    browser = pages.browser(world.dev)
    assert browser.get(f"/recordings/{pages.recording.pk}/entries").status_code == 200
    assert acts(about(pages))[-1] == "recording.history_read"
    assert browser.get(f"/recordings/{pages.recording.pk}").status_code == 404
    assert acts(about(pages))[-1] == "access.refused"
