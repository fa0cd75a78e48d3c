"""Footage brought in by a browser: what is asked before, and who may go how far."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import Client
from tests.importing_world import brought
from tests.ingest_world import World, video
from tests.retention_world import acts

from fairwitness.api import browsers
from fairwitness.custody import ledger
from fairwitness.evidence import annotations
from fairwitness.evidence.models import Recording
from fairwitness.force import officers
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.ingest import import_desk, tus, uploads
from fairwitness.ingest.import_desk import PassInvalid
from fairwitness.ingest.models import Upload, UploadState
from fairwitness.ingest.sessions import SessionUnknown

PAGE = "/bring-in"
ASK = "/bring-in/ask"
BEGIN = "/bring-in/begin"
JSON = "application/json"


def browser(officer: Officer | None) -> Client:
    client = Client()
    if officer is not None:
        client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
    return client


def asked(*files: tuple[str, bytes], listing: str | None = None, **told: str) -> dict[str, Any]:
    return {
        "files": [
            {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files
        ],
        "came_from": "CCTV of 12 Acre Lane",
        "why": "assault of 8 June",
        "told": told,
        "listing": listing,
    }


def ask(officer: Officer, question: dict[str, Any], *, expect: int = 200) -> Any:  # noqa: ANN401 # JSON
    answer = browser(officer).post(ASK, question, content_type=JSON)
    assert answer.status_code == expect, answer.content
    return answer.json()


def begun(officer: Officer, ticket: str, *, expect: int = 200) -> Any:  # noqa: ANN401 # JSON
    answer = browser(officer).post(BEGIN, {"ticket": ticket})
    assert answer.status_code == expect, answer.content
    return answer.json()


def send(world: World, upload: Upload, data: bytes, officer: Officer) -> None:
    run = uploads.start(
        upload=upload.pk,
        sender=officer,
        append=tus.Append(upload.offset, None, None),
        at=world.at,
    )
    writer = world.receiver.receive(run, checksum=None)
    assert writer.take(memoryview(data)) == len(data)
    writer.finish(whole=True)


def refusals(officer: Officer) -> int:
    rows = ledger.search(actor=f"officer:{officer.pk}", limit=1000)
    return sum(row.entry.act.is_refusal for row in rows)


@pytest.fixture
def detective(settled_world: World) -> Officer:
    """An investigator of one unit, who may import and may not say who wore a camera."""
    return officers.register_officer(
        actor=System("setup"),
        officer=officers.NewOfficer(
            "5102", "DC Paul Lowe", "PL", "LAM", "", (), (Role.INVESTIGATOR,)
        ),
        at=settled_world.at,
    )


def test_a_file_comes_in_and_leads_to_its_page(settled_world: World) -> None:
    manager, data = settled_world.force.manager, video()
    question = asked(
        ("a <b>.mp4", data), title="The door", started_at="2017-06-08T22:13", officer="614LX"
    )
    found = ask(manager, question)
    assert not found["problems"]
    (file,) = found["files"]
    answer = begun(manager, file["ticket"])
    assert (answer["state"], answer["before"]) == ("receiving", False)
    upload = Upload.objects.get(pk=answer["upload"])
    first = ledger.search(subject=f"upload:{upload.pk}")[0]
    assert first.entry.act.value == "upload.begun"
    assert first.body is not None
    assert first.body.reason == "assault of 8 June"
    assert first.body.actor == f"officer:{manager.pk}"
    shown = browser(manager).get(PAGE).content.decode()
    assert "a &lt;b&gt;.mp4" in shown
    assert "0% of" in shown
    send(settled_world, upload, data, manager)
    there = f"/bring-in/uploads/{upload.pk}"
    assert browser(manager).get(there).json()["state"] == "verifying"
    settled_world.accept()
    upload.refresh_from_db()
    assert upload.received_as is not None
    recording = Recording.objects.get(pk=upload.received_as)
    told = browser(manager).get(there).json()
    assert told["href"] == f"/recordings/{recording.pk}"
    assert "no camera vouches for it" in told["message"]
    assert recording.wearer == settled_world.force.ada
    note = annotations.told_at_import(recording)
    assert (note["came_from"], note["title"]) == ("CCTV of 12 Acre Lane", "The door")
    page = browser(manager).get(told["href"]).content.decode()
    assert "CCTV of 12 Acre Lane" in page
    assert "assault of 8 June" in page
    again = begun(manager, file["ticket"])
    assert (again["upload"], again["state"], again["before"]) == (str(upload.pk), "received", True)
    assert "nothing was changed" in browser(manager).get(f"{there}?before=1").json()["message"]
    assert "a &lt;b&gt;.mp4" not in browser(manager).get(PAGE).content.decode()


def test_what_cannot_be_read_is_kept_and_what_is_known_is_linked(
    settled_world: World, tmp_path: Path
) -> None:
    force, data = settled_world.force, b"no video"
    twin = brought(settled_world, tmp_path / "b.bin", data, officer=force.second_manager)
    (file,) = ask(force.manager, asked(("a.bin", data)))["files"]
    assert f"The same bytes as {twin.reference}" in file["said"]
    upload = Upload.objects.get(pk=begun(force.manager, file["ticket"])["upload"])
    send(settled_world, upload, data, force.manager)
    settled_world.accept()
    told = browser(force.manager).get(f"/bring-in/uploads/{upload.pk}").json()
    assert "Kept as it came: " in told["message"]
    assert told["href"] != f"/recordings/{twin.pk}"
    assert twin.reference in browser(force.manager).get(told["href"]).content.decode()


def test_bytes_other_than_promised_go_to_quarantine(settled_world: World) -> None:
    manager, data = settled_world.force.manager, video()
    (file,) = ask(manager, asked(("a.mp4", data)))["files"]
    upload = Upload.objects.get(pk=begun(manager, file["ticket"])["upload"])
    send(settled_world, upload, data[:-1] + b"?", manager)
    settled_world.accept()
    upload.refresh_from_db()
    assert upload.state == UploadState.QUARANTINED
    told = browser(manager).get(f"/bring-in/uploads/{upload.pk}").json()
    assert told["message"].startswith("in quarantine. ")
    assert told["href"] == ""


def test_asking_changes_nothing_and_tells_row_by_row(settled_world: World) -> None:
    manager, door, yard = settled_world.force.manager, video(), video(shade=40)
    head = "file,sha256,officer,category,title,colour\n"
    bad = (
        head
        + "day 1/door.mp4,,614LX,,The door,red\n"
        + f"yard.mp4,{'0' * 64},,,,\n"
        + "roof.mp4,,,,,\n"
        + "../etc/x,,,,,\n"
        + "day 2/door.mp4,,,,,\n"
    )
    early = asked(("door.mp4", door), ("yard.mp4", yard), ("list.csv", b"x"), listing=bad)
    for file in early["files"]:
        file["sha256"] = ""
    entries = len(ledger.search(limit=1000))
    found = ask(manager, early)
    assert (found["whole"], found["refused"]) == (False, True)
    late = ask(manager, asked(("door.mp4", door), ("yard.mp4", yard), listing=bad))
    told = {one["line"]: one["message"] for one in late["problems"]}
    assert set(told) == {3, 4, 5, 6}
    assert "not that of the list" in told[3]
    assert "not among the files that you chose" in told[4]
    assert "no path within the folder" in told[5]
    assert "Another row has a file of this name" in told[6]
    assert late["refused"]
    assert late["files"] == []
    assert {"name": "column colour", "why": "it is not read"} in late["passed"]
    assert {"name": "list.csv", "why": "not on the list"} in found["passed"]
    good = head + "day 1/door.mp4,,614LX,,The door,\nyard.mp4,,,,,\n"
    whole = ask(manager, asked(("door.mp4", door), ("yard.mp4", yard), listing=good))
    assert whole["whole"]
    assert not whole["refused"]
    assert [file["name"] for file in whole["files"]] == ["door.mp4", "yard.mp4"]
    assert len(ledger.search(limit=1000)) == entries
    assert not Upload.objects.exists()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"files": []}, "Choose at least one file"),
        ({"came_from": " "}, "Say where it comes from"),
        ({"why": "a\nb"}, "Say why it is needed in one line"),
        ({"files": [{"name": "a", "size": 1, "sha256": "0" * 63}]}, "no SHA-256"),
        ({"files": [{"name": "a/b", "size": 1, "sha256": ""}]}, "has no name"),
        ({"files": [{"name": "a", "size": 1, "sha256": ""}] * 2}, "Two files are called a"),
        (
            {"files": [{"name": str(n), "size": 1, "sha256": ""} for n in range(201)]},
            "at most 200 files",
        ),
        ({"listing": "no head\n"}, "no column 'file'"),
        ({"listing": "file\n" + "x" * (513 << 10)}, "too long for this page"),
        ({"told": {"officer": "nobody"}}, "nobody"),
        ({"told": {"ended_at": "2040-01-01T00:00"}}, "future"),
        ({"extra": 1}, "too old"),
        ({"files": "none"}, "too old"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_sent(
    settled_world: World, change: dict[str, Any], words: str
) -> None:
    question = asked(("a.mp4", video())) | change
    assert words in ask(settled_world.force.manager, question, expect=400)["message"]
    assert not Upload.objects.exists()


def test_empty_and_far_too_large_files_stay_behind_and_the_others_come(
    settled_world: World,
) -> None:
    question = asked(("a.mp4", video()), ("empty.mp4", b""))
    question["files"].append({"name": "huge", "size": tus.MAX_SIZE + 1, "sha256": "0" * 64})
    found = ask(settled_world.force.manager, question)
    told = {one["name"]: one["message"] for one in found["problems"]}
    assert told["empty.mp4"] == "It is empty."
    assert told["huge"].startswith("It is larger than 64 GiB")
    assert [file["name"] for file in found["files"]] == ["a.mp4"]
    assert not found["refused"]


def test_only_who_may_assign_wearers_names_one(detective: Officer) -> None:
    data = video()
    assert "collar number" not in browser(detective).get(PAGE).content.decode().lower()
    before = refusals(detective)
    found = ask(detective, asked(("a.mp4", data), officer="614LX"))
    assert found["refused"]
    assert "say who wore this camera" in found["problems"][0]["message"]
    assert refusals(detective) == before + 1
    (file,) = ask(detective, asked(("a.mp4", data)))["files"]
    assert begun(detective, file["ticket"])["state"] == "receiving"


def test_a_ticket_is_its_officers_own_and_runs_out(
    settled_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    force = settled_world.force
    (file,) = ask(force.manager, asked(("a.mp4", video())))["files"]
    assert begun(force.second_manager, file["ticket"], expect=400)["code"] == "import.ticket"
    assert begun(force.manager, file["ticket"] + "x", expect=400)["code"] == "import.ticket"
    monkeypatch.setattr(import_desk, "TICKET_SECONDS", -1)
    assert begun(force.manager, file["ticket"], expect=400)["code"] == "import.ticket"
    assert not Upload.objects.exists()


Ask = Callable[[Client, str], HttpResponse]
ADDRESSES: tuple[tuple[str, str], ...] = (
    ("get", PAGE),
    ("post", ASK),
    ("post", BEGIN),
    ("get", "/bring-in/uploads/{}"),
    ("post", "/bring-in/uploads/{}/give-up"),
)
by_address = pytest.mark.parametrize(("method", "path"), ADDRESSES)


@by_address
def test_each_address_has_its_method_and_wants_a_sign_in(
    settled_world: World, method: str, path: str
) -> None:
    there = path.format(settled_world.dock.pk)
    mine = browser(settled_world.force.manager)
    for other in {"get", "post", "put", "patch", "delete"} - {method}:
        assert getattr(mine, other)(there).status_code == 405, other
    answer = getattr(browser(None), method)(there)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?next=")


def test_the_wrong_role_is_refused_and_written_down_each_time(settled_world: World) -> None:
    force = settled_world.force
    (file,) = ask(force.manager, asked(("a.mp4", video())))["files"]
    answer = browser(force.ada).get(PAGE)
    assert answer.status_code == 403
    assert b"Go back" in answer.content
    assert refusals(force.ada) == 1
    told = ask(force.ada, asked(("a.mp4", video())), expect=403)
    assert "an investigator or an evidence manager" in told["message"]
    assert refusals(force.ada) == 2
    assert "Bring in footage" in browser(force.manager).get("/recordings").content.decode()
    assert "Bring in footage" not in browser(force.ada).get("/recordings").content.decode()
    RoleGrant.objects.filter(officer=force.manager).update(ends_at=settled_world.at)
    assert begun(force.manager, file["ticket"], expect=403)["code"].startswith("permission")
    assert refusals(force.manager) == 1
    assert not Upload.objects.exists()


def test_an_upload_of_somebody_elses_is_not_told_of(settled_world: World) -> None:
    force, data = settled_world.force, video()
    (file,) = ask(force.manager, asked(("a.mp4", data)))["files"]
    other = begun(force.manager, file["ticket"])["upload"]
    docked = settled_world.begin(video(shade=50))
    for pk in (other, docked.pk):
        before = refusals(force.second_manager)
        answer = browser(force.second_manager).get(f"/bring-in/uploads/{pk}")
        assert answer.status_code == 404
        assert refusals(force.second_manager) == before + 1
    assert "a.mp4" not in browser(force.second_manager).get(PAGE).content.decode()


def test_what_was_begun_is_given_up_by_who_began_it_and_once(settled_world: World) -> None:
    force, data = settled_world.force, video()
    (file,) = ask(force.manager, asked(("gate.mp4", data)))["files"]
    pk = begun(force.manager, file["ticket"])["upload"]
    there = f"/bring-in/uploads/{pk}/give-up"
    assert browser(force.second_manager).post(there).status_code == 400
    assert refusals(force.second_manager) == 1
    assert Upload.objects.get(pk=pk).state == UploadState.RECEIVING
    mine = browser(force.manager)
    assert f'action="{there}"' in mine.get(PAGE).content.decode()
    told = mine.post(there, follow=True).content.decode()
    assert "gate.mp4 was given up. What had come of it is deleted." in told
    assert f'action="{there}"' not in told
    assert Upload.objects.get(pk=pk).state == UploadState.ENDED
    assert "upload.expired" in acts(f"upload:{pk}")
    assert mine.post(there).status_code == 400
    (again,) = ask(force.manager, asked(("gate.mp4", data)))["files"]
    assert begun(force.manager, again["ticket"])["upload"] != pk


def test_forms_of_other_sites_are_refused(settled_world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(
        settled_world.force.manager, backend="django.contrib.auth.backends.ModelBackend"
    )
    for path in (ASK, BEGIN, f"/bring-in/uploads/{settled_world.dock.pk}/give-up"):
        assert strict.post(path, {"ticket": "x"}).status_code == 403


def test_bytes_are_taken_with_session_and_pass_and_never_with_one_of_them(
    settled_world: World,
) -> None:
    force = settled_world.force
    client, other = browser(force.manager), browser(force.second_manager)
    (file,) = ask(force.manager, asked(("a.mp4", video())))["files"]
    answer = begun(force.manager, file["ticket"])
    upload = Upload.objects.get(pk=answer["upload"])
    name = settings.SESSION_COOKIE_NAME
    cookie = f"csrftoken=x, {name}={client.cookies[name].value}"

    def sender(headers: dict[str, str]) -> Officer:
        return browsers.sender_of(headers, upload=upload.pk, at=settled_world.at)

    assert sender({"cookie": cookie, "upload-pass": answer["pass"]}) == force.manager
    for headers in ({"upload-pass": answer["pass"]}, {"cookie": f"{name}=made-up"}, {}):
        with pytest.raises(SessionUnknown):
            sender(headers)
    theirs = f"{name}={other.cookies[name].value}"
    (second,) = ask(force.manager, asked(("b.mp4", video(shade=44))))["files"]
    for headers in (
        {"cookie": cookie},
        {"cookie": cookie, "upload-pass": "made up"},
        {"cookie": cookie, "upload-pass": begun(force.manager, second["ticket"])["pass"]},
        {"cookie": cookie, "upload-pass": file["ticket"]},
        {"cookie": theirs, "upload-pass": answer["pass"]},
    ):
        with pytest.raises(PassInvalid):
            sender(headers)
    about = ledger.search(subject=f"upload:{upload.pk}", limit=100)
    assert sum(row.entry.act.is_refusal for row in about) == 5
    good = {"cookie": cookie, "upload-pass": answer["pass"]}
    RoleGrant.objects.filter(officer=force.manager).update(ends_at=settled_world.at)
    with pytest.raises(NotAllowed):
        sender(good)
    client.post("/sign-out")
    with pytest.raises(SessionUnknown):
        sender(good)
    client = browser(force.manager)
    good["cookie"] = f"{name}={client.cookies[name].value}"
    Officer.objects.filter(pk=force.manager.pk).update(active=False, left_at=settled_world.at)
    with pytest.raises(SessionUnknown):
        sender(good)
