"""Containers and the small things in them: what an Axis system tells, kept as it came.

Every request that writes to a recording's container leaves an enclosure, sealed under the
container's own key (`papers`). Clips' bodies take the way of all footage (`clips`). The containers
`System`, `Users` and `Devices` are registers: only what they say is kept.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from fairwitness.custody import ledger
from fairwitness.formats import timestamp
from fairwitness.formats.acts import Act
from fairwitness.ingest.axis import naming, papers, saying, swift
from fairwitness.ingest.axis.models import PartyKind
from fairwitness.ingest.axis.naming import ContainerKind, ObjectKind
from fairwitness.ingest.axis.swift import Place, Refused
from fairwitness.ingest.commitments import Commitments
from fairwitness.ingest.models import AxisContainer, AxisObject, AxisParty, AxisSystem, AxisVersion
from fairwitness.vault.vault import Vault

_PARTIES: Final = {
    ContainerKind.PEOPLE: PartyKind.PERSON,
    ContainerKind.CAMERAS: PartyKind.CAMERA,
}
_COMPLETE: Final = "complete"


@dataclass(frozen=True, slots=True)
class Telling:
    """One request of a system as far as it is a claim.

    Attributes:
        system: whose.
        place: of what.
        metadata: keys in lower case.
        method: of the request.
        headers: as they came, without secrets.
        at: when.
    """

    system: AxisSystem
    place: Place
    metadata: Mapping[str, str]
    method: str
    headers: list[list[str]] = field(repr=False)
    at: datetime

    @property
    def actor(self) -> str:
        """The system as custody names it."""
        return f"axis:{self.system.pk}"

    def enclosure(self, body: bytes = b"") -> bytes:
        """What is sealed of it."""
        head = {
            "at": timestamp.text(self.at),
            "method": self.method,
            "path": f"{self.place.container}/{self.place.object}".rstrip("/"),
            "headers": self.headers,
        }
        return json.dumps(head).encode() + b"\n" + body


@dataclass(frozen=True, slots=True)
class Description:
    """What is answered of a container or an object.

    Attributes:
        metadata: as it was told.
        etag: MD5 of an object's bytes; None for a container.
        size: of an object, or of all in a container.
        changed_at: when it last changed.
        objects: how many are in a container.
    """

    metadata: Mapping[str, str]
    etag: str | None
    size: int
    changed_at: datetime
    objects: int = 0


def find(system: AxisSystem, name: str) -> AxisContainer:
    """The container of this name.

    Raises:
        Refused: `axis.unknown`, there is none.
    """
    row = AxisContainer.objects.filter(system=system, name=name).first()
    if row is None:
        raise Refused("There is no such container.", code="axis.unknown")
    return row


def source_of(name: str, system: str, commitments: Commitments) -> str:
    """What the clips of a container are known by: a keyed digest, for its name says who and when.

    Args:
        name: of the container.
        system: its system's id.
        commitments: makes keyed digests.
    """
    text = f"axis container {naming.identity(name, system)}"
    return f"axis:{commitments.of(hashlib.sha256(text.encode()).hexdigest())}"


def tell_container(
    *, telling: Telling, creates: bool, vault: Vault, commitments: Commitments
) -> bool:
    """Make a container or add to its metadata.

    Returns:
        Whether it is new.

    Raises:
        Refused: `axis.unknown`, there is none and the request does not create one.
    """
    system, name = telling.system, telling.place.container
    row = AxisContainer.objects.filter(system=system, name=name).first()
    if row is None and not creates:
        raise Refused("There is no such container.", code="axis.unknown")
    fresh = row is None
    if row is None:
        row, fresh = _make(telling, commitments)
    seen(row, telling.at)
    papers.enclose(row, telling.enclosure(), vault)
    with transaction.atomic():
        _merge(row, telling, fresh=fresh)
    return fresh


def tell_object(*, telling: Telling, body: bytes, etag: str, vault: Vault) -> str:
    """Keep a small object, or a mere name in a register.

    Returns:
        Its MD5.

    Raises:
        Refused: `axis.unknown` without its container, `axis.etag` when other bytes were promised.
    """
    row = find(telling.system, telling.place.container)
    found = swift.md5(body)
    swift.check_etag(etag, found)
    seen(row, telling.at)
    enclosure = papers.enclose(row, telling.enclosure(body), vault)
    with transaction.atomic():
        before = AxisObject.objects.filter(container=row, name=telling.place.object).first()
        changed = before is not None and before.etag != found
        keep_object(row, telling, etag=found, size=len(body), enclosure=enclosure)
        _note_key(row, telling.place.object)
        _note(row, telling, body=body, replaces=changed)
    return found


def tell_metadata(*, telling: Telling, vault: Vault) -> None:
    """Replace all metadata of an object.

    Raises:
        Refused: `axis.unknown`, there is no such object.
    """
    row = find(telling.system, telling.place.container)
    known = AxisObject.objects.filter(container=row, name=telling.place.object)
    if not known.exists():
        raise Refused("There is no such object.", code="axis.unknown")
    seen(row, telling.at)
    papers.enclose(row, telling.enclosure(), vault)
    with transaction.atomic():
        known.update(metadata=dict(telling.metadata), changed_at=telling.at)
        touch(row, telling.at)
        _note(row, telling, body=None, replaces=True)


def describe(*, system: AxisSystem, place: Place) -> Description:
    """What is known of a container or an object.

    Raises:
        Refused: `axis.unknown`.
    """
    row = find(system, place.container)
    if not place.object:
        held = AxisObject.objects.filter(container=row)
        count, size = held.count(), held.aggregate(size=Sum("size"))["size"] or 0
        return Description(row.metadata, None, size, row.last_seen_at, objects=count)
    found = AxisObject.objects.filter(container=row, name=place.object).first()
    if found is None:
        raise Refused("There is no such object.", code="axis.unknown")
    return Description(found.metadata, found.etag, found.size, found.changed_at)


def keep_object(
    row: AxisContainer, telling: Telling, *, etag: str, size: int, enclosure: UUID | None
) -> AxisObject:
    """The object's row with what now came, in the caller's transaction."""
    kept, _ = AxisObject.objects.update_or_create(
        container=row,
        name=telling.place.object,
        defaults={
            "metadata": dict(telling.metadata),
            "etag": etag,
            "size": size,
            "enclosure": enclosure,
            "changed_at": telling.at,
        },
    )
    touch(row, telling.at)
    return kept


def seen(row: AxisContainer, at: datetime) -> None:
    """Something is about to come, so that the container is not cleared meanwhile."""
    AxisContainer.objects.filter(pk=row.pk, last_seen_at__lt=at).update(last_seen_at=at)


def touch(row: AxisContainer, at: datetime) -> None:
    """Something came: what is told of its clips is to be told anew."""
    AxisContainer.objects.filter(pk=row.pk).update(last_seen_at=at, revision=F("revision") + 1)


def meet(system: AxisSystem, kind: PartyKind, their_id: str, at: datetime) -> AxisParty | None:
    """A person or camera by the system's own name, noted when first heard of."""
    if not their_id:
        return None
    row, _ = AxisParty.objects.get_or_create(
        system=system, kind=kind, their_id=their_id[:256], defaults={"first_seen_at": at}
    )
    return row


