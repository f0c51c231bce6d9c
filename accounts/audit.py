"""The append-only record of deeds. A deed records its event in its own transaction; the chain that
shows whether it was touched is written afterwards (`accounts.sealing`)."""

from typing import Any

from accounts.models import AuditEvent, Organisation, User

# Everything that is ever recorded, and what it means to a reader.
EVENTS = {
    "signed in": "a user signed in",
    "sign-in failed": "somebody failed to sign in",
    "signed out": "a user signed out",
    "guardian registered": "a Caldicott Guardian was put forward for the register",
    "guardian confirmed": "staff confirmed a guardian: they are on the register",
    "guardian declined": "staff declined to register a guardian",
    "guardian departed": "staff entered a guardian's last day",
    "certificate applied": "a data user certificate was applied for",
    "guardian asked again": "staff sent the guardian a new link to decide by",
    "certificate approved": "the guardian approved a certificate",
    "certificate granted": "the helpdesk granted a certificate, or restored it",
    "certificate suspended": "the helpdesk suspended a certificate",
    "certificate revoked": "the helpdesk revoked a certificate",
    "certificate declined": "the guardian or the helpdesk declined a certificate",
    "invitation sent again": "somebody was invited once more",
    "invitation accepted": "somebody named on a certificate accepted the invitation",
    "membership ended": "staff took somebody off a certificate",
    "account opened": "somebody invited opened an account",
    "account closed": "staff closed an account",
    "account opened again": "staff opened a closed account again",
    "staff invited": "somebody was invited to be HSCIC staff",
    "staff granted": "somebody became HSCIC staff",
    "staff account made": "an account of HSCIC staff was made on the portal's machine",
    "staff ended": "somebody is HSCIC staff no more",
    "second factor removed by staff": "staff removed the second factor of somebody who lost it",
    "pilot site changed": "staff marked an organisation as a pilot site, or not",
    "password changed": "a user changed their password",
    "password reset": "a user chose a new password by a link in a letter",
    "second factor set up": "a user set up an authenticator app or a passkey",
    "second factor removed": "a user removed an authenticator app, a passkey or recovery codes",
    "second factor failed": "somebody who had the password gave a wrong code",
    "recovery codes made": "a user made recovery codes",
    "recovery code used": "a user signed in with a recovery code",
    "second person asked": "a member of staff asked for a deed that needs a second person",
    "second person confirmed": "another member of staff confirmed it, and it was done",
    "second person declined": "another member of staff declined it",
    "second person not needed": "whoever asked for a deed took it back",
    "second person lapsed": "nobody confirmed a deed in time, and it was dropped",
    "register loaded": "a list of organisations as ODS publishes it was loaded",
    "calendar loaded": "the published calendar was loaded on the portal's machine",
    "window kept": "staff put a window into the calendar",
    "window edited": "staff changed the days of an upcoming window",
    "window opened": "staff opened a window before its time",
    "window extended": "staff moved the closing of an open window to a later day",
    "window shortened": "staff moved the closing of an open window to an earlier day",
    "window closed": "staff closed a window",
    "window reopened": "a closed window was opened again",
    "provider reminded": "the users of a provider were reminded that its Primary is missing",
    "provider nudged": "staff reminded the users of a provider by hand",
    "letter sent": "staff wrote to users",
    "notice put up": "staff put up a notice on every page",
    "notice taken down": "staff took a notice down",
    "submission received": "a submission was received",
    "submission checking": "a worker began to check a submission",
    "submission accepted": "a submission was accepted and its records loaded",
    "submission rejected": "a submission was rejected",
    "submission failed": "a submission could not be checked through our fault",
    "submission withdrawn": "an accepted submission was withdrawn",
    "another provider's file": "a file named a provider that its sender may not send for",
    "findings seen": "identifiable details of findings were shown",
    "annotated copy asked": "the rows of a submission that have findings were asked for",
    "report downloaded": "what was found in a submission was downloaded, with identifiable details",
    "file checked": "a user had a file checked without sending it; it was not kept",
    "warning explained": "a provider said why a warning is true",
    "explanation taken back": "a provider took back what it had said of a warning",
    "processing asked": "staff asked for a window to be processed",
    "processing done": "the extracts of a window were made",
    "processing failed": "processing stopped through our fault",
    "referral traced": "how the derived values of a referral came about was asked for",
    "preview made": "the extract of a file that stands was made before the deadline",
    "extracts published": "the extracts of a window were published",
    "statistics released": "the data quality report and the statistics of a window were released",
    "statistics withdrawn": "a release was withdrawn, and perhaps hidden from all but staff",
    "extract downloaded": "an extract was downloaded",
    "extract rebuilt": "an extract was made again on the portal's machine and written to a folder",
    "period purged": "what named a period's patients to their providers was removed",
}


# Who did it where nobody was signed in; of everything else the portal itself.
WITHOUT_ACCOUNT = {
    "sign-in failed": "somebody who did not sign in",
    "guardian registered": "a form of the access pages",
    "certificate applied": "a form of the access pages",
    "certificate approved": "the Caldicott Guardian, by the link in their letter",
    "certificate declined": "the Caldicott Guardian, by the link in their letter",
    "invitation sent again": "whoever was invited",
}


def record(
    what: str, *, by: User | None, organisation: Organisation | None = None, **facts: Any
) -> AuditEvent:
    """Append one event to the audit, inside the deed's own transaction.

    Raises KeyError for an event that is not in `EVENTS`.
    """
    EVENTS[what]
    return AuditEvent.objects.create(what=what, by=by, organisation=organisation, facts=facts)


def in_words(facts: dict[str, Any]) -> str:
    """The facts of an event as a reader takes them in: "extract 7, file IAPT_…"."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in facts.items())
