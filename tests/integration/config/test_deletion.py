"""No sweep on a database that is older than the log: it would delete by yesterday's holds."""

from pathlib import Path

import pytest
from tests.database_copy import DatabaseCopy
from tests.retention_world import World

from fairwitness.config import clock, composition, deletion, environment
from fairwitness.custody import gaps
from fairwitness.custody.recovery import LogBehind
from fairwitness.evidence.models import Recording, State
from fairwitness.retention.models import DisposalRun
from fairwitness.vault.keyring import KeyState

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sweep_stops_while_the_database_is_behind_the_log(
    tmp_path: Path,
) -> None:
    data = environment.read({"FAIRWITNESS_DATA": str(tmp_path / "data")})
    deployment = composition.build(data, clock.now)  # its log would bind whatever test comes next
    world = World.make(tmp_path)
    world.vault = deployment.vault
    recording = world.record()  # of long ago, so that it is due at once
    deployment.recover_log()
    with deployment.integrator() as integrator:
        integrator.step()
    yesterday = DatabaseCopy(tmp_path)
    world.record()
    with deployment.integrator() as integrator:
        integrator.step()
    yesterday.restore()

    runs = DisposalRun.objects.count()
    with pytest.raises(LogBehind):
        deletion.sweep_now(deployment)
    deletion.sweep_before_serving(deployment)  # tells it in the log of the server, and goes on
    assert DisposalRun.objects.count() == runs
    assert Recording.objects.get(pk=recording.pk).state == State.LIVE
    assert world.vault.ring.state(recording.pk) is KeyState.LIVE

    deployment.recover_log()
    assert gaps.open_gap() is not None
    stopped = deletion.sweep_now(deployment).stopped
    assert stopped is not None
    assert stopped.code == "disposal.gap_open"
    assert world.vault.ring.state(recording.pk) is KeyState.LIVE
