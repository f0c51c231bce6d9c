"""Who may ask for what, and on whose: one table, to be read with a lawyer. Whatever is not in it,
nobody may.

The table says which kind of user may come to an address at all; *whose* submission or extract
is then found only through the user (`user.providers`, `user.commissioners`), so that a stranger
and somebody asking for what does not exist get the same answer: 404.
"""

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser

from accounts.models import Organisation, User

Visitor = User | AnonymousUser


class Asker:
    """A visitor at the moment of one question: what several rows ask of them is asked once."""

    def __init__(self, user: Visitor):
        self.user = user

    @cached_property
    def roles(self) -> set[str]:
        """The roles of the organisations they may act for today."""
        if not isinstance(self.user, User):
            return set()
        return set(self.user.organisations.order_by().values_list("role", flat=True))


def anybody(asker: Asker) -> bool:
    return True


def link_holder(asker: Asker) -> bool:
    """Whoever holds a link that the portal sent them: the link itself is asked, once."""
    return True


def signed_in(asker: Asker) -> bool:
    return asker.user.is_authenticated


def provider(asker: Asker) -> bool:
    return Organisation.Role.PROVIDER in asker.roles


def commissioner(asker: Asker) -> bool:
    return Organisation.Role.COMMISSIONER in asker.roles


def member(asker: Asker) -> bool:
    """Whoever is named for an organisation, also while it is suspended."""
    return isinstance(asker.user, User) and asker.user.member_organisations.exists()


def receiver(asker: Asker) -> bool:
    """Members of any organisation, provider or commissioner, receive extracts."""
    return bool(asker.roles)


def staff(asker: Asker) -> bool:
    return asker.user.is_authenticated and asker.user.is_staff


def provider_or_staff(asker: Asker) -> bool:
    return staff(asker) or provider(asker)


def receiver_or_staff(asker: Asker) -> bool:
    return staff(asker) or receiver(asker)


# Who needs no account. Everybody else is asked to sign in.
PUBLIC = {anybody, link_holder}


class May(NamedTuple):
    """One row: `who` may do `what`, on `whose`."""

    who: Callable[[Asker], bool]
    what: str
    whose: str


NOBODYS = "nobody's: it holds nothing of a person or an organisation"
PUBLISHED = "what is published of every provider, under disclosure control"
OWN_ACCOUNT = "their own account"
OWN_PROVIDERS = "the providers they are named for on a standing certificate"
OWN_ORGANISATIONS = "the organisations they are named for on a standing certificate"
OWN_CHECKS = "the files that they themselves had checked within the hour"
SUBMISSIONS = f"{OWN_PROVIDERS}; staff: every provider's"
ORGANISATIONS = f"{OWN_ORGANISATIONS}; staff: every organisation's"
ALL = "every organisation's"
NATIONAL = "the national extract's: every provider's rows, under pseudonyms of its own"
ANY_KNOWN = "any organisation that the register knows; nothing of it is shown"
THE_LINKS = "what the link they were sent is about, and nothing else"

