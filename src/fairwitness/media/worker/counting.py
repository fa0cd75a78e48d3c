"""One pass over all packets: how many, from when to when, and the first picture decoded."""

from fractions import Fraction
from typing import TYPE_CHECKING

import av
from av.container import InputContainer
from av.stream import Stream
from av.video.frame import VideoFrame

from fairwitness.media.worker.opening import Refused, readable

if TYPE_CHECKING:
    from av.packet import Packet

Finding = dict[str, str]

_JITTER_MS = 2
_TRIED = 120
"""How many packets may pass before the first picture must have been decoded."""


class Count:
    """What one stream's packets add up to."""

    def __init__(self, stream: Stream) -> None:
        self.packets = 0
        self._base = stream.time_base or Fraction(1, 1000)
        self._first: int | None = None
        self._end = 0
        self._last: int | None = None
        self._steps: tuple[int, int] | None = None

    def add(self, packet: "Packet[Stream]") -> None:
        """Take one packet in."""
        self.packets += 1
        self._step(packet.dts if packet.dts is not None else packet.pts)
        at = packet.pts if packet.pts is not None else packet.dts
        if at is None:
            return
        self._first = at if self._first is None else min(self._first, at)
        self._end = max(self._end, at + (packet.duration or 0))

    def _step(self, at: int | None) -> None:
        if at is None:
            return
        if self._last is not None and at > self._last:
            step = at - self._last
            least, most = self._steps or (step, step)
            self._steps = min(least, step), max(most, step)
        self._last = at

    @property
    def variable(self) -> bool:
        """Whether its packets come at an uneven rate: a step is half as long again as another."""
        least, most = self._steps or (0, 0)
        return (most - least) * self._base * 1000 > _JITTER_MS and 2 * most > 3 * least

    @property
    def duration_ms(self) -> int:
        """From the first to the end of the last, in milliseconds."""
        if self._first is None:
            return 0
        return max(0, min(round((self._end - self._first) * self._base * 1000), 1 << 60))


class Pass:
    """The pass.

    Attributes:
        counts: by the index of the stream.
        findings: what went wrong on the way.
        first: the first picture, when one could be decoded.
    """

    def __init__(self, container: InputContainer) -> None:
        self._container = container
        self._video = next(iter(container.streams.video), None)
        self._trying = self._video is not None and readable(self._video)
        self._corrupt = 0
        self.counts: dict[int, Count] = {}
        self.findings: list[Finding] = []
        self.first: VideoFrame | None = None

    def run(self) -> None:
        """Read all packets.

        Raises:
            Refused: there is not one.
        """
        try:
            for packet in self._container.demux():
                if packet.size:
                    self._take(packet)
        except (av.error.FFmpegError, ValueError) as error:
            self._damaged(f"Reading stopped before the end: {error}")
        if self._corrupt:
            self._damaged(f"{self._corrupt} packets are marked as damaged.")
        if not self.counts:
            raise Refused("media.unreadable", "There is not one picture or sound in it.")
        if self._trying:
            self._last_try()

    def _take(self, packet: "Packet[Stream]") -> None:
        index = packet.stream.index
        count = self.counts.get(index)
        if count is None:
            count = self.counts[index] = Count(packet.stream)
        count.add(packet)
        self._corrupt += packet.is_corrupt
        if self._trying and self._video is not None and index == self._video.index:
            self._try(packet, last=count.packets >= _TRIED)

    def _try(self, packet: "Packet[Stream]", *, last: bool) -> None:
        try:
            frames = [frame for frame in packet.decode() if isinstance(frame, VideoFrame)]
        except (av.error.FFmpegError, ValueError) as error:
            self._trying = False
            self._damaged(f"The first picture can't be decoded: {error}")
            return
        if frames:
            self.first, self._trying = frames[0], False
        elif last:
            self._trying = False
            self._damaged("Not one of the first pictures could be decoded.")

    def _last_try(self) -> None:
        """A decoder may hold its pictures back until it is told that no more will come."""
        context = self._video.codec_context if self._video is not None else None
        try:
            frames = context.decode(None) if context is not None else []
        except (av.error.FFmpegError, ValueError) as error:
            self._damaged(f"The first picture can't be decoded: {error}")
            return
        if frames:
            self.first = frames[0]
        else:
            self._damaged("Not one picture could be decoded.")

    def _damaged(self, message: str) -> None:
        self.findings.append({"code": "media.damaged", "message": message[:400]})
