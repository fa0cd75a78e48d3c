"""Cases as a Django app."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """Cases and the exhibits produced in them."""

    name = "fairwitness.cases"
    label = "cases"
    verbose_name = "Cases"
