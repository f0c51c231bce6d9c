"""Addresses of who may do what: guardians, certificates, invitations, people, the audit."""

from django.urls import path

from accounts import notice_views, staff_views

urlpatterns = [
    path("desk/second-person/", staff_views.asked, name="asked"),
    path("desk/second-person/<int:key>/confirm/", staff_views.asked_confirm, name="asked_confirm"),
    path("desk/second-person/<int:key>/decline/", staff_views.asked_decline, name="asked_decline"),
    path("desk/notices/", notice_views.notices, name="notices"),
    path(
        "desk/notices/<int:key>/take-down/", notice_views.notice_take_down, name="notice_take_down"
    ),
]
