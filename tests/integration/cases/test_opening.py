"""Cases open, close with a day of review, and open again; each step by who may, and logged."""

from datetime import date
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from tests.retention_world import AT, DAY, SETUP, World, acts

from fairwitness.cases import opening, sight
from fairwitness.cases.models import Case, CaseState
from fairwitness.cases.opening import CaseInvalid
from fairwitness.force import authority, permissions, roles
from fairwitness.force.asking import Action, Allowed, NotAllowed, Role

REVIEW = date(2018, 6, 8)


def _open(world: World, **changes: object) -> Case:
    wanted: dict[str, object] = {
        "reference": "02LX/1/17",
        "title": "Theft",
        "unit": world.camera.unit,
        "officer_in_case": world.detective,
        "review_on": REVIEW,
        "officer": world.detective,
        "at": AT,
    }
    return opening.open_case(**(wanted | changes))  # type: ignore[arg-type] # the test's own mix


def test_opening_a_case_writes_it_and_its_entry(case: Case) -> None:
    assert Case.objects.get(pk=case.pk).state == CaseState.OPEN
    assert acts(f"case:{case.pk}") == ["case.opened"]


def test_a_reference_is_taken_once(world: World, case: Case) -> None:
    with pytest.raises(CaseInvalid) as refused:
        _open(world, reference=case.reference)
    assert refused.value.stable_code == "case.taken"
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"reference": " "}, "case.invalid"),
        ({"reference": "x" * 41}, "case.invalid"),
        ({"title": ""}, "case.invalid"),
        ({"review_on": AT.date()}, "case.review"),
    ],
)
def test_a_case_needs_a_name_and_a_day_of_review(
    world: World, changes: dict[str, object], code: str
) -> None:
    with pytest.raises(CaseInvalid) as refused:
        _open(world, **changes)
    assert refused.value.stable_code == code


def test_who_may_not_open_a_case_is_refused_and_that_is_written_down(world: World) -> None:
    for officer in (world.ada, world.sergeant, world.standards):
        with pytest.raises(NotAllowed):
            _open(world, officer=officer)
    assert acts("force").count("access.refused") == 3
    assert not Case.objects.exists()


def test_a_closed_case_has_an_outcome_and_a_day_of_review(world: World, case: Case) -> None:
    later = AT + DAY
    for outcome, review_on in ((" ", REVIEW), ("convicted", later.date())):
        with pytest.raises(CaseInvalid):
            opening.close_case(
                case=case, outcome=outcome, review_on=review_on, officer=world.detective, at=later
            )
    for _ in range(2):
        opening.close_case(
            case=case, outcome="convicted", review_on=REVIEW, officer=world.detective, at=later
        )
    case.refresh_from_db()
    assert (case.state, case.closed_at, case.outcome) == ("closed", later, "convicted")
    assert acts(f"case:{case.pk}") == ["case.opened", "case.closed"]


def test_a_closed_case_is_reopened_with_a_reason(world: World, case: Case) -> None:
    opening.close_case(
        case=case, outcome="no charge", review_on=REVIEW, officer=world.detective, at=AT
    )
    with pytest.raises(CaseInvalid):
        opening.reopen_case(case=case, reason="", review_on=REVIEW, officer=world.detective, at=AT)
    for _ in range(2):
        opening.reopen_case(
            case=case, reason="new witness", review_on=REVIEW, officer=world.detective, at=AT
        )
    case.refresh_from_db()
    assert (case.state, case.closed_at) == ("open", None)
    assert acts(f"case:{case.pk}")[-1] == "case.reopened"


def test_whoever_comes_second_changes_nothing_and_writes_nothing(world: World, case: Case) -> None:
    late = Case.objects.get(pk=case.pk)
    close = partial(opening.close_case, review_on=REVIEW, officer=world.detective, at=AT)
    reopen = partial(opening.reopen_case, review_on=REVIEW, officer=world.detective, at=AT)
    close(case=case, outcome="no charge")
    told = close(case=late, outcome="convicted")
    assert (told.state, told.outcome) == ("closed", "no charge")
    late = Case.objects.get(pk=case.pk)
    reopen(case=case, reason="new witness")
    assert reopen(case=late, reason="an appeal").state == "open"
    assert acts(f"case:{case.pk}") == ["case.opened", "case.closed", "case.reopened"]


def test_who_may_not_close_a_case_is_refused(world: World, case: Case) -> None:
    with pytest.raises(NotAllowed):
        opening.close_case(
            case=case, outcome="done", review_on=REVIEW, officer=world.sergeant, at=AT
        )
    assert acts(f"case:{case.pk}")[-1] == "access.refused"


def test_the_database_refuses_a_closed_case_without_its_time(case: Case) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state="closed")


def test_the_list_of_cases_holds_what_each_may_see(world: World, case: Case) -> None:
    """Also for who is of oversight for one unit, and of the force for another."""
    lambeth, lewisham = world.ada.unit, world.manager.unit
    Case.objects.create(
        reference="IND/1",
        title="An inquiry",
        unit=lambeth,
        officer_in_case=world.investigator,
        review_on=REVIEW,
        oversight=True,
        opened_at=AT,
    )
    Case.objects.create(
        reference="IND/2",
        title="Another",
        unit=world.second_manager.unit,
        officer_in_case=world.investigator,
        review_on=REVIEW,
        oversight=True,
        opened_at=AT,
    )
    assert lambeth == lewisham != world.second_manager.unit
    both = world.dev
    for role, unit in (
        (Role.INDEPENDENT_INVESTIGATOR, lambeth),
        (Role.EVIDENCE_MANAGER, world.second_manager.unit),
    ):
        roles.grant(actor=SETUP, officer=both, role=role, unit=unit, at=AT)
    seen = {}
    for who in (both, world.ada, world.detective, world.manager, world.investigator):
        facts = authority.facts(officer=who, at=AT)
        allowed = {
            each.reference
            for each in Case.objects.select_related("unit")
            if isinstance(
                permissions.may(facts, Action.SEE_CASE, opening.subject_of(each)), Allowed
            )
        }
        listed = Case.objects.filter(sight.within(facts)).values_list("reference", flat=True)
        assert set(listed) == allowed, who
        seen[who.pk] = allowed
    assert seen[both.pk] == {case.reference, "IND/1"}
    assert seen[world.manager.pk] == {case.reference}
