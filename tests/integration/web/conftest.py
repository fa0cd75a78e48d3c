"""A small force behind the pages; its recordings are of this week, since pages know only now."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from tests.ingest_world import World as IngestWorld
from tests.retention_world import World

from fairwitness.cases import opening
from fairwitness.cases.models import Case
from fairwitness.config import composition
from fairwitness.evidence.models import Recording
from fairwitness.force.models import Officer
from fairwitness.formats.keys import SigningKey
from fairwitness.ingest.receiving import Receiver


@dataclass
class Pages:
    """The force, one of its recordings, and a browser for each person."""

    world: World
    recording: Recording
    case: Case

    def browser(self, officer: Officer | None) -> Client:
        client = Client()
        if officer is not None:
            client.force_login(officer, backend="django.contrib.auth.backends.ModelBackend")
        return client

    @property
    def people(self) -> dict[str, Officer | None]:
        world = self.world
        return {
            "wearer": world.ada,
            "colleague": world.dev,
            "sergeant": world.sergeant,
            "detective": world.detective,
            "manager": world.manager,
            "second manager": world.second_manager,
            "standards": world.standards,
            "nobody": None,
        }


@pytest.fixture
def pages(db: None, tmp_path: Path) -> Pages:  # noqa: ARG001 - asks for the database
    now = datetime.now(UTC)
    world = World.make(tmp_path)
    world.vault = composition.deployment().vault
    key = SigningKey.generate().public
    world.camera.public_key, world.camera.keyid = key.pem().decode(), key.keyid
    world.camera.save(update_fields=["public_key", "keyid"])
    recording = world.record(ended_at=now - timedelta(days=2))
    case = opening.open_case(
        reference="01/803/17",
        title="R v Carr",
        unit=world.detective.unit,
        officer_in_case=world.detective,
        review_on=(now + timedelta(days=180)).date(),
        officer=world.detective,
        at=now,
    )
    return Pages(world=world, recording=recording, case=case)


@pytest.fixture
def acts() -> Callable[[str], list[str]]:
    from tests.retention_world import acts as written  # noqa: PLC0415 - needs Django's models

    return written


@pytest.fixture
def settled_world(transactional_db: None, tmp_path: Path) -> Iterator[IngestWorld]:  # noqa: ARG001 - asks for the database
    """A force that footage arrives at now, in the deployment's own vault."""
    made = IngestWorld.make(tmp_path / "world")
    made.at = datetime.now(UTC)
    made.vault = composition.deployment().vault
    made.commitments = composition.deployment().commitments
    made.receiver.close()
    made.receiver = Receiver(vault=made.vault, clock=lambda: made.at)
    yield made
    made.receiver.close()
