"""The force's pages: issue by scanning, cameras, reports; each address with its questions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.retention_world import acts

from fairwitness.custody import ledger
from fairwitness.force import cameras, issue
from fairwitness.force.models import Camera, CameraStatus, Issue, Mount, Profile, Unit
from fairwitness.force.report_rows import CameraReport

NOBODYS = UUID(int=1)
READ = ("get", "head")
QUERIES = 30


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Address:
    """One address: which methods it answers, for whom it works and who is refused."""

    name: str
    path: Callable[[Pages], str]
    methods: tuple[str, ...]
    works_for: tuple[str, ...]
    refused: tuple[str, ...]


def _camera(rest: str = "") -> Callable[[Pages], str]:
    return lambda pages: f"/force/cameras/{pages.world.camera.pk}{rest}"


ADDRESSES = (
    Address("issue-desk", lambda _: "/force/issue", (*READ, "post"), ("wearer", "sergeant"), ()),
    Address("issue-return", lambda _: "/force/issue/return", ("post",), (), ()),
    Address(
        "force-cameras", lambda _: "/force/cameras", READ, ("sergeant", "standards"), ("wearer",)
    ),
    Address("force-camera", _camera(), READ, ("sergeant", "manager"), ("wearer",)),
    Address(
        "force-camera-report",
        _camera("/report"),
        (*READ, "post"),
        ("sergeant", "manager"),
        ("colleague", "detective"),
    ),
    Address("force-camera-revoke", _camera("/revoke"), ("post",), (), ("wearer", "sergeant")),
)
by_name = pytest.mark.parametrize("address", ADDRESSES, ids=lambda one: one.name)


@by_name
def test_it_works_for_whom_it_should(pages: Pages, address: Address) -> None:
    for who in address.works_for:
        answer = pages.browser(pages.people[who]).get(address.path(pages))
        assert answer.status_code == 200, who
        assert b"<main" in answer.content


@by_name
def test_a_wrong_method_is_refused(pages: Pages, address: Address) -> None:
    browser = pages.browser(pages.world.manager)
    for method in ("get", "head", "post", "put", "patch", "delete"):
        answer = getattr(browser, method)(address.path(pages))
        assert (answer.status_code == 405) == (method not in address.methods), method


@by_name
def test_who_is_signed_out_is_sent_to_sign_in(pages: Pages, address: Address) -> None:
    for method in address.methods:
        answer = getattr(pages.browser(None), method)(address.path(pages))
        assert answer["Location"].startswith("/sign-in?next=")


@by_name
def test_the_wrong_person_is_refused_and_that_is_written_down(
    pages: Pages, address: Address
) -> None:
    for who in address.refused:
        person = pages.people[who]
        assert person is not None
        for method in set(address.methods) - {"head"}:
            answer = getattr(pages.browser(person), method)(address.path(pages))
            assert answer.status_code == 403, (who, method)
            assert b"Go back" in answer.content
            last = ledger.search(actor=f"officer:{person.pk}", limit=1)[0]
            assert last.entry.act == "access.refused"


@pytest.mark.parametrize("rest", ["", "/report"])
def test_another_units_record_is_refused(pages: Pages, rest: str) -> None:
    Camera.objects.update(unit=Unit.objects.get(code="LSH"))
    sergeant = pages.browser(pages.world.sergeant)
    answer = sergeant.get(f"/force/cameras/{pages.world.camera.pk}{rest}")
    assert answer.status_code == 403
    assert b"00417" not in answer.content
    assert b"00417" not in sergeant.get("/force/cameras").content
    assert sergeant.get(f"/force/cameras/{NOBODYS}{rest}").status_code == 403
    assert sergeant.post("/force/issue", {"scan": "00417 614LX"}).status_code == 403


def desk(pages: Pages, who: str, scan: str, **held: str) -> tuple[int, str, str]:
    """Scan something; the answer, where it leads, and what it says."""
    browser = pages.browser(pages.people[who])
    answer = browser.post("/force/issue", {"scan": scan, **held})
    leads = answer.get("Location", "")
    shown = browser.get(leads) if leads else answer
    return answer.status_code, leads, shown.content.decode()


@pytest.mark.parametrize("scan", ["00417 614LX", "614lx\t00417", " 614LX,00417 "])
def test_a_camera_and_an_officer_in_either_order_are_an_issue(pages: Pages, scan: str) -> None:
    status, leads, said = desk(pages, "sergeant", scan)
    assert (status, leads) == (302, "/force/issue?camera=00417")
    assert "Camera 00417 is issued to PC Ada Whitlock (614LX) from now on." in said
    assert "PC Ada Whitlock (614LX) has had it since" in said
    assert acts(f"camera:{pages.world.camera.pk}")[-1] == "camera.issued"


def test_the_desk_leads_nobody_to_a_page_that_refuses_them(pages: Pages) -> None:
    desk(pages, "sergeant", "00417 614LX")
    for who, status in (("wearer", 403), ("sergeant", 200)):
        browser = pages.browser(pages.people[who])
        said = browser.get("/force/issue?camera=00417").content.decode()
        assert "has had it since" in said or "You have had it since" in said
        there = f"/force/cameras/{pages.world.camera.pk}"
        assert browser.get(there).status_code == status
        assert (f'href="{there}"' in said) == (status == 200), who


def test_one_after_the_other_says_at_once_who_has_it(pages: Pages) -> None:
    _, leads, said = desk(pages, "sergeant", "614LX")
    assert leads == "/force/issue?officer=614LX"
    assert "No camera is shown as issued." in said
    assert not Issue.objects.exists()
    status, _, said = desk(pages, "sergeant", "00417", officer="614LX")
    assert (status, Issue.objects.count()) == (302, 1)
    _, leads, said = desk(pages, "manager", "00417")
    assert leads == "/force/issue?camera=00417"
    assert "PC Ada Whitlock (614LX) has had it since" in said
    assert "Take it back" in said
    _, _, said = desk(pages, "sergeant", "614LX")
    assert "Has had camera 00417 since" in said


def test_it_is_returned_and_given_out_again_as_acts_of_their_own(pages: Pages) -> None:
    desk(pages, "sergeant", "00417 614LX")
    browser = pages.browser(pages.world.sergeant)
    answer = browser.post("/force/issue/return", {"camera": "00417"})
    said = browser.get(answer["Location"]).content.decode()
    assert "Camera 00417 is back from PC Ada Whitlock (614LX)." in said
    assert "Issue it to PC Ada Whitlock (614LX) again" in said
    desk(pages, "sergeant", "614LX", camera="00417")
    written = acts(f"camera:{pages.world.camera.pk}")
    assert written[-3:] == ["camera.issued", "camera.returned", "camera.issued"]


@pytest.mark.parametrize(
    ("scan", "code"),
    [
        ("", "scan.nothing"),
        ("nobody", "scan.unknown"),
        ("00417 00417", "scan.two_of_a_kind"),
        ("614LX 702LX", "scan.two_of_a_kind"),
        ("00417 614LX 702LX", "scan.too_many"),
        ("00417 12LX", "permission.oneself"),
    ],
)
def test_what_can_t_be_done_is_refused_with_its_code(pages: Pages, scan: str, code: str) -> None:
    status, _, said = desk(pages, "sergeant", scan)
    assert status in {400, 403}
    assert f"<code>{code}</code>" in said
    assert "Nothing was changed." in said
    assert not Issue.objects.exists()


def test_one_that_another_has_or_that_is_lost_is_refused(pages: Pages) -> None:
    desk(pages, "sergeant", "00417 614LX")
    status, _, said = desk(pages, "sergeant", "00417 702LX")
    assert status == 400
    assert "<code>issue.overlaps</code>" in said
    cameras.report(
        camera=pages.world.camera,
        status=CameraStatus.LOST,
        actor=pages.world.manager,
        at=now(),
        reason="left on a bus",
    )
    status, _, said = desk(pages, "sergeant", "00417 702LX")
    assert "<code>issue.camera</code>" in said
    assert "lost" in said
    browser = pages.browser(pages.world.sergeant)
    assert b"issue.not_out" in browser.post("/force/issue/return", {"camera": "00417"}).content
    assert b"camera.unknown" in browser.post("/force/issue/return", {"camera": "x"}).content


def test_a_number_that_both_have_is_not_guessed(pages: Pages) -> None:
    Camera.objects.filter(pk=pages.world.camera.pk).update(serial="4101")
    _, _, said = desk(pages, "sergeant", "4101")
    assert "<code>scan.either</code>" in said
    status, _, said = desk(pages, "sergeant", "4101 614LX")
    assert status == 302
    assert "Camera 4101 is issued to PC Ada" in said


def test_an_officer_takes_a_pool_camera_and_no_other_and_returns_it(pages: Pages) -> None:
    status, _, said = desk(pages, "wearer", "00417 614LX")
    assert (status, Issue.objects.count()) == (403, 0)
    assert "<code>permission.role</code>" in said
    assert "This was written down." in said
    Camera.objects.update(pool=True)
    _, _, said = desk(pages, "wearer", "00417")
    assert "I take it" in said
    _, _, said = desk(pages, "wearer", "614LX", camera="00417")
    assert "You have pool camera 00417 from now on." in said
    _, _, said = desk(pages, "colleague", "00417")
    assert "Somebody else has it." in said
    assert "Whitlock" not in said
    browser = pages.browser(pages.world.ada)
    assert "Return it" in browser.get("/today").content.decode()
    assert browser.post("/force/issue/return", {"camera": "00417"}).status_code == 302
    assert Issue.objects.get().ends_at is not None


def reported(pages: Pages, who: str, kind: str, reason: str = "left on a bus") -> int:
    path = f"/force/cameras/{pages.world.camera.pk}/report"
    answer = pages.browser(pages.people[who]).post(path, {"kind": kind, "reason": reason})
    pages.world.camera.refresh_from_db()
    return int(answer.status_code)


def test_its_wearer_reports_it_lost_with_what_was_on_it(pages: Pages) -> None:
    camera = pages.world.camera
    desk(pages, "sergeant", "00417 614LX")
    cameras.note_docking(camera=camera, last_counter=7, at=now() - timedelta(days=3))
    path = f"/force/cameras/{camera.pk}/report"
    asked = pages.browser(pages.world.ada).get(path).content.decode()
    assert "The highest number that arrived is 7." in asked
    assert "(3 days ago)" in asked
    assert reported(pages, "wearer", "lost") == 302
    assert camera.status == "lost"
    report = CameraReport.objects.get()
    assert (report.reported_by, report.on_it["last_counter"]) == (pages.world.ada, 7)
    assert issue.wearer_at(camera=camera, at=now()) is None
    written = acts(f"camera:{camera.pk}")
    assert written[-2:] == ["camera.reported_lost", "camera.returned"]
    (row,) = ledger.search(subject=f"camera:{camera.pk}", act=None, limit=2)[1:]
    assert row.body is not None
    assert row.body.detail["last_counter"] == 7
    for who in ("sergeant", "manager"):
        today = pages.browser(pages.people[who]).get("/today").content.decode()
        assert "camera was reported lost or stolen" in today, who
    assert "reported lost" not in pages.browser(pages.world.dev).get("/today").content.decode()
    shown = pages.browser(pages.world.manager).get("/force/cameras?state=missing")
    assert "00417" in shown.content.decode()
    page = pages.browser(pages.world.manager).get(f"/force/cameras/{camera.pk}").content.decode()
    assert "left on a bus" in page
    assert "within 72 hours: until" in page


def test_it_is_found_again_and_the_report_ends(pages: Pages) -> None:
    reported(pages, "manager", "lost")
    assert reported(pages, "sergeant", "approved", "under the seat") == 302
    report = CameraReport.objects.get()
    assert (report.end_reason, report.ended_by) == ("under the seat", pages.world.sergeant)
    assert acts(f"camera:{pages.world.camera.pk}")[-1] == "camera.returned_to_use"
    today = pages.browser(pages.world.manager).get("/today").content.decode()
    assert "reported lost or stolen" not in today


def test_one_in_repair_comes_back(pages: Pages) -> None:
    assert reported(pages, "sergeant", "repair", "no beep") == 302
    assert acts(f"camera:{pages.world.camera.pk}")[-1] == "camera.sent_to_repair"
    assert reported(pages, "sergeant", "approved", "mended") == 302
    assert pages.world.camera.status == "approved"


@pytest.mark.parametrize(
    ("kind", "reason"), [("lost", " "), ("eaten", "by a dog"), ("lost", "x" * 301)]
)
def test_a_report_without_words_or_of_no_kind_is_refused(
    pages: Pages, kind: str, reason: str
) -> None:
    assert reported(pages, "sergeant", kind, reason) == 400
    assert pages.world.camera.status == "approved"
    assert not CameraReport.objects.exists()


def test_a_stolen_ones_key_is_believed_until_somebody_revokes_it(pages: Pages) -> None:
    camera = pages.world.camera
    reported(pages, "sergeant", "stolen")
    manager = pages.browser(pages.world.manager)
    assert "stolen camera’s key is" in manager.get("/today").content.decode()
    sergeant = pages.browser(pages.world.sergeant)
    assert "key is still believed" not in sergeant.get("/today").content.decode()
    shown = sergeant.get(f"/force/cameras/{camera.pk}").content.decode()
    assert "its key is still believed" in shown
    assert "Revoke its key" not in shown
    path = f"/force/cameras/{camera.pk}/revoke"
    assert manager.post(path, {"reason": ""}).status_code == 400
    assert manager.post(path, {"reason": "stolen"})["Location"] == f"/force/cameras/{camera.pk}"
    camera.refresh_from_db()
    assert camera.status == "revoked"
    assert acts(f"camera:{camera.pk}")[-1] == "camera.revoked"
    assert "stolen camera’s key" not in manager.get("/today").content.decode()
    assert reported(pages, "sergeant", "approved", "found") == 400, "a revoked one never returns"


def test_the_list_is_narrowed_and_paged(pages: Pages) -> None:
    Camera.objects.bulk_create(
        Camera(
            serial=f"9{number:04}",
            keyid=f"{number:064}",
            profile=Profile.FLEX2,
            mount=Mount.CAP,
            status=CameraStatus.APPROVED,
            unit=pages.world.ada.unit,
            requested_at=now(),
            approved_at=now(),
        )
        for number in range(60)
    )
    browser = pages.browser(pages.world.sergeant)
    first = browser.get("/force/cameras").content.decode()
    assert "after=90048" in first
    assert ">90049<" not in first
    rest = browser.get("/force/cameras?after=90048").content.decode()
    assert ">90059<" in rest
    assert "Next page" not in rest
    desk(pages, "sergeant", "00417 614LX")
    out = browser.get("/force/cameras?state=out").content.decode()
    assert ">00417<" in out
    assert ">90000<" not in out
    assert "00417" in browser.get("/force/cameras?words=614lx").content.decode()
    assert ">00417<" not in browser.get("/force/cameras?state=free").content.decode()
    for state in ("undocked", "repair", "pool", "pending", "revoked", "nonsense"):
        assert browser.get(f"/force/cameras?state={state}").status_code == 200


def test_a_cameras_page_lists_what_one_may_see_of_what_it_filmed(pages: Pages) -> None:
    path = f"/force/cameras/{pages.world.camera.pk}"
    shown = pages.browser(pages.world.sergeant).get(path).content.decode()
    assert pages.recording.reference in shown
    last = ledger.search(actor=f"officer:{pages.world.sergeant.pk}", limit=1)[0]
    assert last.entry.act == "recording.listed"
    pages.recording.locked = True
    pages.recording.save(update_fields=["locked"])
    shown = pages.browser(pages.world.sergeant).get(path).content.decode()
    assert pages.recording.reference not in shown


@pytest.mark.parametrize(
    "path", ["/force/cameras", "/force/cameras/{pk}", "/force/issue?camera=00417"]
)
def test_queries_do_not_grow_with_what_there_is(pages: Pages, path: str) -> None:
    address = path.format(pk=pages.world.camera.pk)
    desk(pages, "sergeant", "00417 614LX")
    browser = pages.browser(pages.world.manager)
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    assert len(few) <= QUERIES
    for _ in range(4):
        pages.world.record(ended_at=now() - timedelta(days=1))
    with CaptureQueriesContext(connection) as many:
        browser.get(address)
    assert len(many) == len(few)
