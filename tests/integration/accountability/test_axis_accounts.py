"""What Axis systems send is audited, counted and registered again like all footage."""

import pytest
from tests.accountability_world import (
    codes,
    counted,
    dispose,
    inspect,
    lose_database,
    make_copies,
    rebuild_from,
)
from tests.axis_world import CLIP, Controller
from tests.ingest_world import World, long_video, video

from fairwitness.evidence import access, strays
from fairwitness.evidence.models import CopyKind, Recording
from fairwitness.formats.acts import Act
from fairwitness.ingest import receipts
from fairwitness.ingest.axis import sweeping
from fairwitness.ingest.models import StoredReceipt

SECOND = {"StartTimeISO": "2017-06-08T22:31:10Z", "StopTimeISO": "2017-06-08T22:32:00Z"}


@pytest.fixture
def controller(world: World) -> Controller:
    made = Controller.make(world)
    made.sign_in()
    made.begin()
    return made


def test_an_audit_finds_all_of_it_sound_and_the_figures_add_up(controller: Controller) -> None:
    world = controller.world
    controller.clip(long_video(18 << 20))
    controller.put("bookmark_1_1", b"x")
    controller.clip(b"not a video", "odd.bin")
    controller.complete()
    controller.work()
    make_copies(world)
    report = inspect(world, deep=True)
    assert (codes(report), report.unnamed_blobs) == ([], 0)
    figures = counted(world)
    assert figures.problems == ()
    assert (figures.total.received, figures.total.in_quarantine) == (2, 1)
    assert [line.code for line in figures.lines] == ["LAM"]
    assert receipts.issue_due(issuer=world.issuer, at=world.at) == 1
    assert StoredReceipt.objects.get().recording_id == Recording.objects.get().pk
    assert strays.sweep(vault=world.vault) == 0


def test_after_its_deletion_nothing_of_it_has_a_key(controller: Controller) -> None:
    world = controller.world
    controller.clip(video())
    controller.complete()
    controller.work()
    dispose(world, Recording.objects.get())
    assert sweeping.clear_due(vault=world.vault, at=world.at) == 1
    assert list(world.vault.ring.ids()) == []
    assert codes(inspect(world)) == []
    assert counted(world).problems == ()


def test_clips_are_registered_again_as_parts_of_one_activation(controller: Controller) -> None:
    world = controller.world
    data = long_video(18 << 20)
    controller.clip(data)
    controller.clip(video(shade=7), "20170608_223110_A1B2.mp4", **SECOND)
    controller.complete()
    controller.work()
    before = Recording.objects.get(filename__endswith=CLIP)
    world.publish_log()
    lose_database()
    assert rebuild_from(world).registered == 2
    after = Recording.objects.get(filename__endswith=CLIP)
    kept = (
        "reference provenance source filename camera_serial part last_part started_at ended_at"
        " docked_at clock_started_at gone_by sha256 size entry_leaf"
    )
    for name in kept.split():
        assert getattr(after, name) == getattr(before, name), name
    with access.open_for_task(
        recording=after,
        actor="system:test",
        act=Act.RECORDING_EXPORTED,
        reason="a test",
        at=world.at,
        vault=world.vault,
    ) as opened:
        assert opened.read(17 << 20, 1 << 20) == data[17 << 20 :]
    assert access.pieces_of(recording=after.pk, kind=CopyKind.MASTER)[1] == 0
    assert "key.unowned" in codes(inspect(world))
    assert counted(world).problems == ()
