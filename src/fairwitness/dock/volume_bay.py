"""A bay with something in it that is no camera of ours: an enrolled volume, or a strange stick."""

from pathlib import Path
from uuid import UUID

from fairwitness.dock import bringing, doing, enrolled
from fairwitness.dock.bays import Runner, Tools
from fairwitness.dock.bringing import Brought
from fairwitness.dock.doing import Doing
from fairwitness.dock.enrolled import EnrolledVolume


def runner(number: int, root: Path, tools: Tools, *, once: bool = False) -> Runner:
    """The bay for what is mounted here: a camera's, or a volume's."""
    kind = Runner if is_camera(root) else VolumeRunner
    return kind(number, root, tools, once=once)


def is_camera(root: Path) -> bool:
    """Whether it says that it is a camera of ours."""
    return (root / "camera.json").exists()


class VolumeRunner(Runner):
    """One bay with a volume in it, until it is gone."""

    _volume: EnrolledVolume | None = None

    def _round(self) -> bool:
        volume = self._opened()
        self.seen.turned(Doing.LOOKING)
        said = bringing.standing(bay=self._bay, volume=volume.card.volume)
        label = str(said["label"]) or str(volume.card.volume)
        self.seen.change(camera=f"volume {label}")
        bringing.demand_enrolled(said)
        self._hold(volume.key, f"Volume {label}")
        self.seen.owes(
            {
                enrolled.name_of(path.relative_to(self.root)): path.lstat().st_size
                for path in volume.files().footage
                if not volume.is_done(path)
            }
        )
        brought = bringing.offload_volume(bay=self._bay, volume=volume)
        self.left = brought.left
        self._show(volume, brought)
        return not brought.codes

    def _opened(self) -> EnrolledVolume:
        """The volume as an earlier look knew it, if it is the same."""
        volume = EnrolledVolume(self.root, may_erase=self._may_erase)
        if self._volume is None or self._volume.card != volume.card:
            self._volume = volume
        return self._volume

    def _may_erase(self, volume: UUID) -> bool:
        return bringing.standing(bay=self._bay, volume=volume)["erase"] is True

    def _show(self, volume: EnrolledVolume, brought: Brought) -> None:
        codes = frozenset(brought.codes.values())
        erased = volume.erased & set(brought.received)
        stays = len(brought.received) - len(erased) + len(brought.left)
        passed_over = len(brought.left) > len(brought.codes)
        self.seen.owes({})
        self.seen.change(
            doing=doing.after(codes, passed_over=passed_over, assigned=True),
            left=stays,
            sent_of=None,
            trouble=_trouble(brought),
        )
        self.seen.said(
            f"{self._what()}: {len(brought.received)} received, {len(erased)} erased,"
            f" {len(brought.left)} not received."
        )

    def _there(self) -> frozenset[str] | None:
        if is_camera(self.root):
            return None
        try:
            return frozenset(path.name for path in self.root.iterdir()) or None
        except OSError:
            return None

    def _what(self) -> str:
        return f"Volume{self.seen.view().camera.removeprefix('volume')}"

    def _gone(self) -> None:
        self.failed = self.failed and bool(self.left)  # of a stranger nothing was to be received
        super()._gone()


def _trouble(brought: Brought) -> str:
    """The last thing that was not received, and why."""
    for name, why in reversed(brought.left.items()):
        return f"{name}: {why} [{brought.codes.get(name, 'dock.passed_over')}]"
    return ""
