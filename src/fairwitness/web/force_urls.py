"""The addresses of the force's pages."""

from django.urls import path

from fairwitness.web import (
    camera_report,
    force_cameras,
    force_docks,
    force_people,
    force_settings,
    force_stations,
    issue_desk,
    people_acts,
    station_acts,
    unit_plan,
)

urlpatterns = [
    path("force/issue", issue_desk.show, name="issue-desk"),
    path("force/issue/return", issue_desk.take_back, name="issue-return"),
    path("force/cameras", force_cameras.listing, name="force-cameras"),
    path("force/cameras/<uuid:pk>", force_cameras.show, name="force-camera"),
    path("force/cameras/<uuid:pk>/report", camera_report.show, name="force-camera-report"),
    path("force/cameras/<uuid:pk>/revoke", camera_report.revoke, name="force-camera-revoke"),
    path("force/docks", force_docks.listing, name="force-docks"),
    path("force/docks/<uuid:pk>", force_docks.show, name="force-dock"),
    path("force/stations", force_stations.listing, name="force-stations"),
    path("force/stations/new", station_acts.register, name="force-station-new"),
    path("force/stations/<slug:code>", force_stations.show, name="force-station"),
    path("force/stations/<slug:code>/change", station_acts.change, name="force-station-change"),
    path("force/stations/<slug:code>/close", station_acts.close, name="force-station-close"),
    path("force/stations/<slug:code>/open", station_acts.reopen, name="force-station-open"),
    path("force/officers", force_people.officers, name="force-officers"),
    path("force/officers/new", people_acts.join, name="force-officer-new"),
    path("force/officers/<uuid:pk>", force_people.officer, name="force-officer"),
    path("force/officers/<uuid:pk>/change", people_acts.change, name="force-officer-change"),
    path("force/officers/<uuid:pk>/move", people_acts.move, name="force-officer-move"),
    path("force/officers/<uuid:pk>/leave", people_acts.leave, name="force-officer-leave"),
    path("force/officers/<uuid:pk>/roles", people_acts.grant, name="force-role-grant"),
    path(
        "force/officers/<uuid:pk>/roles/<uuid:grant_id>/end",
        people_acts.end_role,
        name="force-role-end",
    ),
    path("force/units", force_people.units, name="force-units"),
    path("force/units/<slug:code>", force_people.unit, name="force-unit"),
    path("force/units/<slug:code>/plan", unit_plan.plan, name="force-unit-plan"),
    path("force/settings", force_settings.listing, name="force-settings"),
    path("force/settings/<slug:profile>", force_settings.change, name="force-settings-change"),
    path(
        "force/settings/<slug:profile>/<slug:code>",
        force_settings.change,
        name="force-settings-unit",
    ),
    path(
        "force/settings/<slug:profile>/<slug:code>/follow",
        force_settings.follow,
        name="force-settings-follow",
    ),
]
