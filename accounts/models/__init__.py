"""Users, organisations, who may act for whom, and the append-only record of what was done."""

from accounts.models.audit import AuditEvent, AuditSeal
from accounts.models.letters import Link, Mail, Reminded
from accounts.models.organisations import Organisation
from accounts.models.people import User
from accounts.models.register import RegisterEntry, RegisterKind, RegisterLoad
from accounts.models.registration import (
    CaldicottGuardian,
    CertificateChange,
    CertificateStatus,
    DataUserCertificate,
    Membership,
)
from accounts.models.second_person import AskedDeed

__all__ = [
    "AskedDeed",
    "AuditEvent",
    "AuditSeal",
    "CaldicottGuardian",
    "CertificateChange",
    "CertificateStatus",
    "DataUserCertificate",
    "Link",
    "Mail",
    "Membership",
    "Organisation",
    "RegisterEntry",
    "RegisterKind",
    "RegisterLoad",
    "Reminded",
    "User",
]
