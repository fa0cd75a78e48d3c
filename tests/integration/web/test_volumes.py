"""The page of volumes, and what a recording's page says of one that it came from."""

import hashlib
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import Client
from tests.ingest_world import World, video
from tests.integration.web.conftest import Pages
from tests.retention_world import acts

from fairwitness.evidence.models import Recording
from fairwitness.force import volumes
from fairwitness.force.models import Dock, Officer, Volume
from fairwitness.force.volumes import Terms
from fairwitness.formats.enrolled_volume import VolumeRequest

HOSTILE = "<b>blue</b> & 'stick'"


def asked(dock: Dock, label: str = HOSTILE, brought_by: str = "614LX") -> Volume:
    request = VolumeRequest(volume=uuid4(), label=label, made_by="<i>Drift", brought_by=brought_by)
    return volumes.request(asked=request, dock=dock, at=datetime.now(UTC))


@pytest.fixture
def dock(pages: Pages) -> Dock:
    return Dock.objects.create(
        serial="D-0007",
        keyid="k",
        station=pages.world.camera.station,
        requested_at=datetime.now(UTC),
    )


@pytest.fixture
def waiting(dock: Dock) -> Volume:
    return asked(dock)


def decided(pages: Pages, who: Officer | None, volume: Volume, **said: str) -> tuple[int, str]:
    answer = pages.browser(who).post(f"/volumes/{volume.pk}/decide", said)
    volume.refresh_from_db()
    return answer.status_code, answer.content.decode()


def test_what_waits_is_shown_and_approved(pages: Pages, waiting: Volume) -> None:
    browser = pages.browser(pages.world.manager)
    shown = browser.get("/volumes").content.decode()
    assert "&lt;b&gt;blue&lt;/b&gt; &amp; &#x27;stick&#x27;" in shown
    assert "<b>blue" not in shown
    assert "<i>Drift" not in shown
    status, _ = decided(pages, pages.world.manager, waiting, deed="approve", erase="yes")
    assert (status, waiting.status, waiting.erase) == (302, "approved", True)
    shown = browser.get("/volumes").content.decode()
    assert "Docks erase what was received" in shown
    assert "Received from it</dt><dd>0 recordings" in shown
    assert acts(f"volume:{waiting.pk}")[-1] == "volume.approved"


def test_without_a_tick_originals_stay_and_a_wearer_may_be_named(
    pages: Pages, waiting: Volume
) -> None:
    manager = pages.world.manager
    status, text = decided(pages, manager, waiting, deed="approve", collar_number="nobody")
    assert (status, waiting.status) == (400, "pending")
    assert "Nothing was changed." in text
    decided(pages, manager, waiting, deed="approve", collar_number="702LX")
    assert (waiting.status, waiting.erase, waiting.wearer) == ("approved", False, pages.world.dev)


def test_declined_and_revoked_ones_say_why(pages: Pages, dock: Dock, waiting: Volume) -> None:
    manager = pages.world.manager
    assert decided(pages, manager, waiting, deed="decline")[0] == 400
    assert decided(pages, manager, waiting, deed="decline", reason="whose is it?")[0] == 302
    other = asked(dock, "red stick")
    assert decided(pages, manager, other, deed="something")[0] == 400
    decided(pages, manager, other, deed="approve")
    assert decided(pages, manager, other, deed="revoke", reason="lost in the street")[0] == 302
    assert (waiting.status, other.status) == ("declined", "revoked")
    shown = pages.browser(manager).get("/volumes").content.decode()
    assert "whose is it?" in shown
    assert "lost in the street" in shown


def test_who_brought_it_does_not_approve_it(pages: Pages, dock: Dock) -> None:
    volume = asked(dock, brought_by=pages.world.manager.collar_number)
    status, text = decided(pages, pages.world.manager, volume, deed="approve")
    assert (status, volume.status) == (403, "pending")
    assert "somebody else has to agree" in text


@pytest.mark.parametrize("who", ["wearer", "sergeant", "detective"])
def test_others_neither_see_nor_decide_and_that_is_written_down(
    pages: Pages, waiting: Volume, who: str
) -> None:
    officer = pages.people[who]
    for path, method in (("/volumes", "get"), (f"/volumes/{waiting.pk}/decide", "post")):
        answer = getattr(pages.browser(officer), method)(path, {"deed": "approve"})
        assert answer.status_code == 403
        assert b"Go back" in answer.content
    waiting.refresh_from_db()
    assert waiting.status == "pending"
    assert acts(f"volume:{waiting.pk}")[-1] == "access.refused"


def test_deciding_is_asked_as_every_address(pages: Pages, waiting: Volume) -> None:
    path = f"/volumes/{waiting.pk}/decide"
    assert pages.browser(pages.world.manager).get(path).status_code == 405
    assert pages.browser(None).post(path)["Location"].startswith("/sign-in?next=")
    assert pages.browser(pages.world.manager).post(f"/volumes/{uuid4()}/decide").status_code == 403


def test_the_link_is_there_for_whom_the_page_is(pages: Pages, waiting: Volume) -> None:
    for officer, there in ((pages.world.manager, True), (pages.world.ada, False)):
        shown = pages.browser(officer).get("/recordings").content.decode()
        assert ('href="/volumes"' in shown) == there
    assert "1 volume of other makers’ footage waits" in manager_sees(pages, "/recordings")
    decided(pages, pages.world.manager, waiting, deed="approve")
    assert "/volumes" not in manager_sees(pages, "/recordings")
    assert "/volumes" in manager_sees(pages, "/unassigned")
    assert "/volumes" not in pages.browser(pages.world.sergeant).get("/unassigned").content.decode()


def manager_sees(pages: Pages, path: str) -> str:
    return str(pages.browser(pages.world.manager).get(path).content.decode())


def test_a_recordings_page_says_which_volume_it_came_from(settled_world: World) -> None:
    world = settled_world
    volume = asked(world.dock)
    volumes.approve(volume=volume, terms=Terms(), officer=world.force.manager, at=world.at)
    data = video()
    create = world.create(
        len(data),
        volume=str(volume.pk).encode(),
        sha256=hashlib.sha256(data).digest(),
        filename=b"<i>DRFT0001.MP4",
    )
    upload = world.begin_with(create)
    world.send(upload, data)
    assert world.accept() == 1
    client = Client()
    client.force_login(world.force.manager, backend="django.contrib.auth.backends.ModelBackend")
    recording = Recording.objects.get(pk=upload.recording_id)
    shown = client.get(f"/recordings/{recording.pk}").content.decode()
    assert "Unchanged since we took it from a volume (no camera of ours made it)" in shown
    assert "&lt;b&gt;blue&lt;/b&gt; &amp; &#x27;stick&#x27;" in shown
    assert "<b>blue" not in shown
    assert "<i>DRFT" not in shown
    assert str(world.force.ada) in shown  # who brought it
    assert "Its days count from when it was received" in shown
    assert "It lay on an enrolled volume." in shown
    queue = client.get("/unassigned").content.decode()
    assert "Volume &lt;b&gt;blue" in queue
    told = client.get("/figures").content.decode()
    assert "Docked from enrolled volumes</dt><dd>1</dd>" in told
