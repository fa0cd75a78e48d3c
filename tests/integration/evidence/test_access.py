"""The one door: who gets in, what is written down, and what is gone for everybody."""

from datetime import timedelta
from uuid import uuid4

import pytest
from tests.ingest_world import AT, World, video
from tests.retention_world import acts

from fairwitness.evidence import access, naming
from fairwitness.evidence.access import AccessRefused, Task
from fairwitness.evidence.models import Recording, Viewing
from fairwitness.force import roles
from fairwitness.force.asking import Role, TaskKind
from fairwitness.force.models import RoleGrant
from fairwitness.formats.acts import Act

TASK = Task(TaskKind.INCIDENT, "CAD 1234/8JUN17")


def refusal(world: World, token: str, kind: str = "master") -> str:
    with pytest.raises(AccessRefused) as caught:
        access.open_viewing(token=token, kind=kind, at=world.at, vault=world.vault)
    return caught.value.stable_code


def test_the_wearer_watches_without_a_reason_and_it_is_written_down_first(world: World) -> None:
    data = video()
    recording = world.receive(data)
    grant = access.grant_viewing(
        recording=recording, officer=world.force.ada, task=None, at=world.at
    )
    assert acts(f"recording:{recording.pk}") == ["recording.received", "recording.viewed"]
    with access.open_viewing(
        token=grant.token, kind="master", at=world.at, vault=world.vault
    ) as opened:
        assert opened.size == len(data)
        assert opened.read(100, 50) == data[100:150]
        assert opened.read(0, 1 << 30) == data
    assert acts(f"recording:{recording.pk}")[2:] == []
    assert grant.token not in str(Viewing.objects.values_list().get())


def test_a_colleague_needs_a_ground_and_a_reason(world: World) -> None:
    recording = world.receive(video())
    for officer, task in ((world.force.dev, TASK), (world.force.sergeant, None)):
        with pytest.raises(AccessRefused):
            access.grant_viewing(recording=recording, officer=officer, task=task, at=world.at)
    assert acts(f"recording:{recording.pk}")[1:] == ["recording.view_refused"] * 2
    grant = access.grant_viewing(
        recording=recording, officer=world.force.sergeant, task=TASK, at=world.at
    )
    access.open_viewing(token=grant.token, kind="master", at=world.at, vault=world.vault).close()


def test_a_grant_is_asked_about_again_at_each_request(world: World) -> None:
    recording = world.receive(video())
    grant = access.grant_viewing(
        recording=recording, officer=world.force.sergeant, task=TASK, at=world.at
    )
    for row in RoleGrant.objects.filter(officer=world.force.sergeant, role=Role.SUPERVISOR):
        roles.end(grant=row, actor=world.force.administrator, at=world.at, reason="moved")
    assert refusal(world, grant.token) == "permission.role"
    assert refusal(world, grant.token) == "access.token"
    assert acts(f"recording:{recording.pk}").count("recording.view_refused") == 1


def test_a_lock_shuts_out_the_wearer_at_once(world: World) -> None:
    recording = world.receive(video())
    grant = access.grant_viewing(
        recording=recording, officer=world.force.ada, task=None, at=world.at
    )
    Recording.objects.filter(pk=recording.pk).update(locked=True)
    assert refusal(world, grant.token) == "permission.locked"


def test_restricted_footage_is_for_those_named(world: World) -> None:
    recording = world.receive(video())
    Recording.objects.filter(pk=recording.pk).update(access_class="restricted")
    recording.refresh_from_db()
    with pytest.raises(AccessRefused):
        access.grant_viewing(
            recording=recording, officer=world.force.sergeant, task=TASK, at=world.at
        )
    naming.name(
        recording=recording,
        officer=world.force.sergeant,
        by=world.force.manager,
        reason="reviews it",
        until=world.at + timedelta(days=1),
        at=world.at,
    )
    access.grant_viewing(recording=recording, officer=world.force.sergeant, task=TASK, at=world.at)
    assert "recording.access_granted" in acts(f"recording:{recording.pk}")


def test_a_token_ends_and_a_guess_is_nothing(world: World) -> None:
    recording = world.receive(video())
    grant = access.grant_viewing(
        recording=recording, officer=world.force.ada, task=None, at=world.at
    )
    world.at = grant.expires_at
    assert refusal(world, grant.token) == "access.token"
    assert refusal(world, "guessed") == "access.token"


def test_nothing_is_readable_from_its_day_on_swept_or_not(world: World) -> None:
    recording = world.receive(video())
    assert recording.gone_by is not None
    world.at = recording.gone_by - timedelta(seconds=1)
    grant = access.grant_viewing(
        recording=recording, officer=world.force.ada, task=None, at=world.at
    )
    access.open_viewing(token=grant.token, kind="master", at=world.at, vault=world.vault).close()
    world.at = recording.gone_by
    assert refusal(world, grant.token) == "access.gone"
    with pytest.raises(AccessRefused):
        access.grant_viewing(recording=recording, officer=world.force.ada, task=None, at=world.at)
    with pytest.raises(AccessRefused) as caught:
        access.open_for_task(
            recording=recording,
            actor="system:test",
            act=Act.RECORDING_EXPORTED,
            reason="a test",
            at=world.at,
            vault=world.vault,
        )
    assert caught.value.stable_code == "access.gone"
    assert "recording.exported" not in acts(f"recording:{recording.pk}")


def test_what_only_a_silent_hold_keeps_is_gone_for_the_wearer(world: World) -> None:
    recording = world.receive(video())
    Recording.objects.filter(pk=recording.pk).update(
        gone_by=None, hidden_from=None, shown_gone_by=AT, shown_hidden_from=AT
    )
    recording.refresh_from_db()
    with pytest.raises(AccessRefused) as caught:
        access.grant_viewing(recording=recording, officer=world.force.ada, task=None, at=AT)
    assert caught.value.stable_code == "permission.gone"
    access.grant_viewing(recording=recording, officer=world.force.manager, task=TASK, at=AT)


def test_a_disposed_recording_and_a_copy_not_made_are_told_apart(world: World) -> None:
    recording = world.receive(video())
    grant = access.grant_viewing(
        recording=recording, officer=world.force.ada, task=None, at=world.at
    )
    assert refusal(world, grant.token, "working") == "access.not_ready"
    Recording.objects.filter(pk=recording.pk).update(state="disposed", sha256="")
    assert refusal(world, grant.token, "working") == "access.gone"


def test_an_export_is_written_down_before_the_first_byte(world: World) -> None:
    recording = world.receive(video())
    with access.open_for_task(
        recording=recording,
        actor=f"officer:{uuid4()}",
        act=Act.RECORDING_EXPORTED,
        reason="case 9",
        at=world.at,
        vault=world.vault,
    ):
        assert acts(f"recording:{recording.pk}")[-1] == "recording.exported"
