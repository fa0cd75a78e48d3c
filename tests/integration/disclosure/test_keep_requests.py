"""People who were filmed ask to keep footage: it is kept, and nothing tells if there is any."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.retention_world import DAY, HOUR, SETUP, World, acts, fresh

from fairwitness.accountability import figures
from fairwitness.custody import ledger
from fairwitness.disclosure import asking_limits, keep_requests
from fairwitness.disclosure.asking_limits import TooMany
from fairwitness.disclosure.keep_requests import Asked, RequestInvalid
from fairwitness.disclosure.models import AskingCount, KeepRequest, RequestState
from fairwitness.evidence.models import State
from fairwitness.force import public_codes, units
from fairwitness.force.asking import NotAllowed
from fairwitness.force.models import OfficerCard, UnitKind
from fairwitness.force.public_codes import CodeInvalid
from fairwitness.force.units import NewUnit
from fairwitness.formats.acts import Act
from fairwitness.retention import freezing, lifting, reviews
from fairwitness.retention.models import Hold, HoldBinding

AT = datetime(2017, 6, 8, 22, 13, tzinfo=UTC)
LOCAL = datetime(2017, 6, 8, 23, 13)  # noqa: DTZ001 - a London clock's, as people read it
NOW = AT + 9 * HOUR


@pytest.fixture
def world(db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asks for the database
    return World.make(tmp_path)


@pytest.fixture
def settled(transactional_db: None, tmp_path: Path) -> World:  # noqa: ARG001 - asks for the database
    return World.make(tmp_path)


def asked(**change: object) -> Asked:
    plain = Asked(form_key=uuid.uuid4(), moment=LOCAL, within=timedelta(minutes=30), number="614LX")
    return replace(plain, **change)  # type: ignore[arg-type] # fields by name, of a table


def ask(at: datetime = NOW, address: str = "a", **change: object) -> KeepRequest:
    given = keep_requests.ask(asked=asked(**change), address=address, at=at)
    return KeepRequest.objects.get(code=given.code.replace("-", ""))


def bound(request: KeepRequest) -> set[uuid.UUID]:
    rows = HoldBinding.objects.filter(hold__in=request.holds.all())
    return set(rows.values_list("recording_id", flat=True))


def test_what_matches_is_kept_until_it_lapses_and_then_has_seven_days(world: World) -> None:
    mine = world.record(ended_at=AT)
    other = world.record(ended_at=AT + 5 * HOUR)
    request = ask()
    assert keep_requests.bind_due(at=NOW) == 1
    assert bound(request) == {mine.pk}
    world.live_through(AT + DAY, AT + 40 * DAY)
    kept, gone = fresh([mine, other])
    assert (kept.state, gone.state) == (State.LIVE, State.DISPOSED)
    assert world.opens(mine, AT + 40 * DAY)
    keep_requests.tidy(at=NOW + keep_requests.LASTS - DAY)
    assert Hold.objects.filter(lifted_at__isnull=True).count() == 1
    lapsed = NOW + keep_requests.LASTS + timedelta(hours=1)
    keep_requests.tidy(at=lapsed)
    (hold,) = request.holds.all()
    assert (hold.lifted_by, hold.lifted_at) == (None, lapsed)
    assert acts(f"hold:{hold.pk}") == ["hold.placed", "hold.bound", "hold.lifted"]
    (left,) = fresh([mine])
    assert left.gone_by is not None
    assert left.gone_by >= lapsed + 7 * DAY


def test_the_freeze_holds_before_any_sweeper_has_run(world: World) -> None:
    """Whoever is about to dispose asks the standing holds first."""
    mine = world.record(ended_at=AT)
    due = fresh([mine])[0].gone_by
    assert due is not None
    request = ask(at=due - HOUR)
    world.list_at(due - 3 * DAY)
    world.live_through(due - 3 * DAY, due + 3 * DAY, HOUR * 6)
    assert fresh([mine])[0].state == State.LIVE
    assert bound(request) == {mine.pk}


def test_it_binds_what_is_docked_later(world: World) -> None:
    request = ask()
    keep_requests.bind_due(at=NOW)
    late = world.record(ended_at=AT, docked_at=NOW + DAY)
    assert bound(request) == {late.pk}


def test_a_place_binds_the_boroughs_and_every_specialist_teams(world: World) -> None:
    units.register(actor=SETUP, unit=NewUnit("TSG", "Support", UnitKind.COMMAND), at=AT)
    request = ask(number="", unit="LAM")
    (hold,) = request.holds.all()
    assert hold.criteria["units"] == ["LAM", "TSG"]
    assert ask(number="", unit="LSH").holds.count() == 1
    both = ask(number="614LX", unit="LSH")
    world.record(ended_at=AT)
    assert both.holds.count() == 2, "a number that was misread leaves the place"


def test_a_card_names_its_officer(world: World) -> None:
    card = OfficerCard.objects.create(officer=world.ada, code=public_codes.make(8), made_at=AT)
    request = ask(number="", card=public_codes.spaced(card.code))
    assert request.officer == world.ada


def test_answer_work_and_traces_are_the_same_whatever_there_is(world: World) -> None:
    """The same queries in the same number, whether it matches, matches nothing or is nobody's."""
    world.record(ended_at=AT)
    ask(address="first of the day")
    shapes = []
    wants: list[dict[str, object]] = [
        {"number": "614LX"},
        {"number": "702LX"},
        {"number": "99999ZZ"},
        {"number": "", "card": public_codes.make(8)},
    ]
    for number, want in enumerate(wants):
        with CaptureQueriesContext(connection) as seen:
            given = keep_requests.ask(asked=asked(**want), address=f"{number}", at=NOW)
        shapes.append([each["sql"].split(" ")[0] for each in seen.captured_queries])
        assert given.lapses_on == keep_requests.lapses_on(NOW)
        assert not HoldBinding.objects.exists(), "no recording is looked at"
    assert shapes[1:] == shapes[:-1]


