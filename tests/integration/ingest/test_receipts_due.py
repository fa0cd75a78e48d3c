"""Receipts that nobody asks for are made all the same, and looking for them stays cheap."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.ingest_world import AT, World, video

from fairwitness.evidence.models import Recording, State
from fairwitness.ingest import receipts
from fairwitness.ingest.models import StoredReceipt, Upload, UploadState

LATER = AT + timedelta(minutes=1)


def test_each_receipt_is_made_once_the_log_is_published_and_never_looked_for_again(
    world: World,
) -> None:
    recording = world.receive(video())
    assert receipts.issue_due(issuer=world.issuer, at=LATER) == 0  # no checkpoint covers it yet
    assert not Upload.objects.get().receipted
    world.publish_log()
    assert receipts.issue_due(issuer=world.issuer, at=LATER) == 1
    assert StoredReceipt.objects.get().pk == recording.pk
    assert Upload.objects.get().receipted
    with CaptureQueriesContext(connection) as asked:
        assert receipts.issue_due(issuer=world.issuer, at=LATER) == 0
    assert len([one for one in asked if one["sql"].startswith("SELECT")]) == 1


def test_what_has_its_receipt_or_is_deleted_is_not_waited_for(world: World) -> None:
    asked, gone = world.receive(video()), world.receive(video(shade=40), counter=2)
    Recording.objects.filter(pk=gone.pk).update(state=State.DISPOSED, sha256="")
    world.publish_log()
    upload = Upload.objects.get(received_as=asked.pk)
    receipts.receipt_for(upload=upload, issuer=world.issuer, at=LATER)
    assert receipts.issue_due(issuer=world.issuer, at=LATER) == 0
    assert not Upload.objects.filter(receipted=False).exists()


def test_the_database_finds_them_without_reading_every_upload(world: World) -> None:
    world.receive(video())
    due = Upload.objects.filter(receipted=False, state=UploadState.RECEIVED)
    plan = due.order_by("completed_at")[:200].explain()
    if connection.vendor == "sqlite":  # the other chooses by size, and here all is small
        assert "ingest_upload_receipt_due" in plan
