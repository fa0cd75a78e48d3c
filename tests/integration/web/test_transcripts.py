"""A transcript: attached by a person, sealed under the recording's key, and gone with it."""

import contextlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.retention_world import DAY

from fairwitness.config import composition
from fairwitness.custody import ledger
from fairwitness.errors import FairwitnessError
from fairwitness.evidence import access, transcripts
from fairwitness.evidence.access import AccessRefused
from fairwitness.evidence.models import Piece, Recording, Transcript
from fairwitness.formats.acts import Act
from fairwitness.formats.custody import recording_subject
from fairwitness.formats.webvtt import TranscriptInvalid
from fairwitness.retention import holds
from fairwitness.retention.models import HoldKind

VTT = """WEBVTT

00:01.000 --> 00:03.500
<v PC Whitlock>Stay where you are & breathe.

00:04.250 --> 00:05.000
<i>inaudible</i>
""".replace(" & ", " &amp; ")


def path(pages: Pages) -> str:
    return f"/recordings/{pages.recording.pk}/transcript"


def attach(browser: Client, pages: Pages, text: str = VTT, made_by: str = "PC Whitlock") -> str:
    where = path(pages)
    answer = browser.post(where, {"transcript": text, "made_by": made_by}, follow=True)
    return answer.content.decode()


def entries(recording: Recording) -> list[dict[str, object]]:
    rows = ledger.history(recording_subject(recording.pk))
    found = [
        row.body.detail for row in rows if row.body and row.entry.act is Act.RECORDING_COPY_MADE
    ]
    return [dict(detail) for detail in found if detail.get("kind") == "transcript"]


def opened(token: str, kind: str = "transcript") -> bytes:
    vault = composition.deployment().vault
    with access.open_viewing(token=token, kind=kind, at=datetime.now(UTC), vault=vault) as found:
        assert found.media_type == "text/vtt; charset=utf-8"
        return found.read(0, found.size)


def test_it_is_attached_shown_replaced_and_kept_in_history(pages: Pages) -> None:
    ada = pages.browser(pages.world.ada)
    page = attach(ada, pages, VTT.replace("\n", "\r\n"))
    assert "Attached as transcript 1" in page
    assert [entry["number"] for entry in entries(pages.recording)] == [1]
    here = f"/recordings/{pages.recording.pk}"
    assert "Stay where you are" not in ada.get(here).content.decode()
    ada.post(f"{here}/watch")
    page = ada.get(here).content.decode()
    assert '<track kind="captions"' in page
    assert 'href="?t=00:01.000#player" data-at="1.000">00:01</a>' in page
    assert "<b>PC Whitlock:</b> Stay where you are &amp; breathe." in page
    assert "Typed by PC Whitlock; attached by" in page
    attach(ada, pages, VTT.replace("inaudible", "a car passes"), "a firm")
    page = ada.get(here).content.decode()
    assert "a car passes" in page
    assert "Typed by a firm" in page
    page = ada.get(path(pages)).content.decode()
    assert page.count("Download</a>") == 2
    assert "replaced" in page
    token = re.findall(r'href="/play/([^/]+)/transcript-1"', page)[0]
    assert opened(token, "transcript-1") == VTT.encode()
    assert b"a car passes" in opened(token)
    assert b"a car passes" in opened(token, "transcript-2")
    with pytest.raises(AccessRefused):
        opened(token, "transcript-3")
    assert "attached transcript 2, typed by a firm" in ada.get(here).content.decode()


def test_its_words_are_sealed_and_shown_to_nobody_who_does_not_watch(pages: Pages) -> None:
    attach(pages.browser(pages.world.ada), pages)
    (piece,) = Piece.objects.filter(recording_id=pages.recording.pk, copy="vtt-1")
    with contextlib.closing(composition.deployment().vault.store.open(piece.blob)) as blob:
        sealed = blob.read_at(0, piece.sealed_size)
    assert len(sealed) == piece.sealed_size
    assert b"Stay where" not in sealed
    page = pages.browser(pages.world.manager).get(path(pages)).content.decode()
    assert "breathe" not in page
    assert "Download" not in page
    assert "after watching" in page


