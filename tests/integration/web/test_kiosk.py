"""The kiosk and its like at the desk: one's own recordings one by one, and nobody else's."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.integration.web.conftest import Pages
from tests.retention_world import acts
from tests.signing_world import by_password, give_app, give_password, shown

from fairwitness.config import composition
from fairwitness.evidence.models import Copy, CopyKind, CopyState, Recording, Viewing
from fairwitness.force import sessions
from fairwitness.force.account_rows import Session
from fairwitness.formats.custody import recording_subject
from fairwitness.retention import marking, saying
from fairwitness.retention.models import NotRecorded, Typed

DAY = timedelta(days=1)
QUERIES = 34
PATHS = ("/kiosk", "/categorise")


def now() -> datetime:
    return datetime.now(UTC)


def tap(client: Client, recording: Recording, path: str = "/kiosk", **said: object) -> int:
    form = {"recording": str(recording.pk), "category": "training", **said}
    return client.post(path, form).status_code


def fresh(recording: Recording) -> Recording:
    recording.refresh_from_db()
    return recording


@pytest.mark.parametrize("path", PATHS)
def test_one_tap_and_one_more(pages: Pages, path: str) -> None:
    later = pages.world.record(ended_at=now() - DAY)
    ada = pages.browser(pages.world.ada)
    said = ada.get(path).content.decode()
    assert "2 of your recordings wait" in said
    assert f'value="{pages.recording.pk}"' in said, "the oldest first"
    assert tap(ada, pages.recording, path, category="stop-search") == 302
    assert fresh(pages.recording).category == "stop-search"
    assert "recording.categorised" in acts(recording_subject(pages.recording.pk))
    said = ada.get(path).content.decode()
    assert f"{pages.recording.reference}: Stop and search" in said
    assert f'value="{later.pk}"' in said
    tap(ada, later, path)
    assert "Nothing waits for you" in ada.get(path).content.decode()


def test_it_answers_in_few_queries_however_much_waits(pages: Pages) -> None:
    ada = pages.browser(pages.world.ada)
    for number in range(12):
        pages.world.record(ended_at=now() - DAY - timedelta(minutes=5 * number))
    with CaptureQueriesContext(connection) as asked:
        assert ada.get("/kiosk").status_code == 200
    assert len(asked) <= QUERIES, len(asked)


def test_it_shows_nothing_of_others(pages: Pages) -> None:
    said = pages.browser(pages.world.dev).get("/kiosk").content.decode()
    assert "Nothing waits for you" in said
    assert pages.recording.reference not in said
    sergeant = pages.browser(pages.world.sergeant)
    assert pages.recording.reference not in sergeant.get("/kiosk").content.decode()
    assert tap(sergeant, pages.recording) == 400, "allowed elsewhere, but not waiting here"
    assert fresh(pages.recording).category == ""


def test_somebody_elses_is_refused_and_written_down(pages: Pages) -> None:
    before = acts(recording_subject(pages.recording.pk)).count("access.refused")
    assert tap(pages.browser(pages.world.dev), pages.recording) == 404
    after = acts(recording_subject(pages.recording.pk)).count("access.refused")
    assert after == before + 1
    assert pages.browser(pages.world.dev).post("/kiosk", {"recording": "x"}).status_code == 404


@pytest.mark.parametrize("path", [*PATHS, "/not-recorded"])
def test_wrong_methods_and_nobody(pages: Pages, path: str) -> None:
    assert pages.browser(pages.world.ada).put(path).status_code == 405
    answer = pages.browser(None).get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/sign-in?next={path}")
    assert pages.browser(pages.world.ada).head(path).status_code == 200
    for rest in ("/kiosk/undo", "/kiosk/over"):
        assert pages.browser(pages.world.ada).get(rest).status_code == 405
        assert pages.browser(None).post(rest)["Location"].startswith("/sign-in?next=")


def test_what_is_missing_is_said_and_nothing_typed_is_lost(pages: Pages) -> None:
    ada = pages.browser(pages.world.ada)
    form = {
        "recording": str(pages.recording.pk),
        "category": "theft",
        "late": "other",
        "late-words": "A dog held my sleeve",
    }
    answer = ada.post("/kiosk", form | {"f-theft-incident": "CAD 9"})
    assert answer.status_code == 302
    assert fresh(pages.recording).evidential
    row = pages.world.record(ended_at=now() - DAY)
    answer = ada.post("/kiosk", form | {"recording": str(row.pk)})
    assert answer.status_code == 400
    said = answer.content.decode()
    assert "Give an incident or case number." in said
    assert "A dog held my sleeve" in said
    assert re.search(r'value="theft" checked', said)
    assert not re.search(r'data-for="theft" hidden', said), "what it asks is open"
    form = {"recording": str(row.pk), "category": "domestic-attendance"}
    answer = ada.post("/kiosk", form | {"f-domestic-attendance-incident": "<x>"})
    assert "letters, digits" in answer.content.decode()
    answer = ada.post("/kiosk", {"recording": str(row.pk)})
    assert "Tap what it is of first." in answer.content.decode()
    assert fresh(row).category == ""


def test_the_last_can_be_undone_but_not_evidence(pages: Pages) -> None:
    ada = pages.browser(pages.world.ada)
    tap(ada, pages.recording, category="use-of-force", late="forgot")
    answer = ada.post("/kiosk/undo", {"here": "/kiosk"}, follow=True)
    assert "Undone. It waits for you again." in answer.content.decode()
    assert fresh(pages.recording).category == ""
    assert saying.latest(pages.recording.pk) == []
    again = ada.post("/kiosk/undo", {"here": "/kiosk"}, follow=True)
    assert "There is nothing to undo." in again.content.decode()
    tap(ada, pages.recording, category="theft", **{"f-theft-incident": "CAD 9"})
    said = ada.get("/kiosk").content.decode()
    assert "takes a second person" in said
    assert "/kiosk/undo" not in said
    assert ada.post("/kiosk/undo", {}).status_code == 400
    assert fresh(pages.recording).evidential


def test_what_a_colleague_changed_since_is_not_undone(pages: Pages) -> None:
    ada = pages.browser(pages.world.ada)
    tap(ada, pages.recording)
    marking.categorise(
        recordings=[pages.recording.pk],
        codes=("stop-search",),
        officer=pages.world.sergeant,
        at=now(),
    )
    answer = ada.post("/kiosk/undo", {"here": "/kiosk"})
    assert answer.status_code == 400
    assert "Somebody changed its category meanwhile" in answer.content.decode()
    assert fresh(pages.recording).category == "stop-search"


def test_all_of_an_incident_at_once(pages: Pages) -> None:
    near = [pages.world.record(ended_at=now() - DAY - timedelta(minutes=m)) for m in (0, 20)]
    far = pages.world.record(ended_at=now() - timedelta(hours=9))
    ada = pages.browser(pages.world.ada)
    tap(ada, pages.recording)
    said = ada.get("/kiosk").content.decode()
    assert "Same for all 2" in said
    ids = [str(row.pk) for row in near]
    assert tap(ada, near[1], all="1", same=ids, category="stop-search") == 302
    assert {fresh(row).category for row in near} == {"stop-search"}
    assert fresh(far).category == ""
    ada.post("/kiosk/undo", {"here": "/kiosk"})
    assert {fresh(row).category for row in near} == {""}


def test_only_what_waits_here_is_done_with_the_rest(pages: Pages) -> None:
    others = pages.world.record(ended_at=now() - DAY, wearer=pages.world.dev)
    tap(pages.browser(pages.world.ada), pages.recording, all="1", same=[str(others.pk)])
    assert fresh(others).category == ""


def test_what_may_refuses_is_not_done_and_told_why(pages: Pages) -> None:
    Recording.objects.filter(pk=pages.recording.pk).update(locked=True)
    ada = pages.browser(pages.world.ada)
    said = ada.get("/kiosk").content.decode()
    assert "1 more of yours is locked for an inquiry" in said
    assert pages.recording.reference not in said
    assert tap(ada, pages.recording) == 404
    assert fresh(pages.recording).category == ""


def test_one_can_be_put_off(pages: Pages) -> None:
    later = pages.world.record(ended_at=now() - DAY)
    ada = pages.browser(pages.world.ada)
    said = ada.get(f"/kiosk?after={pages.recording.pk}").content.decode()
    assert f'name="recording" value="{later.pk}"' in said
    said = ada.get(f"/kiosk?after={later.pk}").content.decode()
    assert f'name="recording" value="{pages.recording.pk}"' in said, "and round again"


def test_seeing_the_still_is_a_viewing_written_down_once(pages: Pages) -> None:
    posters = Copy.objects.filter(recording=pages.recording, kind=CopyKind.POSTER)
    posters.update(state=CopyState.READY)
    ada = pages.browser(pages.world.ada)
    for _ in range(2):
        said = ada.get("/kiosk").content.decode()
        assert re.search(r'src="/play/[\w-]+/poster"', said)
    assert Viewing.objects.count() == 1
    assert acts(recording_subject(pages.recording.pk)).count("recording.viewed") == 1


def signed_in(pages: Pages) -> Client:
    """Ada, signed in with both factors."""
    client, ada = Client(), pages.world.ada
    give_password(ada)
    secret = give_app(ada)
    by_password(client, ada)
    client.post("/sign-in/step", {"code": shown(secret)})
    return client


def at_the_dock(pages: Pages) -> Client:
    """Ada, signed in, at a kiosk."""
    client = signed_in(pages)
    assert client.get("/kiosk").status_code == 200
    return client


def test_a_session_at_the_dock_is_short_and_keeps_what_was_typed(pages: Pages) -> None:
    client = at_the_dock(pages)
    assert sessions.idle_seconds(client.session) == composition.deployment().kiosk_idle == 60
    assert 'data-over="/kiosk/over"' in client.get("/kiosk").content.decode()
    session = client.session
    said = session["signed-in"]
    session["signed-in"] = {**said, "seen": said["seen"] - 61}
    session.save()
    form = {"recording": str(pages.recording.pk), "late": "other", "late-words": "A dog"}
    answer = client.post("/kiosk", form)
    assert answer["Location"] == "/sign-in?next=/kiosk"
    assert client.get("/kiosk").status_code == 302
    assert fresh(pages.recording).category == ""
    dev = pages.browser(pages.world.dev).get("/kiosk").content.decode()
    assert "A dog" not in dev
    said = pages.browser(pages.world.ada).get("/kiosk").content.decode()
    assert "A dog" in said
    assert "What you typed before is still here" in said
    assert tap(pages.browser(pages.world.ada), pages.recording) == 302
    assert not Typed.objects.exists()


def test_whoever_comes_from_a_long_session_has_the_whole_of_a_short_one(pages: Pages) -> None:
    """Such a session notes its use once a minute: 55 seconds of the 60 could be gone already."""
    client = signed_in(pages)
    session = client.session
    said = session["signed-in"]
    session["signed-in"] = {**said, "seen": said["seen"] - 55}
    session.save()
    client.get("/kiosk")
    assert client.session["signed-in"]["seen"] >= said["seen"]


def test_the_page_signs_out_by_itself_and_the_next_begins_there(pages: Pages) -> None:
    client = at_the_dock(pages)
    form = {"recording": str(pages.recording.pk), "muted": "medical", "category": "training"}
    assert client.post("/kiosk/over", form)["Location"] == "/sign-in?next=/kiosk"
    assert not Session.objects.filter(officer=pages.world.ada).exists()
    assert acts(f"officer:{pages.world.ada.pk}")[-1] == "session.signed_out"
    assert Typed.objects.get().typed == {"muted": "medical", "category": "training"}
    assert "Spoken" not in client.get("/sign-in?next=/kiosk").content.decode()


def test_signing_out_at_the_dock_leads_back_to_it(pages: Pages) -> None:
    assert at_the_dock(pages).post("/sign-out")["Location"] == "/sign-in?next=/kiosk"


def test_a_session_at_the_desk_stays_as_it_is(pages: Pages) -> None:
    client = signed_in(pages)
    client.get("/categorise")
    assert not sessions.short(client.session)


def test_reasons_are_given_on_a_recordings_own_page(pages: Pages) -> None:
    ada = pages.browser(pages.world.ada)
    page = f"/recordings/{pages.recording.pk}"
    assert ada.get(f"{page}/say").status_code == 200
    assert ada.post(f"{page}/say", {"early": "private", "told": "yes"}).status_code == 302
    said = ada.get(page).content.decode()
    assert "Stopped early: Somebody&#x27;s privacy" in said
    assert "People told: Yes, I told them" in said
    ada.post(f"{page}/say", {"told": "danger"})
    said = ada.get(page).content.decode()
    assert "What was said before" in said
    assert "it was too dangerous" in said
    assert "recording.annotated" in acts(recording_subject(pages.recording.pk))
    assert ada.post(f"{page}/say", {"early": "nonsense"}).status_code == 400
    assert ada.put(f"{page}/say").status_code == 405
    assert pages.browser(None).get(f"{page}/say").status_code == 302
    assert pages.browser(pages.world.dev).get(f"{page}/say").status_code == 404
    assert pages.browser(pages.world.dev).post(f"{page}/say", {"late": "over"}).status_code == 404


def test_its_category_asks_there_too(pages: Pages) -> None:
    ada = pages.browser(pages.world.ada)
    tap(ada, pages.recording, category="stop-search")
    page = f"/recordings/{pages.recording.pk}"
    assert "Number of the search record" in ada.get(f"{page}/say").content.decode()
    ada.post(f"{page}/say", {"f-stop-search-record": "ss 12", "f-stop-search-found": "nothing"})
    assert "Number of the search record: SS 12" in ada.get(page).content.decode()


def test_not_recorded_is_said_and_the_supervisor_reads_it(pages: Pages) -> None:
    ada = pages.browser(pages.world.ada)
    form = {"incident": "CAD 41", "day": "2017-06-08", "time": "22:10", "choice": "fault"}
    assert ada.post("/not-recorded", form).status_code == 400, "more than a year ago"
    day = (now() - DAY).date().isoformat()
    assert ada.post("/not-recorded", form | {"day": day}).status_code == 302
    assert ada.post("/not-recorded", form | {"day": "soon"}).status_code == 400
    row = NotRecorded.objects.get()
    assert "CAD 41" in ada.get("/not-recorded").content.decode()
    assert "CAD 41" not in pages.browser(pages.world.dev).get("/not-recorded").content.decode()
    assert "CAD 41" in pages.browser(pages.world.sergeant).get("/team").content.decode()
    assert "This corrects" in ada.get(f"/not-recorded?instead={row.pk}").content.decode()
    other = pages.browser(pages.world.dev).get(f"/not-recorded?instead={row.pk}")
    assert "This corrects" not in other.content.decode()
    corrected = form | {"day": day, "choice": "forgot", "instead_of": str(row.pk)}
    assert ada.post("/not-recorded", corrected).status_code == 302
    said = pages.browser(pages.world.sergeant).get("/team").content.decode()
    assert "I forgot" in said
    assert "The camera failed" not in said
    assert acts(f"officer:{pages.world.ada.pk}").count("officer.non_use_noted") == 2


def test_what_was_explained_shows_to_the_team_and_beside_a_sample(pages: Pages) -> None:
    page = f"/recordings/{pages.recording.pk}/say"
    pages.browser(pages.world.ada).post(page, {"muted": "medical"})
    said = pages.browser(pages.world.sergeant).get("/team").content.decode()
    assert "Muted: Somebody spoke with a doctor or nurse" in said
