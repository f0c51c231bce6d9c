"""Addresses of the calendar, of sending, and of submissions."""

from django.urls import path

from submissions import views

urlpatterns = [
    path("windows/", views.windows, name="windows"),
    path("send/", views.send, name="send"),
    path("submissions/", views.submissions, name="submissions"),
    path("submissions/<int:number>/", views.submission, name="submission"),
    path("submissions/<int:number>/status/", views.submission_status, name="submission_status"),
    path(
        "submissions/<int:number>/withdraw/", views.submission_withdraw, name="submission_withdraw"
    ),
    path(
        "submissions/<int:number>/try-again/",
        views.submission_try_again,
        name="submission_try_again",
    ),
    path("windows/<int:key>/open/", views.window_open, name="window_open"),
    path("windows/<int:key>/close/", views.window_close, name="window_close"),
]
