"""Which accounts are people: another system's account has no way to sign in, ever."""

from typing import ClassVar

from fairwitness.errors import FairwitnessError
from fairwitness.force.models import Officer
from fairwitness.force.token_rows import MachineAccount


class NoPerson(FairwitnessError):
    """Something that people alone have, asked for a machine account."""

    code: ClassVar[str] = "account.machine"


def is_machine(officer: Officer) -> bool:
    """Whether this account is another system's and no person's."""
    return MachineAccount.objects.filter(pk=officer.pk).exists()


def demand_person(officer: Officer) -> None:
    """Go on only for a person's account.

    Raises:
        NoPerson: it is a machine account.
    """
    if is_machine(officer):
        raise NoPerson("This is another system’s account: it acts by tokens and never signs in.")
