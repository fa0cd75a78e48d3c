"""The video's own signatures, looked at while the footage passes for another reason."""

from fairwitness.formats import signed_video, video_signer
from fairwitness.formats.signed_video import VideoReport
from fairwitness.media.worker.reading import Remote

Facts = dict[str, object]


class Seals:
    """Goes along with whoever reads the footage, from block to block; `finish` at its end."""

    def __init__(self, remote: Remote) -> None:
        self._remote = remote
        self._steps = signed_video.steps(remote.read_at, size=remote.size)
        self._needed = 0
        self._going = False
        self._report: VideoReport | None = None
        self._broken = False

    def follow(self) -> None:
        """Take the steps for which there are bytes now."""
        self._go(self._remote.fetched)

    def finish(self) -> Facts | None:
        """Take the rest, whatever has to be read for it; gives what was found, None if it broke."""
        self._go(None)
        return _facts(self._report) if self._report is not None else None

    def _go(self, fetched: int | None) -> None:
        if self._going or self._broken:
            return  # its own reading was watched
        self._going = True
        try:
            while self._report is None and (fetched is None or self._needed <= fetched):
                self._needed = next(self._steps)
        except StopIteration as end:
            self._report = end.value
        except Exception:  # noqa: BLE001 -- a finding must never stop a probe
            self._broken = True
        finally:
            self._going = False


def _certificates(report: VideoReport) -> str:
    """What vouches for the signer, in PEM; nothing rather than too much."""
    pem = report.signer.certificates if report.signer else b""
    return pem.decode("ascii", errors="replace") if len(pem) <= video_signer.CHAIN_LIMIT else ""


def _facts(report: VideoReport) -> Facts:
    return {
        "verdict": report.verdict.value,
        "scheme": report.scheme.value if report.scheme else "",
        "keyid": report.signer.keyid if report.signer else "",
        "name": report.signer.name if report.signer else "",
        "certificates": _certificates(report),
        "began_us": str(report.began_us) if report.began_us is not None else "",
        "maker": report.maker[:400],
        "groups": {state.value: count for state, count in report.groups.items()},
        "spans": [
            {
                "first": span.first,
                "last": span.last,
                "from_ms": span.from_ms,
                "to_ms": span.to_ms,
                "state": span.state.value,
                "detail": span.detail[:400],
            }
            for span in report.spans
        ],
        "began_before": report.began_before,
        "problem": report.problem[:400],
    }
