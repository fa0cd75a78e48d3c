"""Which recordings a list of work counts: see `evidence.reaching`, where programs ask too."""

from fairwitness.evidence.reaching import plain, there, within

__all__ = ["plain", "there", "within"]