def test_neither_the_wearer_nor_the_figures_tell(world: World) -> None:
    mine = world.record(ended_at=AT)
    before = figures.count(at=NOW)
    ask()
    keep_requests.bind_due(at=NOW)
    assert figures.count(at=NOW).total.kept == before.total.kept
    assert "hold.bound" not in acts(f"recording:{mine.pk}")
    (seen,) = fresh([mine])
    assert seen.shown_gone_by is not None
    assert seen.gone_by is None


def test_the_log_holds_the_code_and_not_who_asked(world: World) -> None:
    request = ask(words="outside the library", contact="kim@example.org", number="614LX")
    assert acts(f"request:{request.pk}") == ["request.received"]
    everything = " ".join(str(row) for row in ledger.search(limit=1000))
    assert request.code in everything
    assert "kim@" not in everything
    assert "library" not in everything
    assert world.ada.collar_number not in " ".join(
        str(row) for row in ledger.search(subject=f"request:{request.pk}", limit=10)
    )


def test_the_same_form_sent_twice_is_one_request(world: World) -> None:  # noqa: ARG001 - the force
    once = asked()
    given = [keep_requests.ask(asked=once, address="a", at=NOW) for _ in range(3)]
    assert given[0] == given[1] == given[2]
    assert KeepRequest.objects.count() == 1
    assert AskingCount.objects.get(who="a").number == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"moment": LOCAL + timedelta(days=1)}, "time"),
        ({"moment": datetime(9999, 12, 31, 23, 59)}, "time"),  # noqa: DTZ001 - as typed
        ({"moment": LOCAL - timedelta(days=63)}, "day"),
        ({"moment": datetime(1, 1, 1)}, "day"),  # noqa: DTZ001 - as typed
        ({"within": timedelta(hours=7)}, "within"),
        ({"within": timedelta(0)}, "within"),
        ({"within": timedelta(hours=2), "unit": "LAM"}, "within"),
        ({"number": ""}, "unit"),
        ({"number": "", "unit": "ATLANTIS"}, "unit"),
        ({"number": "PC Smith"}, "number"),
        ({"number": "1" * 17}, "number"),
        ({"number": "٣٤"}, "number"),
        ({"words": "x" * 1001}, "words"),
        ({"contact": "x" * 201}, "contact"),
    ],
)
def test_what_is_nonsense_too_wide_or_to_come_changes_nothing(
    world: World,  # noqa: ARG001 - the force
    change: dict[str, object],
    field: str,
) -> None:
    with pytest.raises(RequestInvalid) as refusal:
        keep_requests.ask(asked=asked(**change), address="a", at=NOW)
    assert refusal.value.field == field
    assert not Hold.objects.exists()
    assert not KeepRequest.objects.exists()
    assert not AskingCount.objects.exists()


def test_a_slip_in_the_card_is_told_before_anything_is_asked(world: World) -> None:  # noqa: ARG001 - the force
    with pytest.raises(CodeInvalid), CaptureQueriesContext(connection) as seen:
        ask(card="K7P4-9XWX")
    assert len(seen) == 0


def test_an_hour_that_the_clocks_strike_twice_counts_as_both(world: World) -> None:  # noqa: ARG001 - the force
    twice = datetime(2017, 10, 29, 1, 30)  # noqa: DTZ001 - the night on which summer time ends
    request = ask(at=datetime(2017, 10, 30, tzinfo=UTC), moment=twice)
    assert request.begins_at == datetime(2017, 10, 29, 0, 0, tzinfo=UTC)
    assert request.ends_at == datetime(2017, 10, 29, 2, 0, tzinfo=UTC)


