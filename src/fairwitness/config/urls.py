"""Where each page lives."""

from django.urls import include, path

urlpatterns = [path("", include("fairwitness.web.urls"))]
