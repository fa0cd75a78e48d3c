"""Roles are granted for a time, by somebody else, once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.integration.force.made_up import AT, Force, acts

from fairwitness.force import officers, roles
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.models import RoleGrant
from fairwitness.force.roles import GrantInvalid, NewGrant

LATER = AT + timedelta(days=1)


def test_a_grant_holds_from_its_first_moment_until_its_last(force: Force) -> None:
    granted = roles.grant(
        actor=force.administrator,
        officer=force.ada,
        role=Role.INVESTIGATOR,
        unit=force.lewisham,
        at=AT,
        until=LATER,
    )
    moments = [AT - timedelta(seconds=1), AT, LATER - timedelta(seconds=1), LATER]
    held = [
        (Role.INVESTIGATOR, "LSH") in officers.facts(officer=force.ada, at=moment).by_unit
        for moment in moments
    ]
    assert held == [False, True, True, False]
    assert granted.ends_at == LATER


def test_a_role_already_held_is_not_granted_twice(force: Force) -> None:
    grant = NewGrant(force.ada, Role.SUPERVISOR, force.lambeth)
    first, second = roles.grant_many(actor=force.administrator, grants=[grant, grant], at=AT)
    (third,) = roles.grant_many(actor=force.administrator, grants=[grant], at=LATER)
    assert first.pk == second.pk == third.pk
    assert acts(f"officer:{force.ada.pk}").count("role.granted") == 1


def test_the_database_refuses_a_second_open_grant(force: Force) -> None:
    for unit in (force.lambeth, None):
        row = {"officer": force.dev, "role": Role.AUDITOR, "unit": unit, "begins_at": AT}
        RoleGrant.objects.create(**row)
        with pytest.raises(IntegrityError), transaction.atomic():
            RoleGrant.objects.create(**row)


def test_ending_takes_the_role_away_and_repeats_quietly(force: Force) -> None:
    granted = roles.grant(
        actor=force.administrator, officer=force.ada, role=Role.AUDITOR, unit=None, at=AT
    )
    roles.end(grant=granted, actor=force.administrator, at=LATER, reason="moved on")
    roles.end(grant=granted, actor=force.administrator, at=LATER + timedelta(days=1))
    assert Role.AUDITOR not in officers.facts(officer=force.ada, at=LATER).force_wide
    assert acts(f"officer:{force.ada.pk}").count("role.ended") == 1


def test_nobody_grants_to_oneself(force: Force) -> None:
    with pytest.raises(NotAllowed) as refused:
        roles.grant(
            actor=force.administrator,
            officer=force.administrator,
            role=Role.EVIDENCE_MANAGER,
            unit=None,
            at=AT,
        )
    assert refused.value.stable_code == "permission.oneself"
    assert acts(f"officer:{force.administrator.pk}")[-1] == "access.refused"


def test_one_refused_grant_of_many_stops_all(force: Force) -> None:
    grants = [
        NewGrant(force.ada, Role.AUDITOR),
        NewGrant(force.administrator, Role.EVIDENCE_MANAGER),
    ]
    with pytest.raises(NotAllowed):
        roles.grant_many(actor=force.administrator, grants=grants, at=AT)
    assert not RoleGrant.objects.filter(officer=force.ada, role=Role.AUDITOR).exists()


def test_leavers_and_backward_intervals_are_refused(force: Force) -> None:
    officers.leave(officer=force.dev, actor=force.administrator, at=AT)
    with pytest.raises(GrantInvalid):
        roles.grant(
            actor=force.administrator, officer=force.dev, role=Role.AUDITOR, unit=None, at=AT
        )
    with pytest.raises(GrantInvalid):
        roles.grant(
            actor=force.administrator,
            officer=force.ada,
            role=Role.AUDITOR,
            unit=None,
            at=AT,
            until=AT,
        )
