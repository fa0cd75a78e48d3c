import pytest

from fairwitness.dock import doing
from fairwitness.dock.doing import LIGHTS, WORDS, Doing, Light


def test_everything_that_goes_on_has_a_light_and_words() -> None:
    assert set(LIGHTS) == set(WORDS) == set(Doing)


def test_the_lights_are_those_of_the_field_notes() -> None:
    assert LIGHTS[Doing.READY] is Light.SOLID_GREEN
    assert LIGHTS[Doing.UPLOADING] is Light.BLINKING_YELLOW
    assert LIGHTS[Doing.QUEUED] is Light.SOLID_YELLOW
    assert LIGHTS[Doing.AWAY] is LIGHTS[Doing.UNASSIGNED] is Light.SOLID_RED
    assert LIGHTS[Doing.FAILED] is Light.BLINKING_RED


@pytest.mark.parametrize(
    ("codes", "passed_over", "assigned", "shows"),
    [
        ((), False, True, Doing.READY),
        ((), False, False, Doing.UNASSIGNED),
        ((), True, True, Doing.FAILED),
        (("dock.server_away",), False, True, Doing.AWAY),
        (("dock.receipt_late", "dock.server_away"), False, True, Doing.AWAY),
        (("quarantine.camera_unknown",), False, False, Doing.WAITING),
        (("quarantine.camera_revoked", "dock.server_away"), False, True, Doing.WAITING),
        (("volume.not_enrolled",), False, True, Doing.WAITING),
        (("dock.server_full",), False, True, Doing.FAILED),
        (("quarantine.digest_bad", "dock.camera_fails"), False, True, Doing.FAILED),
    ],
)
def test_a_bay_is_green_only_when_nothing_is_left(
    codes: tuple[str, ...], *, passed_over: bool, assigned: bool, shows: Doing
) -> None:
    found = doing.after(frozenset(codes), passed_over=passed_over, assigned=assigned)
    assert found is shows
    assert (LIGHTS[found] is Light.SOLID_GREEN) == (not codes and not passed_over and assigned)


def test_a_bay_where_nothing_could_begin_says_who_is_needed() -> None:
    assert doing.when_refused("volume.not_enrolled") is Doing.WAITING
    assert doing.when_refused("dock.server_away") is Doing.AWAY
    assert doing.when_refused("dock.not_a_camera") is Doing.FAILED
