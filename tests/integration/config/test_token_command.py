"""`fairwitness token` and `officers` on a real deployment: who proves who they are, and two."""

import re
from datetime import timedelta

import pytest
from tests.integration.force.made_up import AT, SETUP, Force, make_force
from typer.testing import CliRunner, Result

from fairwitness.config import clock
from fairwitness.config.commands import officers, token
from fairwitness.errors import FairwitnessError
from fairwitness.force import officers as people
from fairwitness.force import tokens
from fairwitness.force.asking import NotAllowed, Role
from fairwitness.force.models import Officer, RoleGrant
from fairwitness.force.officers import NewOfficer
from fairwitness.force.token_rows import ApiToken, MachineAccount

PHRASE = "long enough, dear"
RUNNER = CliRunner()
SYSTEM = ["system", "cris", "--name", "Crime records", "--purpose", "marks", "--unit", "lam"]


@pytest.fixture
def force(db: None) -> Force:  # noqa: ARG001 - opens the database for the test
    made = make_force()
    for officer in (made.manager, made.administrator):
        people.set_password(officer=officer, password=PHRASE, actor=SETUP, at=AT)
    return made


def watcher(role: Role, number: str = "7001") -> Officer:
    new = NewOfficer(number, "Pia Long", "PL", "LAM", "", (), (role,))
    made = people.register_officer(actor=SETUP, officer=new, at=AT)
    people.set_password(officer=made, password=PHRASE, actor=SETUP, at=AT)
    return made


def run(app: object, words: list[str], typed: int = 0) -> Result:
    """A command, with the password typed so many times."""
    return RUNNER.invoke(app, words, input=f"{PHRASE}\n" * typed)  # type: ignore[arg-type] # a Typer


def refused(app: object, words: list[str], typed: int = 0) -> FairwitnessError:
    result = run(app, words, typed)
    assert isinstance(result.exception, FairwitnessError), result.output
    return result.exception


def _until(days: int = 30) -> str:
    return (clock.now() + timedelta(days=days)).date().isoformat()


def made(result: Result) -> str:
    assert result.exit_code == 0, result.output
    found = re.search(r"fwt_[\w-]+", result.output)
    assert found, result.output
    return found.group()


def test_a_program_gets_its_account_token_list_and_end(force: Force) -> None:
    number = force.administrator.collar_number
    result = run(token.app, [*SYSTEM, "--role", "supervisor", "--by", number], 1)
    assert result.exit_code == 0, result.output
    account = MachineAccount.objects.get(officer__collar_number="CRIS")
    assert account.made_by == force.administrator
    words = ["make", "CRIS", "--name", "live", "--scope", "holds:read", "--until", _until()]
    text = made(run(token.app, [*words, "--by", "4101"], 1))
    row = ApiToken.objects.get(officer=account.officer)
    assert tokens.find(text=text) == row
    assert (row.scopes, row.made_by) == (["holds:read"], force.manager)
    listed = run(token.app, ["list", "CRIS"]).output
    assert f"live: holds:read; until {row.expires_at:%Y-%m-%d}; never used" in listed
    assert text not in listed
    ended = run(token.app, ["revoke", "CRIS", "--name", "live", "--by", "4101"], 1)
    assert ended.output.strip().endswith("live opens nothing any more.")
    row.refresh_from_db()
    assert row.revoked_at is not None
    assert "live" not in run(token.app, ["list", "CRIS"]).output
    again = ["revoke", "CRIS", "--name", "live", "--by", "4101"]
    assert "no open token" in refused(token.app, again, 1).message


def test_ones_own_token_takes_ones_own_password(force: Force) -> None:
    words = ["make", "4101", "--name", "mine", "--scope", "force:read", "--until", _until()]
    wrong = RUNNER.invoke(token.app, [*words, "--by", "4101"], input="not it\n")
    assert isinstance(wrong.exception, FairwitnessError)
    assert wrong.exception.stable_code == "input.password"
    assert not ApiToken.objects.exists()
    number = force.administrator.collar_number
    assert isinstance(refused(token.app, [*words, "--by", number], 1), NotAllowed)
    made(run(token.app, [*words, "--by", "4101"], 1))
    day = (clock.now() + timedelta(days=400)).date().isoformat()
    late = ["make", "4101", "--name", "late", "--scope", "force:read", "--until", day]
    assert refused(token.app, [*late, "--by", "4101"], 1).stable_code == "token.expiry"


def test_who_registers_a_program_makes_it_no_token(force: Force) -> None:
    number = force.administrator.collar_number
    assert run(token.app, [*SYSTEM, "--role", "supervisor", "--by", number], 1).exit_code == 0
    words = ["make", "CRIS", "--name", "live", "--scope", "holds:read", "--until", _until()]
    assert isinstance(refused(token.app, [*words, "--by", number], 1), NotAllowed)
    assert not ApiToken.objects.exists()


@pytest.mark.parametrize("role", [Role.PROFESSIONAL_STANDARDS, Role.INDEPENDENT_INVESTIGATOR])
def test_a_program_that_watches_takes_who_watches(force: Force, role: Role) -> None:
    number = force.administrator.collar_number
    words = [*SYSTEM, "--force-wide", role.value, "--by", number]
    assert refused(token.app, words, 1).stable_code == "permission.watchers"
    assert not MachineAccount.objects.exists()
    watcher(role)
    assert run(token.app, [*words, "--agreed", "7001"], 2).exit_code == 0
    assert MachineAccount.objects.filter(officer__collar_number="CRIS").exists()


@pytest.mark.parametrize("role", [Role.PROFESSIONAL_STANDARDS, Role.INDEPENDENT_INVESTIGATOR])
def test_the_operator_names_the_first_who_watches_and_then_two_people_do(
    force: Force, role: Role
) -> None:
    def add(number: str, *more: str) -> list[str]:
        who = ["add", number, "--name", "Tom Alder", "--initials", "TA", "--unit", "LAM"]
        return [*who, "--force-wide", role.value, *more]

    number = force.administrator.collar_number
    alone = refused(officers.app, add("8001", "--by", number), 1)
    assert alone.stable_code == "permission.watchers"
    assert run(officers.app, add("8001")).exit_code == 0
    assert refused(officers.app, add("8002")).stable_code == "permission.watchers"
    watcher(role)
    both = add("8002", "--by", number, "--agreed", "7001")
    assert run(officers.app, both, 2).exit_code == 0
    grant = ["role", "614LX", role.value, "--force-wide"]
    assert refused(officers.app, grant).stable_code == "permission.watchers"
    assert refused(officers.app, [*grant, "--by", number], 1).stable_code == "permission.watchers"
    assert run(officers.app, [*grant, "--agreed", "7001"], 1).exit_code == 0
    assert RoleGrant.objects.filter(officer=force.ada, role=role.value).exists()
    assert run(officers.app, [*grant, "--end"]).exit_code == 0
