"""Addresses of the calendar, of sending, and of submissions."""

from django.urls import path

from submissions import (
    calendar_views,
    check_views,
    desk_views,
    explaining_views,
    finding_views,
    report_views,
    trials,
    views,
)

urlpatterns = [
    path("windows/", calendar_views.windows, name="windows"),
    path("windows/year/<int:first_year>/", calendar_views.windows_year, name="windows_year"),
    path("windows/calendar.ics", calendar_views.windows_feed, name="windows_feed"),
    path("windows/propose/", calendar_views.windows_propose, name="windows_propose"),
    path("empty/", views.empty_databases, name="empty_databases"),
    path("empty/<str:version>/<slug:form>/", views.empty_database, name="empty_database"),
    path("send/", views.send, name="send"),
    path("check/", check_views.check, name="check"),
    path("check/<int:number>/", check_views.check_result, name="check_result"),
    path("check/<int:number>/workbook/", check_views.check_workbook, name="check_workbook"),
    path("check/<int:number>/annotated/", check_views.check_annotated, name="check_annotated"),
    path("check/<int:number>/forget/", check_views.check_forget, name="check_forget"),
    path("submissions/", views.submissions, name="submissions"),
    path("submissions/<int:number>/", views.submission, name="submission"),
    path("submissions/<int:number>/status/", views.submission_status, name="submission_status"),
    path(
        "submissions/<int:number>/findings/",
        finding_views.submission_findings,
        name="submission_findings",
    ),
    path(
        "submissions/<int:number>/findings.csv",
        finding_views.submission_findings_csv,
        name="submission_findings_csv",
    ),
    path(
        "submissions/<int:number>/withdraw/", views.submission_withdraw, name="submission_withdraw"
    ),
    path(
        "submissions/<int:number>/try-again/",
        views.submission_try_again,
        name="submission_try_again",
    ),
    path(
        "submissions/<int:number>/workbook/",
        report_views.submission_workbook,
        name="submission_workbook",
    ),
    path(
        "submissions/<int:number>/annotated/",
        report_views.submission_annotated,
        name="submission_annotated",
    ),
    path(
        "submissions/<int:number>/annotated/file/",
        report_views.submission_annotated_file,
        name="submission_annotated_file",
    ),
    path(
        "submissions/<int:number>/warnings/<slug:code>/",
        explaining_views.submission_warnings,
        name="submission_warnings",
    ),
    path(
        "submissions/<int:number>/explain/<int:key>/",
        explaining_views.submission_explain,
        name="submission_explain",
    ),
    path(
        "submissions/<int:number>/explain/<int:key>/take-back/",
        explaining_views.submission_explain_take_back,
        name="submission_explain_take_back",
    ),
    path("windows/<int:key>/open/", calendar_views.window_open, name="window_open"),
    path("windows/<int:key>/edit/", calendar_views.window_edit, name="window_edit"),
    path("windows/<int:key>/reopen/", calendar_views.window_reopen, name="window_reopen"),
    path("windows/<int:key>/remind/", desk_views.window_nudge, name="window_nudge"),
    path("desk/tracker/", desk_views.tracker, name="tracker"),
    path("desk/tracker/<slug:code>/", desk_views.tracker_provider, name="tracker_provider"),
    path("desk/trials/", trials.trials, name="trials"),
    path("desk/letters/", desk_views.letters, name="letters"),
    path("windows/<int:key>/close/", calendar_views.window_close, name="window_close"),
]
