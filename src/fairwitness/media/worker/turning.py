"""Pictures as people should see them: turned upright, with square pixels, small enough.

A camera held sideways writes its pictures sideways and says so in a matrix; players turn them.
What we encode ourselves (working copy, poster, strip) is turned before it is encoded.
"""

from fractions import Fraction
from typing import Final

from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame

_NARROWEST: Final = 2
_EXTREME: Final = 16
_TURNS: Final[dict[int, tuple[tuple[str, str], ...]]] = {
    0: (),
    90: (("transpose", "cclock"),),
    180: (("hflip", ""), ("vflip", "")),
    270: (("transpose", "clock"),),
}


def quarter(frame: VideoFrame) -> int:
    """By how many degrees a picture must be turned against the clock: 0, 90, 180 or 270."""
    return round(frame.rotation / 90) * 90 % 360


def fitted(
    frame: VideoFrame, *, long_side: int, short_side: int, aspect: Fraction | None
) -> tuple[int, int]:
    """The size of the upright picture: square pixels, even, within these sides, never enlarged."""
    width = Fraction(max(frame.width, 1))
    if aspect is not None and Fraction(1, _EXTREME) <= aspect <= _EXTREME:
        width *= aspect
    height = Fraction(max(frame.height, 1))
    if quarter(frame) in {90, 270}:
        width, height = height, width
    longer, shorter = max(width, height), min(width, height)
    scale = min(Fraction(1), long_side / longer, short_side / shorter)
    return _even(width * scale), _even(height * scale)


def _even(length: Fraction) -> int:
    return max(_NARROWEST, round(length / 2) * 2)


class Upright:
    """Turns and scales the pictures of one stream to one size, whatever they change to midway."""

    def __init__(
        self, *, width: int, height: int, pixels: str, box: tuple[int, int] | None = None
    ) -> None:
        """Pictures of this size, in the middle of a black box if one is given."""
        self._scale = f"{width}:{height}"
        self._box = box
        self._pixels = pixels
        self._shape: tuple[int, int, str, int] | None = None
        self._graph = Graph()

    def turned(self, frame: VideoFrame) -> VideoFrame:
        """The picture, upright and of that size; its time is as it was."""
        shape = (frame.width, frame.height, frame.format.name, quarter(frame))
        if shape != self._shape:
            self._build(frame)
            self._shape = shape
        pts, time_base = frame.pts, frame.time_base
        frame.pts = None
        self._graph.push(frame)
        made = self._graph.pull()
        if not isinstance(made, VideoFrame):
            raise TypeError("a picture was expected")
        made.pts, made.time_base = pts, time_base
        return made

    def _build(self, frame: VideoFrame) -> None:
        graph = Graph()
        steps = [
            graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=Fraction(1, 90_000),
            ),
            *(graph.add(name, words) for name, words in _TURNS[quarter(frame)]),
            graph.add("scale", self._scale),
            *self._boxed(graph),
            graph.add("format", self._pixels),
            graph.add("setsar", "1"),
            graph.add("buffersink"),
        ]
        graph.link_nodes(*steps).configure()
        self._graph = graph

    def _boxed(self, graph: Graph) -> list[FilterContext]:
        if self._box is None:
            return []
        return [graph.add("pad", f"{self._box[0]}:{self._box[1]}:(ow-iw)/2:(oh-ih)/2")]
