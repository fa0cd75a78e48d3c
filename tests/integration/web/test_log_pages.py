"""The log on the web: only with leave and a reason, paged, quick, and each entry checkable."""

import html
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from tests.custody_log import Log
from tests.integration.web.conftest import Pages

from fairwitness.config import composition
from fairwitness.custody import ledger, reading, walking
from fairwitness.evidence import access
from fairwitness.force import roles
from fairwitness.force.asking import Role, TaskKind
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.formats import checkpoint
from fairwitness.formats.acts import Act
from fairwitness.formats.note import NoteSigner, SignatureType
from fairwitness.formats.trust import TrustedLog, TrustList
from fairwitness.retention import holds
from fairwitness.retention.models import HoldKind
from fairwitness.verifier import one_entry

Acts = Callable[[str], list[str]]
DAY = timedelta(days=1)


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def auditor(pages: Pages) -> Officer:
    dev = pages.world.dev
    roles.grant(officer=dev, role=Role.AUDITOR, unit=None, actor=System("test"), at=now() - DAY)
    return dev


def search(pages: Pages, officer: Officer, reason: str = "audit 7", **sought: str) -> str:
    browser = pages.browser(officer)
    answer = browser.post("/log", {"reason": reason, **sought}, follow=True)
    return html.unescape(answer.content.decode())


def leaves(said: str) -> list[str]:
    return re.findall(r'<tr><td><a href="/entries/([0-9a-f]{64})"', said)


def write(count: int, *, subject: str = "force", actor: str = "system:test") -> None:
    with transaction.atomic():
        ledger.append_many(
            [
                ledger.Draft(subject, Act.OFFICER_CHANGED, actor, now(), f"r{n}")
                for n in range(count)
            ]
        )


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Log]:
    """A log of its own beside this test's rows: the deployment's files outlive them."""
    made = Log.make(tmp_path / "log of the test")
    monkeypatch.setattr(composition.Deployment, "log_on_disk", lambda _: made.on_disk())
    yield made
    made.close()


def test_it_is_searched_with_a_reason_and_that_is_an_entry(
    pages: Pages, auditor: Officer, acts: Acts
) -> None:
    before = acts("log").count("log.read")
    asked = pages.browser(auditor).get("/log").content.decode()
    assert "Why you read it" in asked
    assert acts("log").count("log.read") == before, "the question alone shows nothing"
    said = search(pages, auditor, actor=pages.world.detective.collar_number)
    assert "case.opened" in said
    row = reading.history("log")[-1]
    assert row.body is not None
    assert (row.entry.act, row.body.reason) == (Act.LOG_READ, "audit 7")
    assert row.body.detail["actor"] == f"officer:{pages.world.detective.pk}"


def test_without_a_reason_nothing_is_read(pages: Pages, auditor: Officer, acts: Acts) -> None:
    answer = pages.browser(auditor).get("/log?search=1")
    assert answer.status_code == 400
    assert b"Say why you read it." in answer.content
    assert leaves(answer.content.decode()) == []
    assert "log.read" not in acts("log")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("actor", "999ZZ"),
        ("act", "log.burnt"),
        ("subject", "00417-99"),
        ("from", "yesterday"),
    ],
)
def test_what_is_not_understood_is_said(
    pages: Pages, auditor: Officer, field: str, typed: str
) -> None:
    answer = pages.browser(auditor).post("/log", {"reason": "audit", field: typed}, follow=True)
    assert answer.status_code == 400
    assert b'role="alert"' in answer.content


def test_refusals_alone_by_subject_and_by_time(pages: Pages, auditor: Officer) -> None:
    pages.browser(pages.world.ada).get("/quarantine")
    reference = pages.recording.reference
    said = search(pages, auditor, refusals="1")
    assert leaves(said)
    assert set(re.findall(r"</span> ([a-z_]+\.[a-z_]+)</td>", said)) == {"access.refused"}
    about = search(pages, auditor, subject=reference)
    assert set(re.findall(r'<a href="/recordings/([0-9a-f-]{36})">recording (\S+)</a>', about)) == {
        (str(pages.recording.pk), reference)
    }
    assert leaves(search(pages, auditor, to="2017-01-01T00:00")) == []
    assert leaves(search(pages, auditor, **{"from": "2017-01-01T00:00"}))


