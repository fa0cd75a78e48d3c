"""People join, change, move and leave; each act is in the log, each refusal too."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from tests.integration.force.made_up import AT, SETUP, Force, acts, few_queries, last_actor

from fairwitness.force import issue, officers, roles
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.models import Issue, Officer, RoleGrant
from fairwitness.force.officers import NewOfficer, OfficerInvalid

PHRASE = "long enough, dear"
NEW = NewOfficer("901LX", "Zoe Quinn", "ZQ", "LAM", "PC")


def test_joining_gives_an_account_a_role_and_an_entry(force: Force) -> None:
    officer = officers.register_officer(actor=force.administrator, officer=NEW, at=AT)
    facts = officers.facts(officer=officer, at=AT)
    assert facts.by_unit == {(Role.OFFICER, "LAM")}
    assert acts(f"officer:{officer.pk}") == ["officer.registered"]
    assert last_actor(f"officer:{officer.pk}") == f"officer:{force.administrator.pk}"
    assert not officer.has_usable_password()


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        (replace(NEW, collar_number="614LX"), "officer.taken"),
        (replace(NEW, collar_number="901 lx"), "officer.invalid"),
        (replace(NEW, name=" "), "officer.invalid"),
        (replace(NEW, initials="Z"), "officer.invalid"),
        (replace(NEW, unit="ZZZ"), "unit.unknown"),
    ],
)
def test_one_wrong_officer_of_many_stops_all(force: Force, wrong: NewOfficer, code: str) -> None:
    fine = replace(NEW, collar_number="902LX")
    with pytest.raises(Exception, match=r".") as refused:
        officers.register_officers_many(actor=force.administrator, officers=[fine, wrong], at=AT)
    assert getattr(refused.value, "stable_code", "") == code
    assert not Officer.objects.filter(collar_number="902LX").exists()


@pytest.mark.usefixtures("force")
def test_a_list_may_not_name_one_number_twice() -> None:
    with pytest.raises(OfficerInvalid):
        officers.register_officers_many(actor=SETUP, officers=[NEW, NEW], at=AT)


def test_who_may_not_register_is_refused_and_that_is_written_down(force: Force) -> None:
    with pytest.raises(NotAllowed):
        officers.register_officer(actor=force.sergeant, officer=NEW, at=AT)
    assert acts("force")[-1] == "access.refused"
    assert last_actor("force") == f"officer:{force.sergeant.pk}"


@pytest.mark.usefixtures("force")
def test_force_wide_roles_need_leave_to_grant_them() -> None:
    local = officers.register_officer(
        actor=SETUP, officer=replace(NEW, roles=(Role.ADMINISTRATOR,)), at=AT
    )
    wide = replace(NEW, collar_number="903LX", force_wide=(Role.AUDITOR,))
    with pytest.raises(NotAllowed):
        officers.register_officer(actor=local, officer=wide, at=AT)
    assert not Officer.objects.filter(collar_number="903LX").exists()


def test_names_are_corrected_and_nothing_to_correct_is_said(force: Force) -> None:
    admin = force.administrator
    officers.change_officer(officer=force.ada, actor=admin, at=AT, rank="Sgt", initials="ABW")
    force.ada.refresh_from_db()
    assert (force.ada.title, force.ada.initials) == ("Sgt Ada Whitlock", "ABW")
    with pytest.raises(OfficerInvalid, match="Nothing to change"):
        officers.change_officer(officer=force.ada, actor=admin, at=AT, rank="Sgt")
    with pytest.raises(OfficerInvalid):
        officers.change_officer(officer=force.ada, actor=admin, at=AT, initials="abw")


def test_moving_ends_the_roles_of_the_old_unit_only(force: Force) -> None:
    admin = force.administrator
    roles.grant(actor=admin, officer=force.ada, role=Role.SUPERVISOR, unit=force.lambeth, at=AT)
    roles.grant(actor=admin, officer=force.ada, role=Role.INVESTIGATOR, unit=None, at=AT)
    later = AT + timedelta(days=1)
    officers.move_officer(officer=force.ada, unit=force.lewisham, actor=admin, at=later)
    facts = officers.facts(officer=force.ada, at=later)
    assert facts.by_unit == {(Role.OFFICER, "LSH")}
    assert facts.force_wide == {Role.INVESTIGATOR}
    before = officers.facts(officer=force.ada, at=AT + timedelta(hours=1))
    assert before.by_unit == {(Role.OFFICER, "LAM"), (Role.SUPERVISOR, "LAM")}
    with pytest.raises(OfficerInvalid):
        officers.move_officer(officer=force.ada, unit=force.lewisham, actor=admin, at=later)


def test_a_leaver_has_no_account_no_role_and_no_camera(force: Force) -> None:
    camera = force.camera("00001")
    planned = force.camera("00002")
    later = AT + timedelta(days=1)
    for each, begins_at in ((camera, AT), (planned, AT + timedelta(days=2))):
        issue.issue_camera(
            camera=each, officer=force.ada, actor=force.manager, at=AT, begins_at=begins_at
        )
    officers.set_password(officer=force.ada, password=PHRASE, actor=SETUP, at=AT)
    officers.leave(officer=force.ada, actor=force.administrator, at=later, reason="retired")
    assert authenticate(username="614LX", password=PHRASE) is None
    facts = officers.facts(officer=force.ada, at=later)
    assert not facts.active
    assert not facts.by_unit
    assert issue.wearer_at(camera=camera, at=later) is None
    assert issue.wearer_at(camera=planned, at=AT + timedelta(days=3)) is None
    assert issue.wearer_at(camera=camera, at=later - timedelta(hours=1)) == force.ada
    assert acts(f"camera:{camera.pk}")[-1] == "camera.returned"
    assert not Issue.objects.filter(officer=force.ada, ends_at__isnull=True).exists()
    entries = len(acts(f"officer:{force.ada.pk}"))
    officers.leave(officer=force.ada, actor=force.administrator, at=later)
    assert len(acts(f"officer:{force.ada.pk}")) == entries


def test_nobody_closes_an_account_without_leave(force: Force) -> None:
    with pytest.raises(NotAllowed):
        officers.leave(officer=force.ada, actor=force.manager, at=AT)
    force.ada.refresh_from_db()
    assert force.ada.active
    assert acts(f"officer:{force.ada.pk}")[-1] == "access.refused"


@pytest.mark.parametrize("password", ["short", "password1234"])
def test_weak_passwords_are_refused(force: Force, password: str) -> None:
    with pytest.raises(OfficerInvalid) as refused:
        officers.set_password(officer=force.ada, password=password, actor=force.ada, at=AT)
    assert refused.value.stable_code == "officer.password"


def test_passwords_are_set_by_oneself_or_an_administrator(force: Force) -> None:
    officers.set_password(officer=force.ada, password=PHRASE, actor=force.ada, at=AT)
    assert authenticate(username="614LX", password=PHRASE) == force.ada
    with pytest.raises(NotAllowed):
        officers.set_password(officer=force.ada, password=PHRASE, actor=force.manager, at=AT)
    officers.set_password(officer=force.ada, password=PHRASE, actor=force.administrator, at=AT)
    assert acts(f"officer:{force.ada.pk}")[-1] == "officer.credential_changed"


def test_collar_numbers_are_found_in_any_case(force: Force) -> None:
    assert officers.named("614lx") == force.ada
    with pytest.raises(OfficerInvalid) as refused:
        officers.named("999ZZ")
    assert refused.value.stable_code == "officer.unknown"


def test_bulk_registration_takes_few_queries(force: Force) -> None:
    many = [replace(NEW, collar_number=f"{number}ZZ") for number in range(300)]
    with few_queries(20):
        officers.register_officers_many(actor=force.administrator, officers=many, at=AT)
    assert RoleGrant.objects.filter(officer__collar_number__endswith="ZZ").count() == 300
