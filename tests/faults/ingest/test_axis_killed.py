"""An Axis system's PUT killed before each of its steps, and the same PUT again by its client.

The protocol has no resuming: whatever came before a kill counts for nothing, and the client sends
the clip anew. What then must be is one recording with the very bytes, and nothing left behind.
"""

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
from tests.axis_world import CLIP, CONTAINER, TIMES, Controller, meta
from tests.faults.ingest.test_killed_steps import breaking, check_whole
from tests.ingest_breaking import Killed, Steps, disk_fails, statements_are_steps
from tests.ingest_world import World, long_video

from fairwitness.errors import FairwitnessError
from fairwitness.evidence.models import Piece, Recording
from fairwitness.ingest import acceptance, ending
from fairwitness.ingest.acceptance import Acceptance
from fairwitness.ingest.axis import clips, swift
from fairwitness.ingest.axis.clips import Desk, Measure
from fairwitness.ingest.axis.containers import Telling
from fairwitness.ingest.models import AxisVersion, Upload, UploadState
from fairwitness.ingest.receiving import Receiver

pytestmark = [pytest.mark.fault, pytest.mark.timeout(900)]

MIB = 1 << 20


@pytest.fixture
def controller(world: World) -> Controller:
    made = Controller.make(world)
    made.sign_in()
    return made


def container(number: int) -> str:
    """A recording of its own for each kill."""
    return f"{CONTAINER[:-4]}{number:02}0Z"


def killed_put(controller: Controller, data: bytes, steps: Steps, *, kind: str, name: str) -> None:
    """What the door does with a PUT, as far as it comes; no clean-up, as after a kill."""
    world = controller.world
    told = swift.Request("PUT", controller.at(name, CLIP), meta("Object", TIMES))
    decision = swift.decide(swift.Request(told.method, told.path, lower(told.headers)))
    assert isinstance(decision, swift.PutObject)
    telling = Telling(
        system=controller.system,
        place=decision.place,
        metadata=decision.metadata,
        method="PUT",
        headers=swift.evidence_headers(lower(told.headers)),
        at=world.at,
    )
    vault = breaking(world, steps) if kind == "store" else world.vault
    receiver = Receiver(vault=vault, clock=lambda: world.at)
    measure = Measure()
    with _counted(steps, kind):
        try:
            run = clips.begin(telling=telling, vault=vault)
            incoming = receiver.receive(run, checksum=None)
            rest = memoryview(data)
            measure.update(data)
            while rest:
                rest = rest[incoming.take(rest[: 1 << 16]) :]
                if rest:
                    incoming.wait_for_room()
            incoming.finish(whole=True)
            desk = Desk(vault, world.commitments, lambda: world.at)
            clips.finish(run=run, telling=telling, measure=measure, etag="", desk=desk)
        finally:
            receiver.close()


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {key.lower(): value for key, value in headers.items()}


@contextmanager
def _counted(steps: Steps, kind: str) -> Iterator[None]:
    if kind == "store":
        yield
        return
    with statements_are_steps(steps):
        yield


def nothing_left(world: World) -> None:
    """A day later nothing of what was cut is there, nor its key."""
    world.at += timedelta(days=1, minutes=1)
    ending.expire(at=world.at)
    ending.clear(vault=world.vault, at=world.at)
    assert not Upload.objects.filter(state=UploadState.RECEIVING).exists()
    dead = Upload.objects.filter(state=UploadState.ENDED)
    assert not dead.filter(cleared=False).exists()
    assert not Piece.objects.filter(recording_id__in=dead.values("recording_id")).exists()


@pytest.mark.parametrize("kind", ["store", "database"])
def test_a_put_killed_before_any_step_is_sent_again_and_counts_once(
    controller: Controller, kind: str
) -> None:
    world = controller.world
    for number in count():
        name, data = container(number), long_video(MIB + 5000, shade=number)
        assert controller.begin(name).status == 201
        # The store is worked by other threads: what fails there must reach the one that waits.
        steps = Steps(number, disk_fails if kind == "store" else Killed)
        with contextlib.suppress(Killed, FairwitnessError):
            killed_put(controller, data, steps, kind=kind, name=name)
        assert controller.clip(data, container=name).status == 201
        controller.work()
        version = AxisVersion.objects.get(object__container__name=name)
        check_whole(world, Upload.objects.get(pk=version.upload_id), data)
        if not steps.reached:
            assert number > 3, "there were steps to be killed at"
            break
    assert Recording.objects.count() == number + 1
    nothing_left(world)


def test_a_201_that_was_lost_and_an_acceptance_killed_meanwhile_count_once(
    controller: Controller,
) -> None:
    """Every fifth step: that each is ended by the next worker is tried in `test_killed_steps`."""
    world = controller.world
    for rounds, number in enumerate(count(step=5), start=1):
        name, data = container(number), long_video(60_000, shade=number)
        assert controller.begin(name).status == 201
        assert controller.clip(data, container=name).status == 201  # and nobody heard it
        steps = Steps(number, Killed)
        tools = Acceptance(vault=world.vault, commitments=world.commitments, clock=lambda: world.at)
        claimed = acceptance.claim(world.at)
        assert claimed is not None
        try:
            with statements_are_steps(steps):
                acceptance.accept(claimed, tools)
        except Killed:
            assert not Recording.objects.filter(pk=claimed.recording_id).exists()
        assert controller.clip(data, container=name).status == 201
        world.at += timedelta(minutes=1)
        assert world.accept() == (1 if steps.reached else 0)
        check_whole(world, claimed, data)
        assert Recording.objects.count() == rounds
        if not steps.reached:
            assert number > 3, "there were steps to be killed at"
            break
    nothing_left(world)
