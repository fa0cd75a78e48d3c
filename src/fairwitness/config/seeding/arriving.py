"""Planned recordings become arrivals: what camera, dock and registers would have said of each."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction

from fairwitness.config.composition import Deployment
from fairwitness.config.seeding import footage
from fairwitness.config.seeding.footage import Kept
from fairwitness.config.seeding.plan import BUFFER_MS, CLOCK_ERROR, Planned
from fairwitness.evidence import registration
from fairwitness.evidence.models import Provenance
from fairwitness.evidence.registration import Arrival, Belonging, Content, Origin, Times
from fairwitness.formats.keys import SigningKey
from fairwitness.formats.recording import ClockState, Mount, Profile, RecordingClaim, reference
from fairwitness.retention import arrivals, categories, rules
from fairwitness.retention.rules import Facts, Part, Policy

_FIRMWARE: Final = "1.4.2"
_MOUNTS: Final = {Profile.FLEX2: (Mount.HELMET, 120), Profile.BODY2: (Mount.CHEST, 142)}
_SURELY: Final = timedelta(days=1)
_MICROSECOND: Final = timedelta(microseconds=1)


class Arriving:
    """Brings planned recordings in, a batch in each transaction."""

    def __init__(
        self,
        *,
        deployment: Deployment,
        camera_keys: Mapping[str, SigningKey],
        until: datetime,
        with_all: date,
    ) -> None:
        """For recordings whose life is told up to `until`, which is now.

        What comes up to the day `with_all` has footage, whatever becomes of it, and is in `first`.
        """
        self._vault = deployment.vault
        self._commitments = deployment.commitments
        self._keys = camera_keys
        self._until = until
        self._with_all = with_all
        self._policy = categories.policy()
        self.with_footage = 0
        self.first: list[tuple[Planned, UUID]] = []

    def bring_in(self, planned: Sequence[Planned]) -> list[UUID]:
        """Register these, in order; what will not be deleted by the end has footage first."""
        found = [(each, *self._arrival(each)) for each in planned]
        kept = [
            Kept(arrival, clip, self._keys[each.worn.camera.serial])
            for each, arrival, clip in found
            if each.docked_at.date() <= self._with_all or not self._gone_by_the_end(each, arrival)
        ]
        at = planned[-1].docked_at
        if kept:
            footage.keep(kept, vault=self._vault)
        try:
            with transaction.atomic():
                registered = registration.register_many([arrival for _, arrival, _ in found])
                arrivals.settle_many([each.recording for each in registered], at)
        except BaseException:
            footage.forget(kept, vault=self._vault, at=at)
            raise
        self.with_footage += len(kept)
        self.first += [
            (each, arrival.recording)
            for each, arrival, _ in found
            if each.docked_at.date() <= self._with_all
        ]
        return [arrival.recording for _, arrival, _ in found]

    def _gone_by_the_end(self, each: Planned, arrival: Arrival) -> bool:
        """Whether nothing will keep it, so that it is surely deleted before the story ends."""
        if each.incident or each.held:
            return False
        period = self._policy.categories.get(each.category)
        gone_by = arrival.times.gone_by
        if gone_by is None:
            return False
        if period is not None and period.length is not None:
            gone_by += period.length - self._policy.default
        return gone_by <= self._until - _SURELY

    def _arrival(self, each: Planned) -> tuple[Arrival, footage.Clip]:
        worn = each.worn
        name = reference(camera=worn.camera.serial, counter=each.counter, part=1)
        clip = footage.clip(name, each.counter)
        said = claim(each, clip)
        content = Content(
            size=len(clip.data),
            sha256=clip.sha256,
            commitment=self._commitments.of(clip.sha256),
            media_type=footage.MEDIA_TYPE,
            duration_ms=each.duration_ms,
        )
        arrival = Arrival(
            recording=uuid4(),
            origin=Origin(
                provenance=Provenance.SIGNED,
                reference=name,
                claim=said,
                camera=worn.camera,
                dock=worn.dock,
            ),
            belonging=Belonging(wearer=worn.wearer, unit=worn.unit, station=worn.station),
            times=_times(each, self._policy),
            content=content,
            actor=f"dock:{worn.dock.pk}",
            at=each.docked_at,
        )
        return arrival, clip


def claim(each: Planned, clip: footage.Clip) -> RecordingClaim:
    """What the camera signs of it."""
    profile = Profile(each.worn.camera.profile)
    mount, degrees = _MOUNTS[profile]
    return RecordingClaim(
        camera=each.worn.camera.serial,
        profile=profile,
        firmware=_FIRMWARE,
        volume_id=f"volume-{each.worn.camera.serial}",
        mount=mount,
        lens_degrees=degrees,
        width=footage.WIDTH,
        height=footage.HEIGHT,
        frames_per_second=footage.RATE,
        counter=each.counter,
        activation=each.counter,
        part=1,
        last_part=True,
        media_type=footage.MEDIA_TYPE,
        size=len(clip.data),
        sha256=clip.sha256,
        started_at=each.started_at,
        ended_at=each.ended_at,
        buffer_ms=BUFFER_MS,
        mute=each.mute,
        stealth=(),
        events=each.events,
        clock=ClockState(
            set=True,
            set_at=each.started_at - timedelta(hours=6),
            source=f"dock {each.worn.dock.serial}",
        ),
        settings_version=1,
        interrupted=False,
    )


def _times(each: Planned, policy: Policy) -> Times:
    part = Part(
        number=1,
        received_at=each.docked_at,
        ended_at=each.ended_at,
        docked_at=each.docked_at,
        ahead=(-CLOCK_ERROR, CLOCK_ERROR),
        clock_checked=True,
    )
    dates = rules.dates_of(Facts(origin=rules.Origin.CAMERA, parts=(part,)), policy)
    return Times(
        received_at=each.docked_at,
        docked_at=each.docked_at,
        clock_started_at=min(rules.clock_start(part), each.docked_at),
        started_at=each.started_at,
        ended_at=each.ended_at,
        clock_ahead_us_min=-CLOCK_ERROR // _MICROSECOND,
        clock_ahead_us_max=CLOCK_ERROR // _MICROSECOND,
        clock_checked=True,
        hidden_from=dates.hidden_from,
        gone_by=dates.gone_by,
        late=dates.late,
        keep_reason=dates.because,
    )
