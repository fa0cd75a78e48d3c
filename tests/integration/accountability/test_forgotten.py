"""What no rebuild brings back is named, so that people do it again before anything is deleted."""

from datetime import timedelta

from tests.accountability_world import inspect, lose_database, rebuild_from
from tests.ingest_world import World, video

from fairwitness.custody import gaps
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Officer
from fairwitness.retention import early_deletion, event_desk
from fairwitness.retention.event_rows import EventMatch

HEAD = (
    "event id,record type,officer badge id,officer dispatched datetime,"
    "officer cleared datetime,incident number,call type\n"
)
MINUTE = timedelta(minutes=1)


def told(world: World) -> list[tuple[str, str]]:
    codes = {"early_deletion.forgotten", "event.forgotten"}
    return sorted((one.code, one.about) for one in inspect(world).findings if one.code in codes)


def test_asked_for_early_deletions_and_silent_records_are_named_after_the_loss(
    world: World,
) -> None:
    recordings = [world.receive(video(shade=20 * n), counter=n) for n in range(1, 4)]
    first, refused, complained = recordings
    wearer = first.wearer
    assert wearer is not None
    for row in (first, refused):
        early_deletion.ask(
            recording=row.pk, for_person=False, reason="a mistake", officer=wearer, at=world.at
        )
    early_deletion.decide(
        asked=refused.early_deletions.get(),
        agreed=False,
        reason="somebody needs it",
        officer=world.force.manager,
        at=world.at,
    )
    began, ended = complained.started_at, complained.ended_at
    assert began
    assert ended
    line = f"C/1,complaint,{wearer.collar_number},{began.isoformat()},{ended.isoformat()},,\n"
    event_desk.bring_in(
        data=(HEAD + line).encode(), name="c.csv", actor=world.force.manager, at=world.at
    )
    matched = EventMatch.objects.filter(recording=complained).get()
    assert told(world) == []
    lose_database()
    rebuild_from(world)
    assert Recording.objects.count() == 3
    assert gaps.open_gap() is not None
    assert told(world) == [
        ("early_deletion.forgotten", f"recording:{first.pk}"),
        ("event.forgotten", f"event:{matched.event_id}"),
    ]
    again = Officer.objects.get(collar_number=wearer.collar_number)
    Officer.objects.filter(pk=again.pk).update(active=True, left_at=None)
    again.refresh_from_db()
    early_deletion.ask(
        recording=first.pk, for_person=False, reason="a mistake", officer=again, at=world.at
    )
    assert [code for code, _ in told(world)] == ["event.forgotten"]
