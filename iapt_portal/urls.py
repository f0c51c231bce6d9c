"""Every address of the portal. Who may ask for each stands in `accounts.permissions`."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.conf import settings
from django.urls import include, path, re_path
from django.views.generic import TemplateView

from accounts import second_factor, sessions
from accounts.second_factor import GiveSecondFactor
from iapt_portal import dictionary, guidance, home, rulebook

SIGNING_IN = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("session/", sessions.session, name="account_session"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path("password/reset/sent/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/", GiveSecondFactor.as_view(), name="mfa_authenticate"),
    path("second-factor/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/overview/", mfa.index, name="mfa_index"),
    path("second-factor/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-factor/app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-factor/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("second-factor/passkeys/new/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path(
        "second-factor/passkeys/confirm/",
        passkeys.reauthenticate_webauthn,
        name="mfa_reauthenticate_webauthn",
    ),
    path("second-factor/passkeys/<int:pk>/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path(
        "second-factor/passkeys/<int:pk>/remove/",
        second_factor.RemovePasskey.as_view(),
        name="mfa_remove_webauthn",
    ),
    path(
        "second-factor/recovery/",
        recovery_codes.view_recovery_codes,
        name="mfa_view_recovery_codes",
    ),
    path(
        "second-factor/recovery/new/",
        recovery_codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "second-factor/recovery/file/",
        recovery_codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]

handler500 = "iapt_portal.middleware.our_fault"

urlpatterns = [
    path("", home.home, name="home"),
    path("health", home.health, name="health"),
    path("help/", TemplateView.as_view(template_name="pages/help.html"), name="help"),
    path(
        "privacy/",
        TemplateView.as_view(
            template_name="pages/privacy.html",
            extra_context={"months_kept": settings.MONTHS_KEPT},
        ),
        name="privacy",
    ),
    path(
        "accessibility/",
        TemplateView.as_view(template_name="pages/accessibility.html"),
        name="accessibility",
    ),
    path("dictionary/", dictionary.dictionary_index, name="dictionary"),
    path("dictionary/whole/", dictionary.dictionary_whole, name="dictionary_whole"),
    path(
        "dictionary/<slug:table>/<slug:column>/",
        dictionary.dictionary_column,
        name="dictionary_column",
    ),
    path("rules/", rulebook.rules, name="rules"),
    path("rules/<slug:code>/", rulebook.rule, name="rule"),
    path("guidance/", guidance.guidance, name="guidance"),
    path("guidance/<slug:name>/", guidance.guidance_page, name="guidance_page"),
    path("desk/", home.desk, name="desk"),
    path("desk/mails/", home.mails, name="mails"),
    path("account/", include(SIGNING_IN)),
    path("", include("accounts.urls")),
    path("", include("submissions.urls")),
    path("", include("extracts.urls")),
]
