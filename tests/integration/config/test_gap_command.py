"""`fairwitness gap close`: each of the two proves by their own password who they are."""

import pytest
from django.db import transaction
from tests.integration.force.made_up import AT, SETUP, Force, make_force
from tests.integration.force.made_up import acts as acts_of
from typer.testing import CliRunner

from fairwitness.config import telling
from fairwitness.config.commands import gap as command
from fairwitness.custody import gaps, ledger
from fairwitness.errors import FairwitnessError
from fairwitness.force import officers as people
from fairwitness.formats.acts import Act

FIRST, SECOND = "the first one's own", "the second one's own"
RUNNER = CliRunner()


@pytest.fixture
def force(db: None) -> Force:  # noqa: ARG001 - opens the database for the test
    made = make_force()
    for officer, password in ((made.manager, FIRST), (made.second_manager, SECOND)):
        people.set_password(officer=officer, password=password, actor=SETUP, at=AT)
    with transaction.atomic():
        ledger.append(subject=gaps.SUBJECT, act=Act.LOG_GAP_FOUND, actor="system:test", at=AT)
    return made


def close(by: str, password: str) -> Exception | str:
    words = ["close", "--by", by, "--reason", "compared with the court list"]
    result = RUNNER.invoke(command.app, words, input=f"{password}\n")
    if result.exit_code:
        assert isinstance(result.exception, Exception)
        return result.exception
    return result.output


def test_two_numbers_typed_by_one_person_close_nothing(force: Force) -> None:
    first, second = force.manager.collar_number, force.second_manager.collar_number
    assert "another person" in str(close(first, FIRST))
    for by, password in ((second, FIRST), (first, FIRST)):
        refused = close(by, password)
        assert isinstance(refused, FairwitnessError), refused
        assert gaps.open_gap() is not None
    assert isinstance(close(second, FIRST), telling.InputInvalid)
    assert acts_of("log")[-1] != "log.gap_closed"

    assert "closed" in str(close(second, SECOND))
    assert gaps.open_gap() is None
    assert acts_of("log")[-1] == "log.gap_closed"
