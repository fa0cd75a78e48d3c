"""Whatever happens to a camera, in whatever order, these hold."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from fairwitness.camera.behaviour import step
from fairwitness.camera.buttons import Button
from fairwitness.camera.device import Camera, Mode
from fairwitness.camera.inputs import (
    BatteryLevel,
    CableIn,
    CableOut,
    ClockLost,
    Dock,
    Fault,
    Input,
    Memory,
    MemoryLevel,
    PeopleTold,
    Press,
    Recovered,
    Release,
    SwitchOff,
    SwitchOn,
    Tick,
    Undock,
)
from fairwitness.camera.outputs import Act, Command, LightsChanged, Output, Signal
from fairwitness.camera.profiles import BODY2, FLEX2
from fairwitness.camera.settings import Settings
from fairwitness.camera.signals import PATTERNS, Meaning, Public
from fairwitness.formats.recording import EventKind

SETTINGS = st.builds(
    Settings,
    version=st.integers(0, 9),
    buffer_seconds=st.sampled_from([0, 30, 120]),
    mute_allowed=st.booleans(),
    stealth_allowed=st.booleans(),
    sleep_allowed=st.booleans(),
)
CAMERAS = st.builds(
    Camera,
    profile=st.sampled_from([FLEX2, BODY2]),
    settings=SETTINGS,
    clock_set=st.booleans(),
    part_ms=st.sampled_from([7_000, 14_400_000]),
)
BUTTONS = st.sampled_from(Button)
HAPPENINGS = st.one_of(
    st.tuples(st.just(Press), BUTTONS),
    st.tuples(st.just(Release), BUTTONS),
    st.tuples(st.just(MemoryLevel), st.sampled_from(Memory)),
    st.tuples(st.just(SwitchOn), st.booleans()),
    st.tuples(st.just(PeopleTold), st.booleans()),
    st.tuples(st.sampled_from([SwitchOff, Recovered, CableOut, CableIn, Dock, Undock])),
    st.tuples(st.sampled_from([ClockLost, Fault, Tick])),
    st.tuples(st.just(BatteryLevel), st.integers(0, 100), st.integers(0, 30)),
)
PAUSES = st.sampled_from([0, 100, 900, 3_000, 3_100, 10_500, 20_000, 125_000])
# Switched on first, so that most examples come to record.
LIVES = st.lists(st.tuples(PAUSES, HAPPENINGS), min_size=1, max_size=40)
DOUBLE = [(3_000, (Tick,)), *[(100, (act, Button.EVENT)) for act in (Press, Release) * 2]]


STEALTH = (EventKind.STEALTH_ON, EventKind.STEALTH_OFF)
# What the recorder may be doing when it is told so, and what it does then.
RECORDER: dict[Act, tuple[set[str], str | None]] = {
    Act.START_BUFFERING: ({"nothing"}, "buffering"),
    Act.STOP_BUFFERING: ({"buffering"}, "nothing"),
    Act.START_RECORDING: ({"buffering"}, "recording"),
    Act.STOP_RECORDING: ({"recording"}, "buffering"),
    Act.SPLIT: ({"recording"}, None),
    Act.NOTE: ({"recording"}, None),
    Act.RECOVER: ({"nothing"}, None),
    Act.APPLY_SETTINGS: ({"nothing"}, None),
}


def inputs(life: list[tuple[int, tuple[object, ...]]]) -> list[Input]:
    now, found = 0, []
    for pause, (kind, *rest) in [(0, (SwitchOn,)), *DOUBLE, *life]:
        now += pause
        found.append(kind(now, *rest))  # type: ignore[operator] # an input's class
    return found


def lived(camera: Camera, happened: list[Input]) -> tuple[Camera, list[Output]]:
    outputs: list[Output] = []
    for one in happened:
        result = step(camera, one)
        camera = result.camera
        outputs += result.outputs
    return camera, outputs


@given(camera=CAMERAS, life=LIVES, every=st.sampled_from([333, 1_000, 7_777]))
@settings(max_examples=150, deadline=None)
def test_it_makes_no_difference_how_often_time_is_told(
    camera: Camera, life: list[tuple[int, tuple[object, ...]]], every: int
) -> None:
    happened = inputs(life)
    ticked: list[Input] = []
    now = 0
    for one in happened:
        ticked += [Tick(at) for at in range(now + every, one.at_ms, every)]
        ticked.append(one)
        now = one.at_ms
    assert lived(camera, ticked) == lived(camera, happened)


@given(camera=CAMERAS, life=LIVES)
@settings(max_examples=300, deadline=None)
def test_the_recorder_is_told_what_it_can_do(
    camera: Camera, life: list[tuple[int, tuple[object, ...]]]
) -> None:
    _, outputs = lived(camera, inputs(life))
    doing = "nothing"
    for command in (output for output in outputs if isinstance(output, Command)):
        wanted, doing_then = RECORDER[command.act]
        if command.act is Act.NOTE and command.kind in STEALTH:
            continue  # stealth may begin before a recording
        assert doing in wanted, command
        doing = doing_then or doing


@given(camera=CAMERAS, life=LIVES)
@settings(max_examples=300, deadline=None)
def test_mute_and_stealth_are_noted_in_turns(
    camera: Camera, life: list[tuple[int, tuple[object, ...]]]
) -> None:
    _, outputs = lived(camera, inputs(life))
    stealth, mute = [], []
    for command in (output for output in outputs if isinstance(output, Command)):
        if command.act is Act.START_RECORDING:
            mute.append(EventKind.MUTE_OFF)
        if command.kind in STEALTH:
            stealth.append(command.kind)
        if command.kind in {EventKind.MUTE_ON, EventKind.MUTE_OFF}:
            assert mute[-1] is not command.kind
            mute.append(command.kind)
    assert stealth == [STEALTH[at % 2] for at in range(len(stealth))]


@given(camera=CAMERAS, life=LIVES)
@settings(max_examples=300, deadline=None)
def test_people_see_and_hear_that_it_records_unless_it_is_in_stealth(
    camera: Camera, life: list[tuple[int, tuple[object, ...]]]
) -> None:
    for one in inputs(life):
        result = step(camera, one)
        camera = result.camera
        flashing = camera.lights.public is Public.FLASHES_RED
        assert flashing is (camera.mode is Mode.EVENT and not camera.stealth)
        assert not (camera.stealth and not camera.settings.stealth_allowed)
        for output in result.outputs:
            if isinstance(output, Signal):
                pattern = PATTERNS[output.meaning]
                assert (output.beeps, output.buzzes) == (pattern.beeps, pattern.buzzes)


@given(camera=CAMERAS, life=LIVES)
@settings(max_examples=200, deadline=None)
def test_outputs_come_in_order_and_lights_only_when_they_change(
    camera: Camera, life: list[tuple[int, tuple[object, ...]]]
) -> None:
    _, outputs = lived(camera, inputs(life))
    times = [output.at_ms for output in outputs]
    assert times == sorted(times)
    lights = [output.lights for output in outputs if isinstance(output, LightsChanged)]
    assert all(one != other for one, other in itertools.pairwise(lights))


@given(camera=CAMERAS, life=LIVES)
@settings(max_examples=200, deadline=None)
def test_a_recording_camera_is_heard_every_two_minutes(
    camera: Camera, life: list[tuple[int, tuple[object, ...]]]
) -> None:
    camera, _ = lived(camera, inputs(life))
    if camera.mode is Mode.EVENT and not camera.stealth:
        result = step(camera, Tick(camera.now + 120_000))
        if result.camera.mode is Mode.EVENT and not result.camera.stealth:
            heard = [one.meaning for one in result.outputs if isinstance(one, Signal)]
            assert Meaning.STILL_RECORDING in heard