def test_pages_follow_one_another_by_key_and_miss_nothing(pages: Pages, auditor: Officer) -> None:
    write(120)
    browser = pages.browser(auditor)
    answer = browser.post("/log", {"reason": "audit", "act": "officer.changed"}, follow=True)
    found: list[str] = []
    for _ in range(3):
        said = answer.content.decode()
        found += leaves(said)
        write(1, subject=f"officer:{uuid4()}")
        older = re.search(r'href="(/log\?[^"]*before=[^"]*)"', said)
        if older:
            answer = browser.get(html.unescape(older[1]))
    assert len(found) == len(set(found)) == 120


def test_a_walk_that_finds_nothing_stops_and_goes_on_from_there(
    pages: Pages, auditor: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "STEP", 5)
    with transaction.atomic():
        ledger.append(subject="clock", act=Act.CLOCK_DISAGREED, actor="system:old", at=now())
    write(60)
    browser = pages.browser(auditor)
    said = browser.post(
        "/log", {"reason": "audit", "subject": "clock", "act": "officer.changed"}, follow=True
    ).content.decode()
    seen = []
    for _ in range(40):
        older = re.search(r'href="(/log\?[^"]*before=[^"]*)"', said)
        if older is None:
            break
        said = browser.get(html.unescape(older[1])).content.decode()
        seen += leaves(said)
    assert "There are no more" in said


def test_its_queries_do_not_grow_with_what_it_shows(pages: Pages, auditor: Officer) -> None:
    browser = pages.browser(auditor)
    browser.post("/log", {"reason": "audit"})
    counts = []
    for _ in range(2):
        write(30)
        with CaptureQueriesContext(connection) as queries:
            browser.get("/log?search=1&act=officer.changed")
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30


@pytest.mark.parametrize("who", ["wearer", "sergeant", "detective"])
def test_others_are_refused_and_that_is_written_down(pages: Pages, who: str, acts: Acts) -> None:
    officer = pages.people[who]
    answer = pages.browser(officer).get("/log?search=1")
    assert answer.status_code == 403
    assert acts("log")[-1] == "access.refused"


def test_signed_out_and_wrong_methods(pages: Pages, auditor: Officer) -> None:
    leaf = reading.history(f"case:{pages.case.pk}")[0].leaf_hash.hex()
    for path in ("/log", f"/entries/{leaf}"):
        assert pages.browser(None).get(path)["Location"].startswith("/sign-in?next=")
        assert pages.browser(auditor).put(path).status_code == 405
    assert pages.browser(auditor).post(f"/entries/{leaf}").status_code == 405
    assert pages.browser(auditor).get("/entries/nonsense").status_code == 404


def test_an_entry_comes_with_all_that_proves_it(
    pages: Pages, auditor: Officer, log: Log, acts: Acts
) -> None:
    log.integrator().step()
    leaf = reading.history(f"case:{pages.case.pk}")[0].leaf_hash.hex()
    browser = pages.browser(auditor)
    said = html.unescape(browser.get(f"/entries/{leaf}").content.decode())
    assert "c2sp.org/tlog-proof@v1" in said
    assert acts("log")[-1] == "log.read"
    data = browser.get(f"/entries/{leaf}?as=file").content
    key = TrustedLog(vkey=log.signer.vkey, origin=log.signer.name)
    trust = TrustList(force="Test", issued_at=log.at, log=key, keys=())
    good = one_entry.check(data, trust=trust)
    assert (good.exit_code, len(good.lines)) == (0, 4)
    assert one_entry.check(data, trust=None).exit_code == 2
    told = json.loads(data)
    for field, old, new in (
        ("entry", "case.opened", "case.closed"),
        ("salt", told["salt"][:2], f"{int(told['salt'][:2], 16) ^ 1:02x}"),
        ("body", "officer:", "system:"),
        ("proof", "index 1", "index 2"),
    ):
        spoilt = json.dumps(
            told | {field: told[field].replace(old, new, 1)},
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=False,
        )
        assert one_entry.check(spoilt.encode(), trust=trust).exit_code == 1, field


