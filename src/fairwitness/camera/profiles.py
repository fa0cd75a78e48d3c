"""The two kinds of camera that the force wears, as facts.

The helmet camera is a point of view on a cable, with a controller that holds battery and memory;
the chest camera is one piece. Sources: docs/design and the field notes; what a source did not say
is marked as ours.
"""

from dataclasses import dataclass
from typing import Final

from fairwitness.formats.recording import Mount, Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraProfile:
    """What is fixed about one kind of camera.

    Attributes:
        profile: its name in statements.
        title: its name for people.
        mounts: where it can be worn; the first is the usual place.
        lens_degrees: horizontal angle of view.
        has_cable: its camera hangs on a cable that can come out.
        beeps_on_battery_check: it answers a battery press while recording with two beeps.
        battery_minutes: how long a full battery lasts.
        memory_bytes: how much it stores.
    """

    profile: Profile
    title: str
    mounts: tuple[Mount, ...]
    lens_degrees: int
    has_cable: bool
    beeps_on_battery_check: bool
    battery_minutes: int = 12 * 60
    memory_bytes: int = 64_000_000_000


FLEX2: Final = CameraProfile(
    profile=Profile.FLEX2,
    title="Flex 2",
    mounts=(Mount.HELMET, Mount.CAP),
    lens_degrees=120,
    has_cable=True,
    beeps_on_battery_check=True,
)
BODY2: Final = CameraProfile(
    profile=Profile.BODY2,
    title="Body 2",
    mounts=(Mount.CHEST,),
    lens_degrees=143,  # from memory of the maker's sheet; the field notes give none
    has_cable=False,
    beeps_on_battery_check=False,
)
PROFILES: Final = {FLEX2.profile: FLEX2, BODY2.profile: BODY2}
