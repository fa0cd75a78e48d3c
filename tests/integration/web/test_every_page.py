"""Each address is asked the same questions: works, wrong method, signed out, wrong role."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from tests.integration.web.conftest import Pages

from fairwitness.custody import ledger
from fairwitness.formats.acts import Act
from fairwitness.retention import holds
from fairwitness.retention.models import HoldKind
from fairwitness.web import force_urls, urls

PUBLIC = ("/who-may", "/how-to-check", "/privacy", "/accessibility", "/figures", "/notices")


@dataclass(frozen=True)
class Address:
    """One address: which methods it answers, for whom it works and who is refused."""

    name: str
    path: Callable[[Pages], str]
    methods: tuple[str, ...]
    works_for: tuple[str, ...]
    refused: tuple[str, ...]


def _recording(rest: str = "") -> Callable[[Pages], str]:
    return lambda pages: f"/recordings/{pages.recording.pk}{rest}"


READ = ("get", "head")
NOBODYS = UUID(int=1)
ADDRESSES = (
    Address("recordings", lambda _: "/recordings", READ, ("wearer", "manager"), ()),
    Address(
        "recordings of a unit", lambda _: "/recordings?scope=unit", READ, ("manager",), ("wearer",)
    ),
    Address("recording", _recording(), READ, ("wearer", "manager", "sergeant"), ("colleague",)),
    Address("entries", _recording("/entries"), READ, ("wearer", "manager"), ("colleague",)),
    Address("categorise", _recording("/categorise"), (*READ, "post"), ("wearer",), ("colleague",)),
    Address("keep", _recording("/keep"), (*READ, "post"), ("wearer",), ("colleague",)),
    Address("unmark", _recording("/unmark"), (*READ, "post"), ("wearer",), ("colleague",)),
    Address("produce", _recording("/produce"), (*READ, "post"), ("detective",), ("colleague",)),
    Address("watch", _recording("/watch"), ("post",), (), ("colleague",)),
    Address("decide unmark", _recording("/unmark/decide"), ("post",), (), ("colleague",)),
    Address(
        "wearer", _recording("/wearer"), (*READ, "post"), ("wearer", "manager"), ("colleague",)
    ),
    Address("decide wearer", _recording("/wearer/decide"), ("post",), (), ("colleague",)),
    Address("holds", lambda _: "/holds", READ, ("manager",), ("colleague", "wearer")),
    Address(
        "new hold",
        lambda pages: f"/holds/new?recording={pages.recording.pk}",
        (*READ, "post"),
        ("manager",),
        ("colleague",),
    ),
    Address("quarantine", lambda _: "/quarantine", READ, ("manager",), ("colleague", "sergeant")),
    Address("deletions", lambda _: "/deletions", READ, ("manager",), ("colleague",)),
    Address("unassigned", lambda _: "/unassigned", READ, ("manager",), ("colleague",)),
    Address(
        "camera logs",
        lambda _: "/camera-logs",
        READ,
        ("manager", "standards"),
        ("colleague", "wearer", "sergeant"),
    ),
    Address(
        "camera log",
        lambda pages: f"/camera-logs/{pages.world.camera.pk}",
        (*READ, "post"),
        ("manager", "standards"),
        ("colleague", "wearer", "sergeant"),
    ),
    Address("figures", lambda _: "/figures/force", READ, ("wearer", "manager", "standards"), ()),
    Address("firearms", lambda _: "/figures/firearms", READ, ("wearer", "standards"), ()),
    Address(
        "operations",
        lambda _: "/figures/firearms/operations",
        ("post",),
        (),
        ("wearer", "detective"),
    ),
    Address(
        "discharges",
        lambda _: "/figures/firearms/discharges",
        ("post",),
        (),
        ("wearer", "sergeant"),
    ),
    Address("volumes", lambda _: "/volumes", READ, ("manager",), ("colleague", "sergeant")),
    Address("looks", _recording("/looks"), READ, ("wearer", "manager", "sergeant"), ("colleague",)),
    Address("today", lambda _: "/today", READ, ("wearer", "sergeant", "manager"), ()),
    Address("today seen", lambda _: "/today/seen", ("post",), (), ()),
    Address("team", lambda _: "/team", READ, ("sergeant", "manager"), ("colleague", "standards")),
    Address(
        "explain a gap",
        lambda pages: f"/team/cameras/{pages.world.camera.pk}/explain",
        ("post",),
        (),
        ("colleague", "detective", "standards"),
    ),
    Address("sample", lambda _: f"/team/samples/{NOBODYS}", READ, (), ("colleague", "sergeant")),
    Address(
        "list of a sample",
        lambda _: f"/team/samples/{NOBODYS}/list.txt",
        READ,
        (),
        ("colleague", "sergeant"),
    ),
    Address(
        "form of a sample",
        lambda _: f"/team/drawn/{NOBODYS}",
        (*READ, "post"),
        (),
        ("colleague", "sergeant"),
    ),
    Address("records", lambda _: "/records", READ, ("sergeant", "standards"), ("wearer",)),
    Address(
        "bring in records",
        lambda _: "/records/bring-in",
        (*READ, "post"),
        ("manager", "standards"),
        ("wearer", "sergeant"),
    ),
    Address("list of records", lambda _: f"/records/lists/{NOBODYS}", READ, (), ("sergeant",)),
    Address(
        "look",
        lambda pages: f"/records/look/{pages.recording.pk}",
        (*READ, "post"),
        ("sergeant", "manager"),
        ("wearer", "colleague", "detective"),
    ),
    Address("tick off", lambda _: "/records/looked", ("post",), (), ("wearer", "detective")),
    Address("explain", lambda _: f"/records/{NOBODYS}/explain", ("post",), (), ("wearer",)),
    Address("unmarked", lambda _: "/unmarked", READ, ("sergeant", "manager"), ("wearer",)),
    Address(
        "standing hold",
        lambda _: "/holds/standing",
        (*READ, "post"),
        ("manager", "standards"),
        ("wearer", "sergeant", "detective"),
    ),
    Address("search", lambda _: "/search?flag=unsigned", READ, ("wearer", "manager"), ()),
    Address("cases", lambda _: "/cases", READ, ("detective", "wearer"), ()),
    Address("new case", lambda _: "/cases/new", (*READ, "post"), ("detective",), ("wearer",)),
    Address("case", lambda pages: f"/cases/{pages.case.pk}", READ, ("detective",), ("colleague",)),
    Address(
        "export", lambda pages: f"/cases/{pages.case.pk}/export", ("post",), (), ("colleague",)
    ),
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
        assert answer.status_code == 302
        assert answer["Location"].startswith("/sign-in?next=")


@by_name
def test_the_wrong_person_is_refused_in_words(pages: Pages, address: Address) -> None:
    for who in address.refused:
        browser = pages.browser(pages.people[who])
        for method in set(address.methods) - {"head"}:
            answer = getattr(browser, method)(address.path(pages))
            assert answer.status_code in {400, 403, 404}, (who, method)
            assert b"Go back" in answer.content


@by_name
def test_every_refusal_is_written_down(pages: Pages, address: Address) -> None:
    """Whoever is refused left an entry, by name, for each time of asking."""
    for who in address.refused:
        browser = pages.browser(pages.people[who])
        for method in set(address.methods) - {"head"}:
            before = _refusals(pages, who)
            getattr(browser, method)(address.path(pages))
            assert _refusals(pages, who) == before + 1, (who, method)


def _refusals(pages: Pages, who: str) -> int:
    person = pages.people[who]
    assert person is not None
    rows = ledger.search(actor=f"officer:{person.pk}", limit=1000)
    return sum(row.entry.act.is_refusal for row in rows)


@by_name
def test_nothing_is_cached_and_no_foreign_script_may_run(pages: Pages, address: Address) -> None:
    answer = pages.browser(pages.world.manager).get(address.path(pages))
    assert answer["Cache-Control"] == "no-store"
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages_are_for_anyone(pages: Pages, path: str) -> None:
    assert pages.browser(None).get(path).status_code == 200
    assert pages.browser(None).post(path).status_code == 405


def test_every_address_is_asked() -> None:
    asked = {"home", "how-to-check", "privacy", "accessibility", "figures", "sign-in", "sign-out"}
    asked |= {"sign-in-code", "sign-in-step", "sign-in-passkey", "stay", "kept"}
    asked |= {"my-sign-in", "end-others", "add-factor", "remove-factor", "change-password"}
    asked |= {"sign-in-service", "openid_connect_callback", "emergency-read", "one-time-codes"}
    asked |= {"deletion-record", "assign", "hold-lift", "withdraw", "volume-decide"}
    asked |= {"keep-footage", "get-a-copy", "roll-out", "roll-out-csv", "figures-file", "sample"}
    asked |= {"my-card", "my-card-sheet", "requests", "request", "request-extend"}
    asked |= {"who-may", "looks", "hold-extend", "note"}
    asked |= {"kiosk", "categorise-own", "kiosk-undo", "kiosk-over", "say", "not-recorded"}
    asked |= {"who-may", "looks", "log", "log-entry", "leave", "leave-name", "leave-class"}
    asked |= {"case-leave", "case-leave-end", "case-opened", "case-close", "case-reopen"}
    asked |= {"leave-end", "break-glass", "broken-glass", "glass-judge"}
    asked |= {"stands-out", "stands-out-close", "thresholds", "threshold-decide"}
    asked |= {"today", "today-seen", "team", "explain-gap", "dip-sample", "dip-sample-list"}
    asked |= {"dip-sample-form"}
    asked |= {"records", "unmarked", "hold-standing"}
    asked |= {f"records-{name}" for name in ("bring-in", "list", "look", "looked", "explain")}
    asked |= {"tokens", "register-system", "system-token", "revoke-token"}
    asked |= {"search-csv", "search-act"}
    asked |= {"together", "together-watch", "transcript", "search-pictures"}
    asked |= {"bring-in", "bring-in-ask", "bring-in-begin", "bring-in-standing"}
    asked |= {"bring-in-give-up"}
    asked |= {"incidents", "incident", "workspace", "workspace-hold", "workspace-copy"}
    asked |= {f"incident-{name}" for name in ("declare", "notice", "close", "release", "account")}
    asked |= {f"quarantine-{name}" for name in ("case", "check", "decide", "watch")}
    asked |= {"staff-figures", "figures-csv", "firearms", "firearms-operations"}
    asked |= {f"firearms-{name}" for name in ("discharge", "investigate", "conclude")}
    asked |= {"rules", "rule-try", "rule-trial", "rule-change", "forecast", "bin", "reviews"}
    asked |= {"deletions-stop", "deletions-let-on", "deletion-records", "deletion-record-page"}
    asked |= {"notices", "notice-stop", "one-manager"}
    asked |= {"early-ask", "early-deletions", "early-decide", "review-decide", "hold-review"}
    asked |= {str(pattern.name) for pattern in force_urls.urlpatterns}  # in test_force_*_pages.py
    named = {pattern.name for pattern in urls.urlpatterns}
    listed = {
        "recordings",
        "recording",
        "watch",
        "entries",
        "categorise",
        "keep",
        "unmark",
        "decide-unmark",
        "wearer",
        "decide-wearer",
        "produce",
        "holds",
        "hold-new",
        "quarantine",
        "deletions",
        "unassigned",
        "camera-logs",
        "camera-log",
        "volumes",
        "search",
        "cases",
        "case-new",
        "case",
        "export",
    }
    assert named == asked | listed, "a new address needs its questions here or in a file of its own"


def test_refused_deeds_about_one_thing_are_written_down_with_it(pages: Pages) -> None:
    world = pages.world
    now = datetime.now(UTC)
    hold = holds.place(
        terms=holds.Terms(
            HoldKind.LITIGATION, "C/1", "a claim", review_on=(now + timedelta(days=9)).date()
        ),
        owner=world.manager,
        at=now,
        recordings=[pages.recording.pk],
    )
    waiting = world.record(ended_at=now - timedelta(days=1))
    browser = pages.browser(world.dev)
    for path, about in (
        (f"/unassigned/{waiting.pk}", f"recording:{waiting.pk}"),
        (f"/holds/{hold.hold}/lift", f"hold:{hold.hold}"),
    ):
        assert browser.post(path).status_code == 403
        (refusal,) = ledger.search(actor=f"officer:{world.dev.pk}", subject=about)
        assert refusal.entry.act is Act.ACCESS_REFUSED
