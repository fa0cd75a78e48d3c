"""Files that grew on their volume are linked again after the loss of the database."""

from datetime import timedelta

from tests.accountability_world import lose_database, rebuild_from
from tests.ingest_world import World, video
from tests.integration.web.test_growth import FIRST, GROWN, approved, continues, notes, taken

from fairwitness.evidence.models import Growth, Piece, Recording
from fairwitness.formats.custody import recording_subject

LATER = GROWN + b"and still it went on"


def links() -> set[tuple[object, object]]:
    return set(Growth.objects.values_list("recording_id", "beginning_id"))


def test_each_is_linked_again_to_what_it_began_with(world: World) -> None:
    volume, other = approved(world, "blue stick"), approved(world, "red stick")
    alike = taken(world, other, FIRST)
    first = taken(world, volume, FIRST)
    grown = taken(world, volume, GROWN, **continues(FIRST))
    world.at += timedelta(minutes=5)
    latest = taken(world, volume, LATER, **continues(GROWN))
    unsaid = taken(world, volume, LATER + b"of which no dock said it")
    taken(world, volume, video(shade=70))
    before = links()
    assert before == {(grown.pk, first.pk), (latest.pk, grown.pk)}
    world.publish_log()
    lose_database()
    outcome = rebuild_from(world)
    assert (outcome.registered, outcome.grown) == (6, 2)
    assert links() == before
    assert not Growth.objects.filter(recording__in=[alike.pk, unsaid.pk]).exists()
    assert notes(Recording.objects.get(pk=grown.pk)) == 4, "two when they came, two now"
    again = rebuild_from(world)
    assert (again.registered, again.grown) == (0, 0)
    assert links() == before


def test_what_can_t_be_read_is_told_and_links_nothing(world: World) -> None:
    volume = approved(world, "blue stick")
    taken(world, volume, FIRST)
    grown = taken(world, volume, GROWN, **continues(FIRST))
    piece = Piece.objects.get(recording_id=grown.pk)
    world.publish_log()
    lose_database()
    world.vault.store.delete(piece.blob)
    outcome = rebuild_from(world)
    assert (outcome.registered, outcome.grown) == (2, 0)
    assert not Growth.objects.exists()
    (told,) = [each for each in outcome.findings if each.code == "rebuild.growth_unread"]
    assert told.about == recording_subject(grown.pk)
