"""Every page's address."""

from django.urls import path

from fairwitness.web import (
    deletions,
    figures,
    holds,
    marking,
    public,
    quarantine,
    recording,
    recordings,
    sign_in,
    unassigned,
)

urlpatterns = [
    path("", public.home, name="home"),
    path("how-to-check", public.how_to_check, name="how-to-check"),
    path("privacy", public.privacy, name="privacy"),
    path("accessibility", public.accessibility, name="accessibility"),
    path("figures", figures.show, name="figures"),
    path("sign-in", sign_in.sign_in, name="sign-in"),
    path("sign-out", sign_in.sign_out, name="sign-out"),
    path("recordings", recordings.listing, name="recordings"),
    path("recordings/<uuid:pk>", recording.show, name="recording"),
    path("recordings/<uuid:pk>/watch", recording.watch, name="watch"),
    path("recordings/<uuid:pk>/entries", recording.entries, name="entries"),
    path("recordings/<uuid:pk>/categorise", marking.categorise, name="categorise"),
    path("recordings/<uuid:pk>/keep", marking.keep, name="keep"),
    path("recordings/<uuid:pk>/unmark", marking.unmark, name="unmark"),
    path("recordings/<uuid:pk>/unmark/decide", marking.decide_unmark, name="decide-unmark"),
    path("holds", holds.listing, name="holds"),
    path("holds/new", holds.place, name="hold-new"),
    path("holds/<uuid:pk>/lift", holds.lift, name="hold-lift"),
    path("quarantine", quarantine.listing, name="quarantine"),
    path("quarantine/<int:pk>", quarantine.decide, name="quarantine-decide"),
    path("deletions", deletions.listing, name="deletions"),
    path("deletions/<uuid:pk>", deletions.record, name="deletion-record"),
    path("unassigned", unassigned.listing, name="unassigned"),
    path("unassigned/<uuid:pk>", unassigned.assign, name="assign"),
]
