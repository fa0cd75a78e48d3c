"""The public's door: what anyone finds without an account, and the desk behind it."""

import csv
import io
import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader
from tests.integration.web.conftest import Pages

from fairwitness.accountability import figures, publishing
from fairwitness.config import clock, composition
from fairwitness.custody import ledger
from fairwitness.disclosure import asking_limits, keep_requests, sampling
from fairwitness.disclosure.models import KeepRequest, RequestState
from fairwitness.force import public_codes
from fairwitness.force.authority import System
from fairwitness.force.models import OfficerCard
from fairwitness.retention.models import Hold
from fairwitness.web import times

PUBLIC = ("/", "/keep-footage", "/get-a-copy", "/roll-out", "/roll-out.csv", "/how-to-check")


def typed(pages: Pages, **change: str) -> dict[str, str]:
    """A form as somebody fills it in about the world's recording."""
    ended = pages.recording.ended_at
    assert ended is not None
    local = times.london(ended)
    plain = {
        "form": str(uuid.uuid4()),
        "day": local.date().isoformat(),
        "time": f"{local:%H:%M}",
        "within": "30",
        "number": "614 lx",
    }
    return plain | change


@pytest.fixture
def request_in(pages: Pages) -> KeepRequest:
    assert pages.browser(None).post("/keep-footage", typed(pages)).status_code == 200
    return KeepRequest.objects.get()


@pytest.mark.parametrize("path", PUBLIC)
def test_anyone_opens_it_and_changes_nothing_by_looking(pages: Pages, path: str) -> None:
    for who in (None, pages.world.ada):
        answer = pages.browser(who).get(path)
        assert answer.status_code == (302 if path == "/" and who else 200)
    methods = ("put", "patch", "delete") + (() if path == "/keep-footage" else ("post",))
    for method in methods:
        assert getattr(pages.browser(None), method)(path).status_code == 405
    assert not Hold.objects.exists()


def test_those_signed_in_go_to_their_own_page_and_others_find_every_door(pages: Pages) -> None:
    assert pages.browser(pages.world.ada).get("/")["Location"] == "/today"
    page = pages.browser(None).get("/").content.decode()
    doors = re.findall(r'href="(/[a-z-]*)(?:#[a-z-]+)?"', page)
    for path in {*doors} - {"/"}:
        assert pages.browser(None).get(path).status_code == 200, path
    assert {"/sign-in", "/keep-footage", "/get-a-copy", "/how-to-check", "/roll-out"} <= {*doors}


def test_the_front_page_shows_the_figures_as_they_were_published(pages: Pages) -> None:
    browser = pages.browser(None)
    assert "No figures have been published yet" in browser.get("/").content.decode()
    assert browser.get("/figures.json").status_code == 404
    now = datetime.now(UTC)
    counted = figures.count(at=now)
    file = publishing.file_of(counted, training=True)
    publishing.publish(counted=counted, file=file, actor=System("test"), at=now)
    pages.world.record(ended_at=now - timedelta(days=1))
    page = browser.get("/").content.decode()
    assert "1 = 0 + 1 + 0 + 0" in page
    answer = browser.get("/figures.json")
    assert answer.content == file
    assert json.loads(answer.content)["total"]["received"] == 1


def test_asking_freezes_it_and_says_the_same_to_all(pages: Pages) -> None:
    said = []
    for number in ("614LX", "99999ZZ"):
        answer = pages.browser(None).post("/keep-footage", typed(pages, number=number))
        assert answer.status_code == 200
        page = answer.content.decode()
        code = KeepRequest.objects.order_by("-asked_at").first()
        assert code is not None
        assert public_codes.spaced(code.code) in page
        said.append(page.replace(public_codes.spaced(code.code), "CODE"))
    assert said[0] == said[1]
    keep_requests.bind_due(at=datetime.now(UTC))
    pages.recording.refresh_from_db()
    assert pages.recording.gone_by is None


def test_it_works_only_from_our_own_form(pages: Pages) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/keep-footage", typed(pages)).status_code == 403
    form = strict.get("/keep-footage").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    key = re.search(r'name="form" value="([^"]+)"', form)
    assert token is not None
    assert key is not None
    filled = typed(pages, form=key[1], csrfmiddlewaretoken=token[1])
    first = strict.post("/keep-footage", filled).content
    assert b"If we have that footage" in first
    assert KeepRequest.objects.count() == 1
    strict.post("/keep-footage", filled)
    assert KeepRequest.objects.count() == 1, "the same form, sent again"


