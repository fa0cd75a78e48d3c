"""A wearer for tests: presses buttons of the pure camera, and looks at what it did."""

from dataclasses import replace

from fairwitness.camera.behaviour import step
from fairwitness.camera.buttons import Button
from fairwitness.camera.device import BOOT_MS, Camera, Mode
from fairwitness.camera.inputs import Input, Press, Release, SwitchOn, Tick
from fairwitness.camera.outputs import Act, Command, LightsChanged, Log, Output, Signal
from fairwitness.camera.profiles import BODY2, CameraProfile
from fairwitness.camera.signals import DARK, BatteryLight, Function, Lights, Meaning
from fairwitness.formats.recording import EventKind


class Wearer:
    """Somebody with a camera. Times are milliseconds; each act happens at the present moment."""

    def __init__(self, profile: CameraProfile = BODY2, **changes: object) -> None:
        self.camera = replace(Camera(profile=profile), **changes)  # type: ignore[arg-type] # by name
        self.outputs: list[Output] = []

    def give(self, happened: Input) -> None:
        result = step(self.camera, happened)
        self.camera = result.camera
        self.outputs += result.outputs

    def wait(self, ms: int) -> None:
        self.give(Tick(self.camera.now + ms))

    def press(self, button: Button, *, for_ms: int = 100) -> None:
        self.give(Press(self.camera.now, button))
        self.give(Release(self.camera.now + for_ms, button))

    def boot(self) -> "Wearer":
        self.give(SwitchOn(self.camera.now))
        self.wait(BOOT_MS)
        assert self.camera.mode is Mode.BUFFERING
        return self

    def record(self) -> "Wearer":
        self.press(Button.EVENT)
        self.press(Button.EVENT)
        assert self.camera.mode is Mode.EVENT
        return self

    def hold_event(self) -> None:
        self.press(Button.EVENT, for_ms=3100)

    def forget(self) -> "Wearer":
        """Look only at what happens from here on."""
        self.outputs.clear()
        return self

    def is_in(self, mode: Mode) -> bool:
        return self.camera.mode is mode

    def shows(self, light: BatteryLight | Function) -> bool:
        return light in {self.lights.battery, self.lights.function}

    @property
    def signals(self) -> list[Signal]:
        return [output for output in self.outputs if isinstance(output, Signal)]

    @property
    def heard(self) -> list[tuple[Meaning, int, int]]:
        return [(signal.meaning, signal.beeps, signal.buzzes) for signal in self.signals]

    @property
    def commands(self) -> list[Command]:
        return [output for output in self.outputs if isinstance(output, Command)]

    @property
    def acts(self) -> list[Act]:
        return [command.act for command in self.commands if command.act is not Act.NOTE]

    @property
    def notes(self) -> list[EventKind | None]:
        return [command.kind for command in self.commands if command.act is Act.NOTE]

    @property
    def logged(self) -> list[tuple[str, str]]:
        return [(log.what, log.detail) for log in self.outputs if isinstance(log, Log)]

    @property
    def lights(self) -> Lights:
        """As last told, not as computed: what an onlooker sees."""
        told = [output.lights for output in self.outputs if isinstance(output, LightsChanged)]
        return told[-1] if told else DARK