def test_one_address_is_stopped_for_the_hour_and_no_other(world: World) -> None:  # noqa: ARG001 - the force
    for _ in range(asking_limits.FROM_ONE_ADDRESS):
        ask()
    for _ in range(3):
        with pytest.raises(TooMany):
            ask()
    assert KeepRequest.objects.count() == asking_limits.FROM_ONE_ADDRESS
    assert acts("requests") == ["request.refused"], "written down once, not for each try"
    ask(address="another")
    ask(at=NOW + HOUR)


def test_all_together_are_stopped_for_the_hour_and_for_the_day(world: World) -> None:  # noqa: ARG001 - the force
    AskingCount.objects.create(
        who=f"{asking_limits.EVERYONE}, by the hour",
        since=NOW.replace(minute=0),
        number=asking_limits.FROM_EVERYONE,
    )
    with pytest.raises(TooMany):
        ask()
    ask(at=NOW + HOUR)
    AskingCount.objects.filter(who=asking_limits.EVERYONE).update(
        number=asking_limits.FROM_EVERYONE_A_DAY
    )
    with pytest.raises(TooMany):
        ask(at=NOW + HOUR)
    ask(at=NOW + DAY)
    keep_requests.tidy(at=NOW + 4 * DAY)
    assert not AskingCount.objects.exists()


def test_several_processes_agree_on_the_limit(settled: World) -> None:  # noqa: ARG001 - the force
    together, taken, refused = Barrier(9), [], []

    def one() -> None:
        together.wait()
        try:
            taken.append(ask().code)
        except TooMany:
            refused.append(1)
        finally:
            connection.close()

    threads = [Thread(target=one) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(refused)) == (asking_limits.FROM_ONE_ADDRESS, 4)
    assert KeepRequest.objects.count() == asking_limits.FROM_ONE_ADDRESS
    assert acts("requests") == ["request.refused"]


def test_the_desk_answers_once_and_the_holds_stand(world: World) -> None:
    request = ask()
    for outcome in (RequestState.OPEN, RequestState.ANSWERED):
        with pytest.raises(RequestInvalid):
            keep_requests.close(
                request=request, outcome=outcome, answer=" ", officer=world.manager, at=NOW
            )
    with pytest.raises(NotAllowed):
        keep_requests.close(
            request=request, outcome=RequestState.REFUSED, answer="no", officer=world.dev, at=NOW
        )
    keep_requests.close(
        request=request,
        outcome=RequestState.ANSWERED,
        answer="a copy is being made",
        officer=world.manager,
        at=NOW,
    )
    with pytest.raises(RequestInvalid):
        keep_requests.close(
            request=request, outcome=RequestState.REFUSED, answer="x", officer=world.manager, at=NOW
        )
    written = acts(f"request:{request.pk}")
    assert written == ["request.received", "access.refused", "request.answered"]
    assert Hold.objects.filter(lifted_at__isnull=True).count() == 1


def test_whom_it_is_about_never_answers_it(world: World) -> None:
    request = ask(number="4101")
    assert request.officer == world.manager
    with pytest.raises(NotAllowed):
        keep_requests.close(
            request=request,
            outcome=RequestState.REFUSED,
            answer="no",
            officer=world.manager,
            at=NOW,
        )


def test_one_person_extends_it_and_two_lift_it(world: World) -> None:
    request = ask()
    (hold,) = request.holds.all()
    reviews.keep_hold(
        hold=hold,
        look_again_on=(NOW + 200 * DAY).date(),
        reason="the copy is being made",
        officer=world.manager,
        at=NOW,
    )
    assert freezing.lapse_due(today=(NOW + 100 * DAY).date(), at=NOW + 100 * DAY) == 0
    first = lifting.lift(hold=hold, officer=world.manager, reason="taken back", at=NOW)
    hold.refresh_from_db()
    assert not first.lifted
    with pytest.raises(NotAllowed):
        lifting.lift(hold=hold, officer=world.manager, reason="taken back", at=NOW)
    assert lifting.lift(hold=hold, officer=world.second_manager, reason="taken back", at=NOW).lifted
    assert Act.HOLD_LIFTED.value in acts(f"hold:{hold.pk}")


def test_who_asked_is_forgotten_when_nobody_needs_to_know(world: World) -> None:
    kept = ask(contact="kim@example.org", words="the tall one")
    (hold,) = kept.holds.all()
    reviews.keep_hold(
        hold=hold,
        look_again_on=(NOW + 200 * DAY).date(),
        reason="the copy is being made",
        officer=world.manager,
        at=NOW,
    )
    lapsing = ask(address="b", contact="lee@example.org", words="the short one")
    keep_requests.tidy(at=NOW + 120 * DAY)
    kept.refresh_from_db()
    lapsing.refresh_from_db()
    assert (kept.contact, lapsing.contact, lapsing.words) == ("kim@example.org", "", "")
    assert lapsing.emptied_at == NOW + 120 * DAY