def _make(telling: Telling, commitments: Commitments) -> tuple[AxisContainer, bool]:
    """A new container; the one there is when another request was faster."""
    system, name, at = telling.system, telling.place.container, telling.at
    source = source_of(name, str(system.pk), commitments)
    row = AxisContainer(system=system, name=name, source=source, begun_at=at, last_seen_at=at)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            ledger.append(
                subject=row.subject,
                act=Act.AXIS_CONTAINER_BEGUN,
                actor=telling.actor,
                at=at,
                detail={"kind": naming.container_kind(name).value},
            )
    except IntegrityError:
        return find(system, name), False
    return row, True


def _merge(row: AxisContainer, telling: Telling, *, fresh: bool) -> None:
    now = AxisContainer.objects.select_for_update().get(pk=row.pk)
    now.metadata = swift.merged(now.metadata, telling.metadata)
    status = telling.metadata.get("status", "").strip().lower()
    ends = status == _COMPLETE and now.completed_at is None
    if ends:
        now.completed_at = telling.at
    now.last_seen_at = telling.at
    now.revision += 1
    now.save(update_fields=["metadata", "completed_at", "last_seen_at", "revision"])
    if naming.container_kind(row.name) is ContainerKind.RECORDING:
        said = saying.whole(row.name, now.metadata)
        meet(telling.system, PartyKind.PERSON, said.user, telling.at)
        meet(telling.system, PartyKind.CAMERA, said.camera, telling.at)
    if fresh and not ends:
        return
    ledger.append(
        subject=row.subject,
        act=Act.AXIS_CONTAINER_COMPLETED if ends else Act.AXIS_CONTAINER_CHANGED,
        actor=telling.actor,
        at=telling.at,
        detail={"objects": AxisObject.objects.filter(container=row).count()},
    )


def _note(row: AxisContainer, telling: Telling, *, body: bytes | None, replaces: bool) -> None:
    """The custody entry of a small object, or of a name in a register."""
    if naming.is_register(row.name):
        _register(row, telling)
        ledger.append(
            subject=f"axis:{telling.system.pk}",
            act=Act.AXIS_TOLD,
            actor=telling.actor,
            at=telling.at,
            detail={"register": row.name, "name": telling.place.object[:400]},
        )
        return
    ledger.append(
        subject=row.subject,
        act=Act.AXIS_OBJECT_RECEIVED,
        actor=telling.actor,
        at=telling.at,
        detail={
            "kind": naming.object_kind(telling.place.object).value,
            "size": len(body) if body is not None else None,
            "sha256": hashlib.sha256(body).hexdigest() if body is not None else None,
            "replaces": replaces,
        },
    )


def _note_key(row: AxisContainer, name: str) -> None:
    """If this is a key, what waits for it is due to be decrypted."""
    if naming.object_kind(name) is not ObjectKind.KEY:
        return
    waiting = AxisVersion.objects.filter(object__container=row, encrypted=True, has_key=False)
    opened = [
        version.pk
        for version in waiting.select_related("object")
        if name in naming.key_names(version.object.name)
    ]
    AxisVersion.objects.filter(pk__in=opened).update(has_key=True)


def _register(row: AxisContainer, telling: Telling) -> None:
    """Keep what a register says of a person or a camera."""
    party = _PARTIES.get(naming.container_kind(row.name))
    if party is None:
        return
    met = meet(telling.system, party, telling.place.object, telling.at)
    if met is None:
        return
    name, number = telling.metadata.get("name", ""), telling.metadata.get("userid", "")
    met.their_name = f"{name} ({number})" if name and number else name or number
    met.active = telling.metadata.get("active", "true").strip().lower() != "false"
    met.save(update_fields=["their_name", "active"])


def is_small(container: str, name: str) -> bool:
    """Whether an object is a small paper rather than footage."""
    if naming.is_register(container):
        return True
    return naming.object_kind(name) is not ObjectKind.CLIP
