"""Addresses of who may do what: guardians, certificates, invitations, people, the second person."""

from django.urls import path, re_path

from accounts import (
    access_views,
    audit_views,
    notice_views,
    people_views,
    register_views,
    registration_views,
    staff_views,
)

ACCESS = [
    path("access/", access_views.access, name="access"),
    path("access/guardian/", access_views.guardian_register, name="guardian_register"),
    path("access/certificate/", access_views.certificate_apply, name="certificate_apply"),
    path(
        "access/certificate/<uuid:key>/",
        access_views.certificate_progress,
        name="certificate_progress",
    ),
    path("approval/<str:secret>/", access_views.approval, name="approval"),
    path("invitation/<str:secret>/", access_views.invitation, name="invitation"),
    path("invitation/<str:secret>/again/", access_views.invitation_again, name="invitation_again"),
    path("organisation/<slug:code>/", registration_views.organisation, name="organisation"),
    re_path(
        r"^organisations/known/(?P<year>20[0-9]{2})-(?P<month>0[1-9]|1[0-2])\.csv$",
        register_views.register_file,
        name="register_file",
    ),
]

# Deeds with a certificate, a guardian, a member, a person: a key each.
DEEDS = [
    path(f"desk/{place}/<int:key>/{words}/", getattr(views, name), name=name)
    for views, place, words, name in (
        (registration_views, "guardians", "confirm", "guardian_confirm"),
        (registration_views, "guardians", "decline", "guardian_decline"),
        (registration_views, "guardians", "departure", "guardian_depart"),
        (registration_views, "certificates", "ask-guardian", "certificate_ask"),
        (registration_views, "certificates", "grant", "certificate_grant"),
        (registration_views, "certificates", "decline", "certificate_decline"),
        (registration_views, "certificates", "suspend", "certificate_suspend"),
        (registration_views, "certificates", "restore", "certificate_restore"),
        (registration_views, "certificates", "revoke", "certificate_revoke"),
        (registration_views, "memberships", "invite", "membership_invite"),
        (registration_views, "memberships", "end", "membership_end"),
        (people_views, "people", "close", "person_close"),
        (people_views, "people", "open-again", "person_reopen"),
        (people_views, "people", "second-step", "person_recover"),
        (people_views, "people", "end-staff", "person_end_staff"),
        (staff_views, "second-person", "confirm", "asked_confirm"),
        (staff_views, "second-person", "decline", "asked_decline"),
        (notice_views, "notices", "take-down", "notice_take_down"),
    )
]

DESK = [
    path("desk/audit/", audit_views.audit_events, name="audit_events"),
    path("desk/applications/", registration_views.applications, name="applications"),
    path("desk/organisations/", registration_views.organisations, name="organisations"),
    path("desk/organisations/register/", register_views.register, name="register"),
    path(
        "desk/organisations/<slug:code>/",
        registration_views.organisation_desk,
        name="organisation_desk",
    ),
    path(
        "desk/organisations/<slug:code>/guardian/",
        registration_views.organisation_guardian,
        name="organisation_guardian",
    ),
    path(
        "desk/organisations/<slug:code>/pilot-site/",
        registration_views.organisation_pilot,
        name="organisation_pilot",
    ),
    path("desk/certificates/<int:key>/", registration_views.certificate, name="certificate"),
    path("desk/people/", people_views.people, name="people"),
    path("desk/people/invite-staff/", people_views.staff_invite, name="staff_invite"),
    path("desk/people/<int:key>/", people_views.person, name="person"),
    path("desk/second-person/", staff_views.asked, name="asked"),
    path("desk/notices/", notice_views.notices, name="notices"),
]

urlpatterns = [*ACCESS, *DESK, *DEEDS]
