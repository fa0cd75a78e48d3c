"""Whether the line to the server is private: https, or this very machine."""

import ipaddress
import ssl
import urllib.parse


def is_private(server: str) -> bool:
    """Whether nobody on the way can listen: https, or plain http to this machine alone."""
    parts = urllib.parse.urlsplit(server)
    host = parts.hostname or ""
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    return parts.scheme == "https" or (parts.scheme == "http" and local)


def is_certificate(error: BaseException) -> bool:
    """Whether a connection failed because of who answered."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
