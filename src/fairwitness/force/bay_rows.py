"""What docks last told of their bays: one row a dock, and one for each camera they told of.

It is a dock's word at one moment, for people who look where something hangs. Nothing is decided by
it: whose a recording is and what is missing is known from dockings and recordings alone.
"""

from django.db import models


class DockBoard(models.Model):
    """All bays of a dock as it told them last."""

    dock = models.OneToOneField(
        "force.Dock", on_delete=models.CASCADE, primary_key=True, related_name="board"
    )
    told_at = models.DateTimeField()
    bays = models.JSONField()

    def __str__(self) -> str:
        return f"bays of {self.dock_id}"


class CameraInDock(models.Model):
    """What a dock told last of one camera; it stays when the camera is taken out."""

    camera = models.OneToOneField(
        "force.Camera", on_delete=models.CASCADE, primary_key=True, related_name="in_dock"
    )
    dock = models.ForeignKey("force.Dock", on_delete=models.CASCADE, related_name="told_cameras")
    bay = models.PositiveSmallIntegerField()
    told_at = models.DateTimeField()
    docked_at = models.DateTimeField(null=True, blank=True)
    recordings_left = models.PositiveIntegerField()
    bytes_owed = models.PositiveBigIntegerField()
    firmware = models.CharField(max_length=40, blank=True)
    battery_percent = models.PositiveSmallIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.camera_id} in bay {self.bay}"
