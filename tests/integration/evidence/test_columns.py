"""Columns written one statement for each row are what `bulk_update` would have left."""

from datetime import timedelta

from tests.ingest_world import World, video

from fairwitness.evidence import columns
from fairwitness.evidence.models import Recording

FIELDS = ("gone_by", "keep_reason", "late", "incident", "media", "access_class")


def test_as_bulk_update(world: World) -> None:
    one, other, third = (world.receive(video()) for _ in range(3))
    for each, number in ((one, 1), (other, 2)):
        each.gone_by = world.at + timedelta(days=number, microseconds=7)
        each.keep_reason, each.incident = f"because {number}", "LAM/1 'and' \"more\" %s"
        each.late, each.media, each.access_class = number == 1, {"n": [number]}, "restricted"
    third.gone_by, third.keep_reason = None, "not written"
    columns.write([one], FIELDS)
    Recording.objects.bulk_update([other], FIELDS)
    for each in (one, other):
        fresh = Recording.objects.get(pk=each.pk)
        assert [getattr(fresh, name) for name in FIELDS] == [getattr(each, name) for name in FIELDS]
    kept = Recording.objects.get(pk=third.pk)
    assert (kept.keep_reason, kept.gone_by is None) != (third.keep_reason, True)


def test_nothing_asks_nothing() -> None:
    columns.write([], FIELDS)  # without a database, which pytest would refuse to be asked
