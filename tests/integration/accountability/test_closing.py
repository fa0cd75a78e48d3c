"""Two people close a gap; what the log can't know of them it says as far as it can."""

from datetime import timedelta

from tests.accountability_world import lose_database, rebuild_from
from tests.ingest_world import World, video

from fairwitness.accountability import closing
from fairwitness.custody import gaps, ledger
from fairwitness.force import officers, roles
from fairwitness.force.asking import Role
from fairwitness.force.authority import System
from fairwitness.force.models import Officer, Unit
from fairwitness.force.officers import NewOfficer
from fairwitness.formats.acts import Act

OPERATOR = System("operator")
WORDS = "correct horse battery"


def _manager(world: World, collar: str) -> Officer:
    new = NewOfficer(collar, f"Manager {collar}", "MM", Unit.objects.all()[0].code)
    made = officers.register_officer(actor=OPERATOR, officer=new, at=world.at)
    roles.grant(officer=made, role=Role.EVIDENCE_MANAGER, unit=None, actor=OPERATOR, at=world.at)
    return made


def test_who_set_the_password_of_whoever_closes_a_gap_stands_in_the_entry(world: World) -> None:
    world.receive(video())
    world.publish_log()
    lose_database()
    rebuild_from(world)
    first, second = (_manager(world, collar) for collar in ("7001", "7002"))
    gap = gaps.open_gap()
    assert gap is not None
    world.at = max(world.at, gap.found_at) + timedelta(hours=1)
    officers.set_password(officer=first, password=WORDS, actor=OPERATOR, at=world.at)
    officers.set_password(officer=second, password=WORDS, actor=second, at=world.at)
    assert closing.set_by_others(officer=first, gap=gap) == ("system:operator",)
    assert closing.close_gap(officer=first, reason="compared", at=world.at) is not None
    assert closing.close_gap(officer=second, reason="compared", at=world.at) is None
    (asked,) = ledger.search(act=Act.LOG_GAP_CLOSE_REQUESTED)
    (closed,) = ledger.search(act=Act.LOG_GAP_CLOSED)
    assert asked.body is not None
    assert closed.body is not None
    assert asked.body.detail["credential_set_by"] == ["system:operator"]
    assert "credential_set_by" not in closed.body.detail
