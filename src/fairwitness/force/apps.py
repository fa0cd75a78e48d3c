"""The force as a Django app."""

from django.apps import AppConfig


class ForceConfig(AppConfig):
    """Units, stations, officers, roles, cameras, docks and who had which camera when."""

    name = "fairwitness.force"
    label = "force"
    verbose_name = "The force"
