"""Who watches the force: an administrator alone gives nobody these roles, not even a program."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.integration.force.made_up import AT, SETUP, Force, acts, make_force

from fairwitness.custody import ledger
from fairwitness.force import codes, officers, roles, service_binding, tokens, watching
from fairwitness.force.account_rows import CodePurpose
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer
from fairwitness.force.roles import NewGrant
from fairwitness.force.token_rows import Scope
from fairwitness.force.watching import Choice

WATCHERS = sorted(watching.AGREES)
DAY = timedelta(days=1)
Way = Callable[[Officer | None], object]
PHRASE = "correct horse battery staple"
pytestmark = pytest.mark.django_db


@pytest.fixture
def force() -> Force:
    return make_force()


def holder(role: Role, number: str = "7001", unit: str | None = None) -> Officer:
    """Somebody who watches, named when the force was set up."""
    held = (role,) if unit else ()
    wide = () if unit else (role,)
    new = NewOfficer(number, "Pia Long", "PL", unit or "LAM", "", held, wide)
    return officers.register_officer(actor=SETUP, officer=new, at=AT)


def newcomer(role: Role, number: str = "7009", *, wide: bool = True) -> NewOfficer:
    held = () if wide else (role,)
    return NewOfficer(number, "Nat Orr", "NO", "LAM", "", held, (role,) if wide else ())


def last(subject: str) -> ledger.HistoryRow:
    return ledger.history(subject)[-1]


@pytest.mark.parametrize("role", WATCHERS)
@pytest.mark.parametrize("wide", [True, False])
def test_an_administrator_alone_registers_nobody_who_watches(
    force: Force, role: Role, *, wide: bool
) -> None:
    before = Officer.objects.count()
    with pytest.raises(NotAllowed) as refused:
        officers.register_officer(
            actor=force.administrator, officer=newcomer(role, wide=wide), at=AT
        )
    assert refused.value.stable_code == "permission.watchers"
    assert Officer.objects.count() == before
    assert acts("force")[-1] == "access.refused"


@pytest.mark.parametrize("role", WATCHERS)
def test_an_administrator_alone_grants_no_role_that_watches(force: Force, role: Role) -> None:
    with pytest.raises(NotAllowed) as refused:
        roles.grant(actor=force.administrator, officer=force.ada, role=role, unit=None, at=AT)
    assert refused.value.stable_code == "permission.watchers"
    assert acts(f"officer:{force.ada.pk}")[-1] == "access.refused"
    grants = [NewGrant(force.dev, Role.SUPERVISOR), NewGrant(force.dev, role, force.lambeth)]
    with pytest.raises(NotAllowed):
        roles.grant_many(actor=force.administrator, grants=grants, at=AT)
    assert not officers.facts(officer=force.dev, at=AT).force_wide


@pytest.mark.parametrize("role", WATCHERS)
def test_an_administrator_alone_registers_no_program_that_watches(force: Force, role: Role) -> None:
    with pytest.raises(NotAllowed) as refused:
        tokens.register_machine(
            new=newcomer(role, "CRIS"), purpose="reads", actor=force.administrator, at=AT
        )
    assert refused.value.stable_code == "permission.watchers"
    assert not Officer.objects.filter(collar_number="CRIS").exists()
    made = tokens.register_machine(
        new=newcomer(role, "CRIS"),
        purpose="reads",
        actor=force.administrator,
        at=AT,
        agreed=holder(role),
    )
    assert officers.facts(officer=made, at=AT).force_wide == {role}


def test_who_may_not_register_is_refused_a_program_too_and_that_is_written_down(
    force: Force,
) -> None:
    with pytest.raises(NotAllowed):
        tokens.register_machine(
            new=newcomer(Role.SUPERVISOR, "CRIS"), purpose="reads", actor=force.manager, at=AT
        )
    assert acts("force")[-1] == "access.refused"


@pytest.mark.parametrize("role", WATCHERS)
def test_with_somebody_who_watches_it_is_done_and_the_entry_names_both(
    force: Force, role: Role
) -> None:
    agreed = holder(role)
    made = officers.register_officer(
        actor=force.administrator, officer=newcomer(role), at=AT, agreed=agreed
    )
    entry = last(f"officer:{made.pk}")
    assert entry.body is not None
    assert entry.body.actor == f"officer:{force.administrator.pk}"
    assert entry.body.detail["agreed_by"] == f"officer:{agreed.pk}"
    roles.grant(
        actor=force.administrator, officer=force.ada, role=role, unit=None, at=AT, agreed=agreed
    )
    entry = last(f"officer:{force.ada.pk}")
    assert entry.body is not None
    assert entry.body.detail["agreed_by"] == f"officer:{agreed.pk}"


def _other(role: Role) -> Role:
    return next(each for each in watching.AGREES if each != role)


@pytest.mark.parametrize("role", WATCHERS)
def test_nobody_else_can_agree(force: Force, role: Role) -> None:
    elsewhere = holder(role, "7002", unit="LSH")
    left = holder(role, "7003")
    officers.leave(officer=left, actor=SETUP, at=AT)
    ended = holder(role, "7004")
    for grant in ended.grants.all():
        roles.end(grant=grant, actor=SETUP, at=AT + DAY)
    program = tokens.register_machine(
        new=newcomer(role, "CRIS"), purpose="reads", actor=SETUP, at=AT
    )
    for who in (
        force.manager,
        force.administrator,
        holder(_other(role), "7005"),
        elsewhere,
        Officer.objects.get(pk=left.pk),
        ended,
        program,
    ):
        with pytest.raises(NotAllowed):
            officers.register_officer(
                actor=force.administrator, officer=newcomer(role), at=AT + 2 * DAY, agreed=who
            )
    assert not Officer.objects.filter(collar_number="7009").exists()


def test_nobody_agrees_to_a_role_of_their_own(force: Force) -> None:
    here = holder(Role.PROFESSIONAL_STANDARDS)
    with pytest.raises(NotAllowed, match="for yourself"):
        roles.grant(
            actor=force.administrator,
            officer=here,
            role=Role.PROFESSIONAL_STANDARDS,
            unit=force.lewisham,
            at=AT,
            agreed=here,
        )
    roles.grant(actor=SETUP, officer=here, role=Role.ADMINISTRATOR, unit=None, at=AT)
    with pytest.raises(NotAllowed, match="somebody else"):
        roles.grant(
            actor=here,
            officer=force.dev,
            role=Role.PROFESSIONAL_STANDARDS,
            unit=None,
            at=AT,
            agreed=here,
        )


@pytest.mark.parametrize("role", WATCHERS)
def test_the_operator_names_the_first_and_nobody_after(force: Force, role: Role) -> None:
    operator = System("operator")
    choice = [Choice(role, None)]
    program = newcomer(role, "CRIS")
    tokens.register_machine(new=program, purpose="reads", actor=SETUP, at=AT)
    watching.demand_first(actor=operator, agreed=None, choices=choice, at=AT)  # it is no person
    holder(role, "7002", unit="LSH")
    watching.demand_first(actor=operator, agreed=None, choices=choice, at=AT)
    there = [Choice(role, "LSH")]
    with pytest.raises(NotAllowed):
        watching.demand_first(actor=operator, agreed=None, choices=there, at=AT)
    first = holder(role)
    with pytest.raises(NotAllowed):
        watching.demand_first(actor=operator, agreed=None, choices=choice, at=AT)
    assert acts("force")[-1] == "access.refused"
    watching.demand_first(actor=operator, agreed=first, choices=choice, at=AT)
    assert force.ada.active


@pytest.mark.parametrize("role", WATCHERS)
def test_an_administrator_alone_lets_nobody_in_by_an_account_that_watches(
    force: Force, role: Role
) -> None:
    """Or they could come in as it themselves; with another who watches it is done."""
    watcher, other = holder(role), holder(role, "7002")
    ways: list[Way] = [
        lambda agreed: officers.set_password(
            officer=watcher, password=PHRASE, actor=force.administrator, at=AT, agreed=agreed
        ),
        lambda agreed: codes.make(
            officer=watcher,
            purpose=CodePurpose.JOIN,
            actor=force.administrator,
            at=AT,
            agreed=agreed,
        ),
        lambda agreed: service_binding.bind(
            officer=watcher, subject="a-17", actor=force.administrator, at=AT, agreed=agreed
        ),
    ]
    for way in ways:
        for nobody in (None, watcher, force.administrator, force.manager):
            with pytest.raises(NotAllowed):
                way(nobody)
        assert acts(f"officer:{watcher.pk}")[-1] == "access.refused"
        way(other)
        entry = last(f"officer:{watcher.pk}")
        assert entry.body is not None
        assert entry.entry.act == "officer.credential_changed"
        assert entry.body.detail["agreed_by"] == f"officer:{other.pk}"


@pytest.mark.parametrize("role", WATCHERS)
def test_a_manager_alone_makes_no_token_for_a_program_that_watches(
    force: Force, role: Role
) -> None:
    watcher = holder(role)
    program = tokens.register_machine(
        new=newcomer(role, "CRIS"),
        purpose="reads",
        actor=force.administrator,
        at=AT,
        agreed=watcher,
    )
    asked = {
        "officer": program,
        "name": "CRIS",
        "scopes": [Scope.HOLDS_READ],
        "expires_at": AT + 30 * DAY,
        "actor": force.manager,
        "at": AT,
    }
    with pytest.raises(NotAllowed) as refused:
        tokens.make(**asked)  # type: ignore[arg-type] # the test's own mix
    assert refused.value.stable_code == "permission.watchers"
    tokens.make(**asked, agreed=watcher)  # type: ignore[arg-type] # likewise


def test_the_operator_alone_helps_the_only_one_who_watches(force: Force) -> None:  # noqa: ARG001 - there is a force
    role = Role.INDEPENDENT_INVESTIGATOR
    first = holder(role)
    operator = System("operator")
    choices = watching.of_account(first, AT)
    assert choices == [Choice(role, None, first.pk)]
    watching.demand_first(actor=operator, agreed=None, choices=choices, at=AT)
    holder(role, "7002")
    with pytest.raises(NotAllowed):
        watching.demand_first(actor=operator, agreed=None, choices=choices, at=AT)