def test_an_entrys_page_names_the_outside_witnesses_that_signed(
    pages: Pages, auditor: Officer, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.integrator().step()
    leaf = reading.history(f"case:{pages.case.pk}")[0].leaf_hash.hex()
    known, stranger = (
        NoteSigner.generate(name, kind=SignatureType.COSIGNATURE_V1)
        for name in ("oversight.example/w1", "nobody.example/x")
    )
    keys = (known.verifier,)
    monkeypatch.setattr(composition.Deployment, "known_witnesses", lambda _: keys)
    browser = pages.browser(auditor)
    assert "No outside witness has signed" in browser.get(f"/entries/{leaf}").content.decode()
    signed = (log.folder / "checkpoint").read_bytes()
    (log.folder / "cosigned").mkdir()
    seen = datetime(2017, 6, 9, 8, 0, 7, tzinfo=UTC)
    for number, witness in enumerate((known, stranger)):
        note = checkpoint.cosign(signed, signer=witness, at=seen)
        (log.folder / "cosigned" / str(number)).write_bytes(note)
    said = html.unescape(browser.get(f"/entries/{leaf}").content.decode())
    assert "oversight.example/w1, an outside witness, Fri 9 June 2017, 09:00:07" in said
    assert "nobody.example/x, an outside witness" not in said
    assert "1 outside witness signed this checkpoint too" in said
    assert "It bears 1 more signature, by nobody whom our list of keys names." in said
    assert "No outside witness has signed" not in said


def test_whoever_reads_a_recordings_history_checks_its_entries_but_not_its_wearer(
    pages: Pages,
) -> None:
    leaf = reading.history(f"recording:{pages.recording.pk}")[0].leaf_hash.hex()
    assert pages.browser(pages.world.sergeant).get(f"/entries/{leaf}").status_code == 200
    for officer in (pages.world.ada, pages.world.dev):
        assert pages.browser(officer).get(f"/entries/{leaf}").status_code == 404


def test_a_reader_does_not_learn_what_standards_do_about_them(pages: Pages) -> None:
    """A silent hold on what the reader recorded, and a search for it, are not in their log."""
    world = pages.world
    ada = world.ada
    roles.grant(officer=ada, role=Role.AUDITOR, unit=None, actor=System("test"), at=now() - DAY)
    before = {
        name: leaves(search(pages, ada, **sought))
        for name, sought in (
            ("placed", {"act": "hold.placed"}),
            ("searched", {"act": "recording.searched"}),
            ("viewed", {"act": "recording.viewed"}),
            ("by her", {"actor": world.standards.collar_number}),
        )
    }
    placed = holds.place(
        terms=holds.Terms(
            HoldKind.PROFESSIONAL_STANDARDS,
            "PS 4",
            "An inquiry",
            (now() + 90 * DAY).date(),
            silent=True,
        ),
        owner=world.standards,
        at=now(),
        recordings=[pages.recording.pk],
    )
    access.grant_viewing(
        recording=pages.recording,
        officer=world.standards,
        task=access.Task(TaskKind.REVIEW, "PS 4"),
        at=now(),
    )
    pages.browser(world.standards).get(f"/search?officer={ada.collar_number}")
    assert leaves(search(pages, ada, act="hold.placed")) == before["placed"]
    assert leaves(search(pages, ada, act="recording.searched")) == before["searched"]
    assert leaves(search(pages, ada, act="recording.viewed")) == before["viewed"]
    assert leaves(search(pages, ada, actor=world.standards.collar_number)) == before["by her"]
    assert leaves(search(pages, ada, subject=f"hold:{placed.hold}")) == []
    hold = reading.history(f"hold:{placed.hold}")[0].leaf_hash.hex()
    assert pages.browser(ada).get(f"/entries/{hold}").status_code == 404
    assert leaves(search(pages, world.manager, subject=f"hold:{placed.hold}"))