# address name -> who may ask for it, to do what, on whose
TABLE: dict[str, May] = {
    # what the portal is about
    "home": May(signed_in, "see their position, or their desk", OWN_ORGANISATIONS),
    "windows": May(anybody, "see the submission windows", NOBODYS),
    "windows_year": May(anybody, "see the submission windows of a year", NOBODYS),
    "windows_feed": May(anybody, "subscribe to the submission windows", NOBODYS),
    "dictionary": May(anybody, "read the data dictionary", NOBODYS),
    "dictionary_whole": May(anybody, "print the data dictionary", NOBODYS),
    "dictionary_column": May(anybody, "read about one column", NOBODYS),
    "rules": May(anybody, "read the rulebook", NOBODYS),
    "rule": May(anybody, "read about one rule", NOBODYS),
    "extract_specification": May(anybody, "read the data extract specification", NOBODYS),
    "extract_column": May(anybody, "read about one column of the extract", NOBODYS),
    "inclusion_rules": May(anybody, "read which rows count for which month", NOBODYS),
    "quality": May(anybody, "see how good the data of each month are", PUBLISHED),
    "quality_month": May(anybody, "see the data quality of a month", PUBLISHED),
    "quality_item": May(anybody, "see one item of it by provider", PUBLISHED),
    "quality_file": May(anybody, "take its figures as a file", PUBLISHED),
    "quality_rules": May(anybody, "read the data quality report rules", NOBODYS),
    "definitions": May(anybody, "read the definitions of the statistics", NOBODYS),
    "definition": May(anybody, "read the definition of one figure", NOBODYS),
    "statistics": May(anybody, "see how the services are doing", PUBLISHED),
    "statistics_month": May(anybody, "see the statistics of a month", PUBLISHED),
    "statistics_month_by": May(anybody, "see them by provider, age, …", PUBLISHED),
    "statistics_month_file": May(anybody, "take them as a file", PUBLISHED),
    "statistics_quarter": May(anybody, "see the statistics of a quarter", PUBLISHED),
    "statistics_quarter_by": May(anybody, "see them by provider, age, …", PUBLISHED),
    "statistics_quarter_file": May(anybody, "take them as a file", PUBLISHED),
    "statistics_release_file": May(anybody, "take a release as it was", PUBLISHED),
    "statistics_figure": May(anybody, "compare a figure over time and places", PUBLISHED),
    "statistics_provider": May(anybody, "see a provider's statistics", PUBLISHED),
    "statistics_commissioner": May(anybody, "see a commissioner's statistics", PUBLISHED),
    "statistics_calendar": May(anybody, "see when extracts and statistics come", NOBODYS),
    "statistics_releases": May(anybody, "see what was released and withdrawn", PUBLISHED),
    "statistics_release": May(anybody, "see a release, and what became of it", PUBLISHED),
    "statistics_release_part": May(anybody, "take a part of it as it was released", PUBLISHED),
    "statistics_release_quality": May(anybody, "take its data quality report", PUBLISHED),
    "guidance": May(anybody, "read the guidance", NOBODYS),
    "guidance_page": May(anybody, "read a page of the guidance", NOBODYS),
    "register_file": May(anybody, "take the organisations known in a month", NOBODYS),
    "help": May(anybody, "read how to get help and access", NOBODYS),
    "privacy": May(anybody, "read how data are protected", NOBODYS),
    "accessibility": May(anybody, "read how accessible the portal is", NOBODYS),
    "health": May(anybody, "ask whether the portal answers", NOBODYS),
    # sending
    "empty_databases": May(provider_or_staff, "see the empty databases", NOBODYS),
    "empty_database": May(provider_or_staff, "take an empty database", NOBODYS),
    "send": May(provider, "send a file", OWN_PROVIDERS),
    "check": May(provider, "have a file checked without sending it", OWN_PROVIDERS),
    "check_result": May(provider, "see what was found in it", OWN_CHECKS),
    "check_workbook": May(provider, "take that as a workbook", OWN_CHECKS),
    "check_annotated": May(provider, "take the annotated copy", OWN_CHECKS),
    "check_forget": May(provider, "have it forgotten", OWN_CHECKS),
    "submissions": May(provider, "see what was sent", OWN_PROVIDERS),
    "submission": May(
        provider_or_staff, "see a receipt, its verdict and its findings", SUBMISSIONS
    ),
    "submission_findings": May(
        provider_or_staff, "work through what was found in a file", SUBMISSIONS
    ),
    "submission_findings_csv": May(provider, "take all findings of a file", OWN_PROVIDERS),
    "submission_if_final": May(
        provider, "see the month's figures as this file has them", OWN_PROVIDERS
    ),
    "submission_status": May(provider_or_staff, "see how far a check is", SUBMISSIONS),
    "submission_workbook": May(provider, "take the findings as a workbook", OWN_PROVIDERS),
    "submission_annotated": May(provider, "have the annotated copy made", OWN_PROVIDERS),
    "submission_annotated_file": May(provider, "take the annotated copy", OWN_PROVIDERS),
    "submission_withdraw": May(provider_or_staff, "withdraw a submission", SUBMISSIONS),
    "submission_warnings": May(provider, "see which records a rule warns of", OWN_PROVIDERS),
    "submission_explain": May(provider, "explain why a warning is true", OWN_PROVIDERS),
    "submission_explain_take_back": May(
        provider, "take back what was said of a warning", OWN_PROVIDERS
    ),
    "quality_mine": May(provider, "see the exact data quality of what was sent", OWN_PROVIDERS),
    # receiving
    "downloads": May(receiver, "see which extracts there are", OWN_ORGANISATIONS),
    "download": May(receiver, "take an extract", OWN_ORGANISATIONS),
    "download_referral": May(
        provider, "see how the derived values of a referral came about", OWN_PROVIDERS
    ),
    "statistics_mine": May(receiver, "see the exact figures of what was sent", OWN_ORGANISATIONS),
    "statistics_mine_csv": May(receiver, "take them as a file", OWN_ORGANISATIONS),
    # getting access
    "access": May(anybody, "read how one gets access, and ask for a guardian", NOBODYS),
    "guardian_register": May(anybody, "put a guardian forward for the register", ANY_KNOWN),
    "certificate_apply": May(anybody, "apply for a data user certificate", ANY_KNOWN),
    "certificate_progress": May(link_holder, "see how far an application is", THE_LINKS),
    "approval": May(link_holder, "approve or decline a certificate as guardian", THE_LINKS),
    "invitation": May(link_holder, "accept an invitation", THE_LINKS),
    "invitation_again": May(link_holder, "ask for a new invitation", THE_LINKS),
    "organisation": May(
        member, "see its guardian, certificates and people", "the organisations they are named for"
    ),
    # the helpdesk
    "applications": May(staff, "see what was applied for", ALL),
    "organisations": May(staff, "see the organisations that take part", ALL),
    "organisation_desk": May(staff, "see an organisation's guardians and certificates", ALL),
    "organisation_guardian": May(staff, "put a guardian forward", ALL),
    "organisation_pilot": May(staff, "mark a pilot site", ALL),
    "guardian_confirm": May(staff, "confirm a guardian", ALL),
    "guardian_decline": May(staff, "decline to register a guardian", ALL),
    "guardian_depart": May(staff, "enter a guardian's last day", ALL),
    "certificate": May(staff, "see a certificate, its steps and its people", ALL),
    "certificate_ask": May(staff, "send the guardian a new link", ALL),
    "certificate_grant": May(staff, "grant a certificate", ALL),
    "certificate_decline": May(staff, "decline a certificate", ALL),
    "certificate_suspend": May(staff, "suspend a certificate", ALL),
    "certificate_restore": May(staff, "restore a suspended certificate", ALL),
    "certificate_revoke": May(staff, "revoke a certificate", ALL),
    "membership_invite": May(staff, "invite somebody once more", ALL),
    "membership_end": May(staff, "take somebody off a certificate", ALL),
    "people": May(staff, "see who has an account", "everybody's account"),
    "person": May(staff, "see an account and what it may do", "everybody's account"),
    "person_close": May(staff, "close an account", "everybody's account but their own"),
    "person_reopen": May(staff, "ask to open a closed account again", "everybody's account"),
    "person_recover": May(staff, "ask to remove a lost second factor", "everybody's but their own"),
    "person_end_staff": May(staff, "end somebody's role as staff", "the accounts of staff"),
    "staff_invite": May(staff, "ask for somebody to be invited as staff", "anybody's address"),
    "services": May(
        commissioner,
        "see who of the providers that name them has sent what, when and how good",
        "the commissioners they are named for on a standing certificate",
    ),
    "organisation_audit": May(
        receiver_or_staff, "see who did what for it, and who took its data", ORGANISATIONS
    ),
    # staff
    "desk": May(staff, "see the desk", ALL),
    "tracker": May(staff, "see who has sent what of each period", ALL),
    "tracker_provider": May(staff, "see all that a provider sent, and its users", ALL),
    "quality_provider": May(staff, "see a provider's exact data quality", ALL),
    "window": May(staff, "see a window: who has sent, and its steps", ALL),
    "statistics_exact": May(staff, "see an organisation's exact figures", ALL),
    "statistics_outliers": May(staff, "see what stands out in a window's figures", ALL),
    "window_edit": May(staff, "change the days of an upcoming window", ALL),
    "window_nudge": May(staff, "remind those whose Primary is missing", ALL),
    "windows_propose": May(staff, "propose and keep windows", ALL),
    "window_open": May(staff, "open a window early, or change its closing day", ALL),
    "window_reopen": May(staff, "ask for a closed window to be opened again", ALL),
    "window_close": May(staff, "close a window", ALL),
    "window_process": May(staff, "have a window processed", ALL),
    "national_extracts": May(staff, "see which national extracts are published", NATIONAL),
    "national_extract": May(staff, "take one, having just confirmed who they are", NATIONAL),
    "window_publish": May(staff, "ask for the extracts of a window to be published", ALL),
    "window_release": May(staff, "see the checklist before statistics are released", ALL),
    "window_release_ask": May(staff, "ask for the statistics of a window to be released", ALL),
    "statistics_release_withdraw": May(staff, "ask for a release to be withdrawn", ALL),
    "submission_try_again": May(staff, "have a failed submission checked again", ALL),
    "asked": May(staff, "see what waits for a second person", ALL),
    "asked_confirm": May(staff, "confirm what another member of staff asked for", ALL),
    "asked_decline": May(staff, "decline what was asked for, or take their own back", ALL),
    "register": May(staff, "see the register of organisations, and load lists into it", ALL),
    "audit_events": May(staff, "see who did what", ALL),
    "notices": May(staff, "see and put up notices on every page", NOBODYS),
    "notice_take_down": May(staff, "take a notice down", NOBODYS),
    "letters": May(staff, "write a letter to users", ALL),
    "trials": May(staff, "see what rules on trial would have done", ALL),
    "mails": May(staff, "see the newest letters, in the demonstration alone", ALL),
    # signing in
    "account_login": May(anybody, "sign in", OWN_ACCOUNT),
    "account_logout": May(anybody, "sign out", OWN_ACCOUNT),
    "account_reauthenticate": May(signed_in, "confirm by password that it is them", OWN_ACCOUNT),
    "account_session": May(signed_in, "see how long they stay signed in, and stay", OWN_ACCOUNT),
    "account_change_password": May(signed_in, "change their password", OWN_ACCOUNT),
    "account_reset_password": May(anybody, "ask for a link to a new password", OWN_ACCOUNT),
    "account_reset_password_done": May(anybody, "read that a link is on its way", NOBODYS),
    "account_reset_password_from_key": May(link_holder, "choose a new password", OWN_ACCOUNT),
    "account_reset_password_from_key_done": May(anybody, "read that it is changed", NOBODYS),
    "account_inactive": May(anybody, "read that the account is closed", NOBODYS),
    "mfa_authenticate": May(anybody, "give the second factor while signing in", OWN_ACCOUNT),
    "mfa_reauthenticate": May(signed_in, "confirm by code that it is them", OWN_ACCOUNT),
    "mfa_index": May(signed_in, "see how their account is protected", OWN_ACCOUNT),
    "mfa_activate_totp": May(signed_in, "set up an authenticator app", OWN_ACCOUNT),
    "mfa_deactivate_totp": May(signed_in, "turn their authenticator app off", OWN_ACCOUNT),
    "mfa_list_webauthn": May(signed_in, "see their passkeys", OWN_ACCOUNT),
    "mfa_add_webauthn": May(signed_in, "set up a passkey", OWN_ACCOUNT),
    "mfa_edit_webauthn": May(signed_in, "name a passkey of theirs", OWN_ACCOUNT),
    "mfa_remove_webauthn": May(signed_in, "remove a passkey of theirs", OWN_ACCOUNT),
    "mfa_reauthenticate_webauthn": May(
        signed_in, "confirm by passkey that it is them", OWN_ACCOUNT
    ),
    "mfa_generate_recovery_codes": May(signed_in, "make recovery codes", OWN_ACCOUNT),
    "mfa_view_recovery_codes": May(signed_in, "see their recovery codes", OWN_ACCOUNT),
    "mfa_download_recovery_codes": May(signed_in, "take their recovery codes", OWN_ACCOUNT),
}

