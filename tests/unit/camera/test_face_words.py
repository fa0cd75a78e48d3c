"""What the face says of each button is what the button then does."""

import pytest
from tests.camera_driving import Wearer

from fairwitness.camera import face_words
from fairwitness.camera.buttons import Button
from fairwitness.camera.device import Mode
from fairwitness.camera.inputs import Dock, Fault, Input, Memory, MemoryLevel, SwitchOff
from fairwitness.camera.outputs import LightsChanged, Log
from fairwitness.camera.profiles import BODY2, FLEX2, CameraProfile
from fairwitness.camera.settings import Settings
from fairwitness.camera.signals import PATTERNS, Meaning

HOW = {"pressed": 100, "held 3 s": 3_100, "held 10 s": 10_100}
MODES = [
    "off",
    "buffering",
    "recording",
    "muted",
    "docked",
    "fault",
    "full",
    "asleep",
    "switching off",
]
ALLOWED = Settings(stealth_allowed=True, sleep_allowed=True)
FORBIDDEN = Settings(mute_allowed=False)


def wearer_in(mode: str, profile: CameraProfile, settings: Settings) -> Wearer:
    wearer = Wearer(profile, settings=settings)
    if mode == "off":
        return wearer
    wearer.boot()
    if mode in {"recording", "muted"}:
        wearer.record()
    if mode == "muted":
        wearer.press(Button.FUNCTION, for_ms=3_100)
    if mode == "asleep" and settings.sleep_allowed:
        wearer.press(Button.FUNCTION, for_ms=3_100)
        assert wearer.camera.mode is Mode.ASLEEP
    now = wearer.camera.now
    given: dict[str, Input] = {
        "docked": Dock(now),
        "fault": Fault(now),
        "full": MemoryLevel(now, Memory.FULL),
        "switching off": SwitchOff(now),
    }
    if mode in given:
        wearer.give(given[mode])
    return wearer.forget()


@pytest.mark.parametrize("settings", [Settings(), ALLOWED, FORBIDDEN], ids=["usual", "all", "none"])
@pytest.mark.parametrize("profile", [FLEX2, BODY2], ids=lambda profile: profile.profile)
@pytest.mark.parametrize("mode", MODES)
def test_a_button_does_something_exactly_when_the_face_says_so(
    mode: str, profile: CameraProfile, settings: Settings
) -> None:
    for use in face_words.uses_of(wearer_in(mode, profile, settings).camera):
        wearer = wearer_in(mode, profile, settings)
        if use.how == "pressed twice":
            wearer.press(use.button)
            wearer.press(use.button)
        else:
            wearer.press(use.button, for_ms=HOW[use.how])
        done = [out for out in wearer.outputs if not isinstance(out, Log)]
        if use.button is Button.BATTERY and use.how != "pressed":  # each hold begins with a press
            done = [out for out in done if not isinstance(out, LightsChanged)]
            assert wearer.camera.stealth is use.works
            continue
        if mode == "switching off":  # what it was doing anyway
            assert not use.works
            continue
        assert bool(done) is use.works, (use, done)


@pytest.mark.parametrize("mode", list(Mode))
def test_each_mode_has_a_name_and_a_sentence(mode: Mode) -> None:
    wearer = Wearer(mode=mode)
    title, sentence = face_words.state_of(wearer.camera)
    assert title
    assert sentence.endswith(".")


def test_a_buffer_of_nothing_is_said_so() -> None:
    wearer = Wearer(settings=Settings(buffer_seconds=0)).boot()
    assert "no buffer" in face_words.state_of(wearer.camera)[1]


@pytest.mark.parametrize("meaning", list(Meaning))
def test_each_signal_has_a_caption_that_counts_right(meaning: Meaning) -> None:
    pattern = PATTERNS[meaning]
    caption = face_words.caption(pattern)
    assert caption.count("beep") == max(1, pattern.beeps)  # `no beep` for none
    assert caption.count("buzz") == pattern.buzzes
    assert ("no vibration" in caption) is (pattern.buzzes == 0)
