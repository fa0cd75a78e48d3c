"""Asking permission: refusals outlive the act that was refused, and pages may ask quietly."""

import pytest
from django.db import transaction
from tests.integration.force.made_up import AT, SETUP, Force, acts, few_queries

from fairwitness.custody import reading
from fairwitness.custody.ledger import TransactionOpen
from fairwitness.force import authority
from fairwitness.force.asking import Action, Allowed, NotAllowed, Refused, Role, Subject


def test_a_refusal_says_what_was_asked_and_by_whom(force: Force) -> None:
    with pytest.raises(NotAllowed) as refused:
        authority.demand(
            actor=force.ada, action=Action.READ_LOG, subject=Subject(), about="log", at=AT
        )
    assert refused.value.stable_code == "permission.role"
    body = reading.history("log")[-1].body
    assert body is not None
    assert body.actor == f"officer:{force.ada.pk}"
    assert body.detail == {"action": "read_log", "code": "permission.role"}
    assert body.reason == refused.value.message


def test_pages_ask_quietly(force: Force) -> None:
    subject = Subject(unit="LAM")
    mine = authority.ask(actor=force.sergeant, action=Action.SEE_UNASSIGNED, subject=subject, at=AT)
    assert mine == Allowed(Role.SUPERVISOR.value)
    theirs = authority.ask(actor=force.ada, action=Action.SEE_UNASSIGNED, subject=subject, at=AT)
    assert isinstance(theirs, Refused)
    assert isinstance(
        authority.ask(actor=SETUP, action=Action.GRANT_ROLE, subject=subject, at=AT), Allowed
    )
    assert acts("force") == []


def test_asking_inside_a_transaction_would_lose_the_refusal_and_fails(force: Force) -> None:
    with pytest.raises(TransactionOpen), transaction.atomic():
        authority.demand(
            actor=force.ada, action=Action.READ_LOG, subject=Subject(), about="log", at=AT
        )


def test_the_facts_of_many_take_one_query(force: Force) -> None:
    with few_queries(1):
        found = authority.facts_of_many(officers=[force.ada, force.dev, force.manager], at=AT)
    assert found[force.ada.pk].by_unit == {(Role.OFFICER, "LAM")}
    assert found[force.manager.pk].force_wide == {Role.EVIDENCE_MANAGER}
