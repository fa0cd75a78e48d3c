"""The three tables of the custody log; nothing outside this package reads or writes them.

An entry is frozen from its first moment: its canonical bytes are kept, and its columns merely find
it. Its body says who and why, and may lawfully be erased; the entry, its leaf and its place in its
subject's chain stay. A leaf row gives an entry its index in the tree, once and for ever.

There are no foreign keys: what an entry is about may go, and the entry stays. Triggers (see
`triggers.py`) refuse every change but a lawful erasure.
"""

from django.db import models


class BodyState(models.TextChoices):
    """What is left of a body."""

    KEPT = "kept", "kept"
    ERASED = "erased", "lawfully erased"
    LOST = "lost", "lost with the database, its entry re-imported"


class Entry(models.Model):
    """One act, frozen.

    Attributes:
        subject: what it is about, such as `recording:<uuid>`.
        sequence: its number within the subject, from 1, without gaps.
        act: a value of `formats.custody.Act`.
        at: when, in UTC.
        canonical: the entry's canonical bytes, of which all other columns are copies.
        leaf: what the log commits to: a version byte and the salted SHA-256 of `canonical`.
        leaf_hash: the Merkle leaf hash of `leaf`, which is the entry's public name.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.TextField()
    sequence = models.BigIntegerField()
    act = models.TextField()
    at = models.DateTimeField()
    canonical = models.BinaryField()
    leaf = models.BinaryField()
    leaf_hash = models.BinaryField(unique=True)

    class Meta:
        """How the table stands."""

        db_table = "custody_entry"
        constraints = [
            models.UniqueConstraint(fields=["subject", "sequence"], name="custody_entry_chain"),
            models.CheckConstraint(
                condition=models.Q(sequence__gte=1), name="custody_entry_sequence_from_1"
            ),
        ]
        indexes = [
            models.Index(fields=["act", "at"], name="custody_entry_act"),
            models.Index(fields=["at"], name="custody_entry_at"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.sequence}: {self.act}"


class Body(models.Model):
    """Who did it, why, and the details; bound to its entry by a digest in the entry.

    Attributes:
        entry_id: the entry's id.
        actor: who, such as `officer:<uuid>`; empty when erased or lost.
        salt: the 16 random bytes that hide what the leaf commits to; empty when erased.
        canonical: the body's canonical bytes; empty when erased or lost.
    """

    entry_id = models.BigIntegerField(primary_key=True)
    state = models.TextField(choices=BodyState.choices, default=BodyState.KEPT)
    actor = models.TextField()
    salt = models.BinaryField()
    canonical = models.BinaryField()

    class Meta:
        """How the table stands."""

        db_table = "custody_body"
        indexes = [models.Index(fields=["actor", "entry_id"], name="custody_body_actor")]

    def __str__(self) -> str:
        return f"body of {self.entry_id} ({self.state})"


class Leaf(models.Model):
    """The place of an entry in the tree; inserted by the one integrator, in order."""

    index = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)

    class Meta:
        """How the table stands."""

        db_table = "custody_leaf"

    def __str__(self) -> str:
        return f"leaf {self.index}"
