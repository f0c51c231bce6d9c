"""Addresses of who may do what: guardians, certificates, invitations, people, the audit."""

from django.urls import path, re_path

from accounts import audit_views, register_views, staff_views

urlpatterns = [
    path("desk/audit/", audit_views.audit_events, name="audit_events"),
    path("desk/second-person/", staff_views.asked, name="asked"),
    path("desk/second-person/<int:key>/confirm/", staff_views.asked_confirm, name="asked_confirm"),
    path("desk/second-person/<int:key>/decline/", staff_views.asked_decline, name="asked_decline"),
    path("desk/organisations/register/", register_views.register, name="register"),
    re_path(
        r"^organisations/known/(?P<year>20[0-9]{2})-(?P<month>0[1-9]|1[0-2])\.csv$",
        register_views.register_file,
        name="register_file",
    ),
]