# Addresses that somebody who still lacks a second factor may use, in order to get one.
BEFORE_SECOND_FACTOR = {
    "account_logout",
    "account_reauthenticate",
    "account_session",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "help",
    "privacy",
    "accessibility",
    "health",
}


# Asked of those who may act for an organisation today.
OF_THOSE_WHO_ACT = {provider, commissioner, receiver, provider_or_staff, receiver_or_staff}


def only_acts_no_more(user: Visitor, address: str) -> bool:
    """Whether nothing but a certificate or a guardian that is missing today keeps `user` from the
    address of that name."""
    row = TABLE.get(address)
    asked, asker = row is not None and row.who in OF_THOSE_WHO_ACT, Asker(user)
    return asked and member(asker) and not receiver(asker)


def is_somebodys(address: str) -> bool:
    """Whether what stands at the address of that name, or the address itself, is for one person
    alone: no browser keeps it."""
    row = TABLE.get(address)
    return row is not None and (row.who is link_holder or row.whose not in {NOBODYS, PUBLISHED})


def may(user: Visitor, address: str) -> bool:
    """Whether `user` may ask for the address of that name; nobody may ask for an unlisted one."""
    row = TABLE.get(address)
    return row is not None and row.who(Asker(user))


def those_open(user: Visitor, addresses: Iterable[str]) -> set[str]:
    """The addresses among these that `user` may ask for; what several rows ask is asked once."""
    rows = {address: TABLE[address].who for address in addresses}
    asker = Asker(user)
    answers = {who: who(asker) for who in set(rows.values())}
    return {address for address, who in rows.items() if answers[who]}
