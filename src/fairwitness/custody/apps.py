"""The custody log as a Django app."""

from django.apps import AppConfig


class CustodyConfig(AppConfig):
    """Entries, their bodies, and their places in the tree."""

    name = "fairwitness.custody"
    label = "custody"
    verbose_name = "The custody log"
