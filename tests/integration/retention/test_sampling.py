"""A month's dip sample: listed before the lots are known, drawn by them, held until looked at."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from tests.custody_log import Log
from tests.retention_world import DAY, HOUR, SETUP, World, acts

from fairwitness.custody import reading
from fairwitness.evidence import access
from fairwitness.evidence.access import Task
from fairwitness.evidence.models import AccessClass, Recording
from fairwitness.force import roles
from fairwitness.force.asking import NotAllowed, Role, TaskKind
from fairwitness.formats import merkle
from fairwitness.retention import drawing, lifting, sampling
from fairwitness.retention.lifting import LiftInvalid
from fairwitness.retention.models import Hold
from fairwitness.retention.samples import Conduct, DipSample, Drawn, Seen
from fairwitness.retention.sampling import Form, FormInvalid

JUNE = datetime(2017, 6, 12, 20, 0, tzinfo=UTC)
JULY = datetime(2017, 7, 1, 1, 0, tzinfo=UTC)
GOOD = Form(Seen.YES, Seen.YES, Seen.NO, Conduct.TALK, "Tell people again when a second unit comes")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log.make(tmp_path / "log")
    yield made
    made.close()


def filmed(world: World, count: int = 9) -> list[Recording]:
    return [world.record(ended_at=JUNE + number * HOUR) for number in range(count)]


def drawn_in(world: World, log: Log, count: int = 9) -> DipSample:
    filmed(world, count)
    assert sampling.list_due(at=JULY) == 1
    log.integrator().step()
    assert sampling.draw_due(files=log.opened[-1].files, at=JULY + HOUR) == 1
    return DipSample.objects.get()


def watched(world: World, drawn: Drawn, at: datetime) -> None:
    access.grant_viewing(
        recording=drawn.recording,
        officer=world.sergeant,
        task=Task(TaskKind.REVIEW, "dip sample"),
        at=at,
    )


def test_the_month_is_listed_then_drawn_from_the_tree_that_ends_with_the_list(
    world: World, log: Log
) -> None:
    recordings = filmed(world)
    assert sampling.month_before(JULY) == date(2017, 6, 1)
    assert sampling.list_due(at=JULY) == 1
    sample = DipSample.objects.get()
    assert sample.population == sorted(str(each.pk) for each in recordings)
    files = log.integrator().files
    assert sampling.draw_due(files=files, at=JULY) == 0, "no tree holds the list yet"
    log.opened[-1].step()
    log.append(count=3)  # what comes afterwards does not change the lots
    log.opened[-1].step()
    assert sampling.draw_due(files=files, at=JULY + HOUR) == 1
    sample.refresh_from_db()
    entry = reading.find(bytes.fromhex(sample.leaf))
    assert entry is not None
    assert entry.index is not None
    assert entry.body is not None
    assert entry.body.detail["sha256"] == drawing.digest(sample.population)
    assert sample.tree_size == entry.index + 1
    tree = files.tree(sample.tree_size)
    assert merkle.root(sample.tree_size, tree.node).hex() == sample.root
    expected = {each for _, each in drawing.lots(sample.root, sample.population)[: sampling.SIZE]}
    assert {str(each.recording_id) for each in sample.drawn.all()} == expected
    assert acts(f"sample:{sample.pk}") == ["sample.listed", "sample.drawn"]


def test_it_is_done_once(world: World, log: Log) -> None:
    drawn_in(world, log)
    assert sampling.list_due(at=JULY + DAY) == 0
    assert sampling.draw_due(files=log.opened[-1].files, at=JULY + DAY) == 0
    assert Drawn.objects.count() == sampling.SIZE


def test_what_a_supervisor_may_not_open_is_not_listed(world: World) -> None:
    plain, closed, locked, nobodys, may, gone = filmed(world, 6)
    change = Recording.objects.filter
    change(pk=closed.pk).update(access_class=AccessClass.RESTRICTED)
    change(pk=locked.pk).update(locked=True)
    change(pk=nobodys.pk).update(wearer=None)
    change(pk=may.pk).update(clock_started_at=datetime(2017, 5, 31, 22, 59, tzinfo=UTC))
    change(pk=gone.pk).update(shown_gone_by=JULY - HOUR, gone_by=None)
    sampling.list_due(at=JULY)
    assert DipSample.objects.get().population == [str(plain.pk)]


def test_what_is_drawn_is_held_and_not_by_anybodys_choice(world: World, log: Log) -> None:
    sample = drawn_in(world, log)
    first = sample.drawn.select_related("recording", "hold").first()
    assert first is not None
    assert first.recording.gone_by is None
    assert first.hold.owner == world.sergeant
    history = reading.history(f"recording:{first.recording_id}")
    bound = next(row for row in history if row.entry.act == "hold.bound")
    assert bound.body is not None
    assert bound.body.actor == "system:dip-sample"
    assert world.opens(first.recording_id, JUNE + 60 * DAY)


def test_what_locks_or_goes_between_list_and_draw_is_passed_over(world: World, log: Log) -> None:
    filmed(world, 3)
    sampling.list_due(at=JULY)
    sample = DipSample.objects.get()
    Recording.objects.filter(pk=sample.population[1]).update(locked=True)
    log.integrator().step()
    sampling.draw_due(files=log.opened[-1].files, at=JULY + HOUR)
    sample.refresh_from_db()
    assert sample.passed_over == [sample.population[1]]
    assert sample.drawn.count() == 2


def test_nothing_is_drawn_while_nobody_could_answer_for_it(world: World, log: Log) -> None:
    filmed(world, 3)
    sampling.list_due(at=JULY)
    log.integrator().step()
    files = log.opened[-1].files
    grants = [*world.sergeant.grants.all(), *world.manager.grants.all()]
    for grant in [*grants, *world.second_manager.grants.all()]:
        if grant.role != Role.OFFICER:
            roles.end(grant=grant, actor=SETUP, at=JULY)
    assert sampling.draw_due(files=files, at=JULY + HOUR) == 0
    roles.grant(
        actor=SETUP, officer=world.detective, role=Role.SUPERVISOR, unit=None, at=JULY + HOUR
    )
    assert sampling.draw_due(files=files, at=JULY + 2 * HOUR) == 1
    assert {hold.owner for hold in Hold.objects.all()} == {world.detective}


def test_the_form_lifts_the_hold_and_is_written_down(world: World, log: Log) -> None:
    sample = drawn_in(world, log)
    one = sample.drawn.select_related("recording__unit", "hold").first()
    assert one is not None
    at = JULY + 2 * DAY
    with pytest.raises(FormInvalid):
        sampling.fill_in(drawn=one, form=GOOD, officer=world.sergeant, at=at)
    watched(world, one, at)
    sampling.fill_in(drawn=one, form=GOOD, officer=world.sergeant, at=at)
    one.refresh_from_db()
    assert (one.to_the_end, one.conduct, one.looked_by) == ("no", "talk", world.sergeant)
    assert one.hold.lifted_at == at
    assert one.recording.gone_by is not None
    assert one.recording.gone_by >= at + 7 * DAY - HOUR, "seven more days"
    assert acts(f"recording:{one.recording_id}").count("recording.reviewed") == 1
    with pytest.raises(FormInvalid, match="before"):
        sampling.fill_in(drawn=one, form=GOOD, officer=world.sergeant, at=at + HOUR)


def test_another_supervisor_may_fill_it_in_but_never_the_wearer(world: World, log: Log) -> None:
    sample = drawn_in(world, log)
    one = sample.drawn.select_related("recording__unit", "hold").first()
    assert one is not None
    roles.grant(
        actor=SETUP, officer=world.ada, role=Role.SUPERVISOR, unit=world.ada.unit, at=JULY + HOUR
    )
    at = JULY + DAY
    for officer in (world.ada, world.dev, world.detective, world.standards):
        with pytest.raises(NotAllowed):
            sampling.fill_in(drawn=one, form=GOOD, officer=officer, at=at)
    access.grant_viewing(
        recording=one.recording,
        officer=world.manager,
        task=Task(TaskKind.REVIEW, "dip sample"),
        at=at,
    )
    sampling.fill_in(drawn=one, form=GOOD, officer=world.manager, at=at)
    assert Drawn.objects.get(pk=one.pk).looked_by == world.manager


def test_nothing_but_the_form_lifts_it(world: World, log: Log) -> None:
    sample = drawn_in(world, log)
    hold = Hold.objects.get(drawn=sample.drawn.first())
    with pytest.raises(LiftInvalid, match="form"):
        lifting.lift(hold=hold, officer=world.sergeant, reason="in the way", at=JULY + DAY)


def test_half_a_form_is_refused_by_the_database(world: World, log: Log) -> None:
    sample = drawn_in(world, log)
    with pytest.raises(IntegrityError), transaction.atomic():
        sample.drawn.update(told="yes")


def test_a_month_ends_at_midnight_in_london() -> None:
    assert sampling.month_before(datetime(2017, 6, 30, 22, 59, tzinfo=UTC)) == date(2017, 5, 1)
    assert sampling.month_before(datetime(2017, 6, 30, 23, 0, tzinfo=UTC)) == date(2017, 6, 1)
    assert sampling.month_before(datetime(2018, 1, 1, tzinfo=UTC)) == date(2017, 12, 1)
    assert timedelta(0) < sampling.LOOK_WITHIN
