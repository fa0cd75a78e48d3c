"""Where each page lives."""

from django.urls import include, path

handler404 = "fairwitness.web.public.not_found"
handler500 = "fairwitness.web.public.broken"

urlpatterns = [path("", include("fairwitness.web.urls"))]
