"""The video's own signatures, looked at where nothing that a hostile file does can do harm."""

from fairwitness.formats import signed_video
from fairwitness.media.worker.reading import Remote

Facts = dict[str, object]


def seals(remote: Remote) -> Facts:
    """Check them; what the facts mean is in `fairwitness.formats.signed_video`."""
    report = signed_video.check(remote.read_at, size=remote.size)
    return {
        "verdict": report.verdict.value,
        "scheme": report.scheme.value if report.scheme else "",
        "keyid": report.signer.keyid if report.signer else "",
        "name": report.signer.name if report.signer else "",
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
