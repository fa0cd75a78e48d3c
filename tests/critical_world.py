"""The small force of `retention_world`, and who it takes when there was a shooting."""

from dataclasses import dataclass
from datetime import datetime

from tests.retention_world import DAY, SETUP, World

from fairwitness.cases import declaring
from fairwitness.cases.declaring import Declared, Particulars
from fairwitness.cases.models import Happening, Involvement
from fairwitness.force import officers
from fairwitness.force.asking import Role
from fairwitness.force.models import Officer
from fairwitness.force.officers import NewOfficer


@dataclass
class Critical:
    """Who there is besides, and the moment it happens."""

    world: World
    duty: Officer
    manager: Officer  # post-incident manager
    at: datetime

    @classmethod
    def make(cls, world: World, at: datetime) -> "Critical":
        duty, manager = officers.register_officers_many(
            actor=SETUP,
            officers=[
                NewOfficer("31MO", "Una Price", "UP", "LSH", "Insp", (), (Role.DUTY_OFFICER,)),
                NewOfficer(
                    "7MO", "Sam Irwin", "SI", "LSH", "Ch Insp", (), (Role.POST_INCIDENT_MANAGER,)
                ),
            ],
            at=at - DAY,
        )
        return cls(world=world, duty=duty, manager=manager, at=at)

    @property
    def oversight(self) -> Officer:
        return self.world.investigator

    def said(self, **changes: object) -> Particulars:
        """A shooting; by default Ada is named."""
        wanted: dict[str, object] = {
            "happening": Happening.SHOOTING,
            "about": "One shot fired, one man injured",
            "place": "Windrush Square",
            "began_at": self.at,
            "officers": (self.world.ada,),
        }
        return Particulars(**(wanted | changes))  # type: ignore[arg-type] # the test's own mix

    def declare(self, at: datetime | None = None, **changes: object) -> Declared:
        return declaring.declare(said=self.said(**changes), officer=self.duty, at=at or self.at)

    def involved(self, declared: Declared, officer: Officer | None = None) -> Involvement:
        return Involvement.objects.select_related("incident__hold", "officer").get(
            incident=declared.incident, officer=officer or self.world.ada
        )