@pytest.mark.parametrize(
    ("text", "made_by", "said"),
    [
        ("WEBVTT\n\nSTYLE\n::cue {}\n", "me", "need their times above them"),
        (VTT + "\n05:00.000 --> 05:01.000\nToo late\n", "me", "begins after the recording ends"),
        ("<script>alert(1)</script>", "me", "must begin with a line WEBVTT"),
        ("", "me", "must begin with a line WEBVTT"),
        ("WEBVTT\n\n" + "x" * (257 << 10), "me", "at most 256 KiB"),
        (VTT, " ", "Say who typed it"),
        (VTT, "x" * 121, "Say who typed it"),
    ],
)
def test_what_is_no_transcript_is_refused_and_leaves_nothing(
    pages: Pages, text: str, made_by: str, said: str
) -> None:
    page = attach(pages.browser(pages.world.ada), pages, text, made_by)
    assert said in page
    assert entries(pages.recording) == []
    assert not Transcript.objects.exists()
    assert not Piece.objects.filter(copy__startswith="vtt").exists()


def test_the_six_questions(pages: Pages) -> None:
    for method in ("put", "patch", "delete"):
        answer = getattr(pages.browser(pages.world.ada), method)(path(pages))
        assert answer.status_code == 405
    for method in ("get", "head", "post"):
        answer = getattr(pages.browser(None), method)(path(pages))
        assert answer["Location"].startswith("/sign-in?next=")
        colleague = getattr(pages.browser(pages.world.dev), method)(path(pages))
        assert colleague.status_code == 404
    rows = ledger.search(actor=f"officer:{pages.world.dev.pk}", limit=50)
    assert sum(row.entry.act.is_refusal for row in rows) == 3
    assert entries(pages.recording) == []


def test_it_dies_with_its_recording(pages: Pages) -> None:
    """After its day neither row nor piece nor the entry's particulars are left, and no key."""
    world = pages.world
    old = world.record(ended_at=datetime.now(UTC) - timedelta(days=40))
    transcripts.attach(
        recording=old,
        officer=world.ada,
        data=VTT.encode(),
        made_by="PC Whitlock",
        vault=world.vault,
        at=old.docked_at,
    )
    (piece,) = Piece.objects.filter(recording_id=old.pk, copy="vtt-1")
    start = old.docked_at + 25 * DAY
    world.live_through(start, datetime.now(UTC) + timedelta(days=2))
    old.refresh_from_db()
    assert old.state == "disposed"
    assert not Transcript.objects.filter(recording=old).exists()
    assert not Piece.objects.filter(recording_id=old.pk).exists()
    assert entries(old) == []
    assert piece.blob not in set(world.vault.store.names())


def test_it_is_not_attached_to_what_is_gone(pages: Pages) -> None:
    Recording.objects.filter(pk=pages.recording.pk).update(
        gone_by=datetime.now(UTC), shown_gone_by=datetime.now(UTC)
    )
    answer = pages.browser(pages.world.ada).post(
        path(pages), {"transcript": VTT, "made_by": "PC Whitlock"}
    )
    assert answer.status_code == 404
    assert not Transcript.objects.exists()


def test_bytes_that_are_not_text_are_refused(pages: Pages) -> None:
    with pytest.raises(TranscriptInvalid) as refused:
        transcripts.attach(
            recording=pages.recording,
            officer=pages.world.ada,
            data=b"WEBVTT\n\n\xff",
            made_by="me",
            vault=pages.world.vault,
            at=datetime.now(UTC),
        )
    assert refused.value.stable_code == "transcript.encoding"


def test_the_number_of_queries_does_not_grow_with_the_history(pages: Pages) -> None:
    ada = pages.browser(pages.world.ada)
    counts = []
    for _ in range(2):
        attach(ada, pages)
        with CaptureQueriesContext(connection) as captured:
            assert ada.get(path(pages)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[0] <= 22, counts


def test_its_wearer_attaches_none_to_what_only_a_silent_hold_keeps(pages: Pages) -> None:
    world = pages.world
    old = world.record(ended_at=datetime.now(UTC) - 30 * DAY)
    day = (datetime.now(UTC) + 90 * DAY).date()
    terms = holds.Terms(HoldKind.PROFESSIONAL_STANDARDS, "PS/1", "x", day, silent=True)
    at = datetime.now(UTC)
    holds.place(terms=terms, owner=world.standards, recordings=[old.pk], at=at)
    old.refresh_from_db()
    assert (old.gone_by, old.shown_gone_by is None) == (None, False)
    vault, later = composition.deployment().vault, at + 9 * DAY
    for officer in (world.ada, world.manager):
        refused = pytest.raises(FairwitnessError) if officer == world.ada else None
        with refused or contextlib.nullcontext():
            transcripts.attach(
                recording=old,
                officer=officer,
                data=VTT.encode(),
                made_by="x",
                vault=vault,
                at=later,
            )
    assert Transcript.objects.get().attached_by == world.manager