@pytest.mark.parametrize(
    ("change", "words", "field"),
    [
        ({"day": ""}, "which day", "day"),
        ({"day": "soon"}, "which day", "day"),
        ({"time": "noon"}, "at what time", "time"),
        ({"day": "9999-12-31"}, "not come yet", "time"),
        ({"day": "2001-01-01"}, "days ago", "day"),
        ({"within": "9999"}, "how far", "within"),
        ({"within": "360", "unit": "LAM"}, "too wide", "within"),
        ({"unit": "ATLANTIS"}, "from the list", "unit"),
        ({"number": ""}, "in which borough", "unit"),
        ({"number": "<b>PC</b>"}, "shoulder number", "number"),
        ({"card": "K7P4-9XWX"}, "slip in it", "card"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_kept_for_mending(
    pages: Pages, change: dict[str, str], words: str, field: str
) -> None:
    answer = pages.browser(None).post("/keep-footage", typed(pages, words="by the gate", **change))
    page = answer.content.decode()
    assert answer.status_code == 400
    assert words in page
    assert f'href="#{field}"' in page
    assert "by the gate" in page
    assert "<b>PC</b>" not in page
    assert not Hold.objects.exists()


def test_too_many_from_one_place_are_stopped_and_others_are_not(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All in one hour, wherever in it the test begins: counts begin again with each."""
    within = datetime.now(UTC)
    monkeypatch.setattr(clock, "now", lambda: within)

    def ask(address: str, told: str = "") -> int:
        headers = {"X-Forwarded-For": told} if told else {}
        client = Client(headers=headers)
        return client.post("/keep-footage", typed(pages), REMOTE_ADDR=address).status_code

    for _ in range(asking_limits.FROM_ONE_ADDRESS):
        assert ask("203.0.113.9") == 200
    assert ask("203.0.113.9") == 429
    assert ask("203.0.113.9", told="198.51.100.1") == 429, "believes no stranger"
    assert ask("203.0.113.10") == 200
    for host in range(asking_limits.FROM_ONE_ADDRESS):
        assert ask("127.0.0.1", told=f"spoofed, 2001:db8::{host}") == 200
    assert ask("::1", told="2001:db8::ffff") == 429, "one household's network"


def test_the_form_says_its_limits_and_when_it_lapses(pages: Pages) -> None:
    page = pages.browser(None).get("/keep-footage").content.decode()
    assert f"After {keep_requests.LASTS.days} days it lapses" in page
    assert f"Not longer ago than {keep_requests.BACK.days} days" in page
    assert f"{asking_limits.FROM_ONE_ADDRESS} requests an hour" in page


# The desk


def test_the_desk_is_for_those_who_answer(
    pages: Pages, request_in: KeepRequest, acts: Callable[[str], list[str]]
) -> None:
    keep_requests.bind_due(at=datetime.now(UTC))
    manager, path = pages.browser(pages.world.manager), f"/requests/{request_in.pk}"
    assert public_codes.spaced(request_in.code) in manager.get("/requests").content.decode()
    page = manager.get(path).content.decode()
    assert "Ada Whitlock" in page
    assert pages.recording.reference in page
    for method in ("put", "delete"):
        assert getattr(manager, method)(path).status_code == 405
    assert manager.post("/requests").status_code == 405
    assert manager.get(f"{path}/extend").status_code == 405
    for address in ("/requests", path, f"{path}/extend"):
        method = "post" if address.endswith("extend") else "get"
        signed_out = getattr(pages.browser(None), method)(address)
        assert signed_out["Location"].startswith("/sign-in?next=")
        for who in (pages.world.ada, pages.world.dev, pages.world.standards):
            before = len(ledger.search(actor=f"officer:{who.pk}", limit=99))
            assert getattr(pages.browser(who), method)(address).status_code == 403
            assert len(ledger.search(actor=f"officer:{who.pk}", limit=99)) == before + 1
    assert manager.get(f"/requests/{uuid.uuid4()}").status_code == 403
    assert "access.refused" in acts(f"request:{request_in.pk}")


def test_the_desk_answers_and_extends(
    pages: Pages, request_in: KeepRequest, acts: Callable[[str], list[str]]
) -> None:
    manager, path = pages.browser(pages.world.manager), f"/requests/{request_in.pk}"
    assert manager.post(path, {"outcome": "answered"}).status_code == 400
    assert manager.post(path, {"outcome": "open", "reason": "x"}).status_code == 400
    until = (datetime.now(UTC) + timedelta(days=200)).date()
    assert manager.post(f"{path}/extend", {"until": "", "reason": "x"}).status_code == 400
    said = {"until": until.isoformat(), "reason": "the copy is being made"}
    assert manager.post(f"{path}/extend", said)["Location"] == path
    assert {hold.review_on for hold in request_in.holds.all()} == {until}
    answered = {"outcome": "answered", "reason": "a copy was sent"}
    assert manager.post(path, answered)["Location"] == path
    request_in.refresh_from_db()
    assert request_in.state == RequestState.ANSWERED
    assert acts(f"request:{request_in.pk}")[-1] == "request.answered"
    assert "a copy was sent" in manager.get(path).content.decode()


def test_whom_it_is_about_does_not_find_it(pages: Pages) -> None:
    pages.browser(None).post("/keep-footage", typed(pages, number="4101"))
    found = KeepRequest.objects.get()
    browser = pages.browser(pages.world.manager)
    assert public_codes.spaced(found.code) not in browser.get("/requests").content.decode()
    assert browser.get(f"/requests/{found.pk}").status_code == 403
    wearer = pages.browser(pages.world.ada).get(f"/recordings/{pages.recording.pk}")
    assert b"request to keep" not in wearer.content.lower()


def test_the_desks_queries_do_not_grow(pages: Pages) -> None:
    counts = []
    browser = pages.browser(pages.world.manager)
    for _ in range(2):
        for _ in range(2):
            pages.browser(None).post("/keep-footage", typed(pages))
        with CaptureQueriesContext(connection) as seen:
            browser.get("/requests")
        counts.append(len(seen))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 3),
        ("/roll-out", 2),
        ("/keep-footage", 1),
        ("/get-a-copy", 0),
        ("/how-to-check", 4),
    ],
)
def test_public_pages_ask_little(pages: Pages, path: str, most: int) -> None:
    pages.browser(None).get(path)  # the first look publishes the list of keys
    with CaptureQueriesContext(connection) as seen:
        pages.browser(None).get(path)
    assert len(seen) <= most, [each["sql"] for each in seen.captured_queries]


# The card, the sample, the table


def test_an_officer_makes_a_card_that_names_nobody(
    pages: Pages, acts: Callable[[str], list[str]]
) -> None:
    ada = pages.world.ada
    browser = pages.browser(ada)
    assert browser.get("/my-card.pdf").status_code == 404
    assert b"Make my card" in browser.get("/my-card").content
    assert browser.post("/my-card")["Location"] == "/my-card"
    browser.post("/my-card")
    card = OfficerCard.objects.get()
    code = public_codes.spaced(card.code)
    assert acts(f"officer:{ada.pk}").count("officer.changed") == 1
    assert code in browser.get("/my-card").content.decode()
    file = browser.get("/my-card.pdf")
    (sheet,) = PdfReader(io.BytesIO(file.content)).pages
    text = sheet.extract_text()
    assert text.count(code) == 10
    assert "Whitlock" not in text
    assert "614LX" not in text
    assert pages.browser(pages.world.dev).get("/my-card").content.count(card.code.encode()) == 0
    for path in ("/my-card", "/my-card.pdf"):
        assert pages.browser(None).get(path)["Location"].startswith("/sign-in")
        assert browser.delete(path).status_code == 405


def test_a_sample_is_downloaded_whole_and_nothing_else_of_its_folder(
    pages: Pages, tmp_path: Path
) -> None:
    bundle = tmp_path / "bundle"
    (bundle / "data/masters").mkdir(parents=True)
    (bundle / "data/masters/1.mp4").write_bytes(bytes(range(200)))
    (tmp_path / "trust.json").write_bytes(b"{}")
    folder = composition.deployment().sample
    assert b"fairwitness sample" in pages.browser(None).get("/how-to-check").content
    made = sampling.keep(bundle=bundle, trust=tmp_path / "trust.json", folder=folder)
    assert (made.middle, made.spoiled) == (100, "145")
    try:
        page = pages.browser(None).get("/how-to-check").content.decode()
        assert "of=fairwitness-sample/data/masters/1.mp4 bs=1 seek=100" in page
        for name in sampling.NAMES:
            answer = pages.browser(None).get(f"/how-to-check/{name}")
            assert b"".join(answer) == (folder / name).read_bytes()
            assert pages.browser(None).post(f"/how-to-check/{name}").status_code == 405
        (folder / "secret").write_text("no")
        assert pages.browser(None).get("/how-to-check/secret").status_code == 404
        assert pages.browser(None).get("/how-to-check/..").status_code == 404
    finally:
        for path in folder.iterdir():
            path.unlink()


def test_the_table_is_there_as_csv(pages: Pages) -> None:
    text = pages.browser(None).get("/roll-out.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert all(row["kind"] in {"borough", "command"} for row in rows)
