"""Where each page lives."""

urlpatterns: list[object] = []
