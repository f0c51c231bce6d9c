"""Thin doors for people who have no account yet: guardians, applicants, whoever is invited."""

import uuid
from typing import Any

from allauth.account.utils import perform_login
from allauth.core import ratelimit
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts import applying, certificates, granting, guardians, invitations, links
from accounts.clock import this_day
from accounts.forms import (
    CertificateForm,
    DecisionForm,
    GuardianForm,
    NewAccountForm,
    OrganisationField,
    PeopleFormSet,
)
from accounts.models import CaldicottGuardian, CertificateStatus, DataUserCertificate, Link, User
from accounts.refusals import Refusal

UNPROCESSABLE, GONE, TOO_MANY = 422, 410, 429
READ_OR_POST = require_http_methods(["GET", "HEAD", "POST"])
# So often one visitor may send the forms that need no account.
ACTION = "access_form"


def _too_often(request: HttpRequest) -> HttpResponse | None:
    if ratelimit.consume(request, action=ACTION):
        return None
    return render(request, "429.html", status=TOO_MANY)


@require_safe
def access(request: HttpRequest) -> HttpResponse:
    """How one gets access, step by step, and whether an organisation's guardian is registered."""
    asked = request.GET.get("organisation", "").strip()
    context: dict[str, Any] = {
        "asked": asked,
        "good_for": links.WORDS[Link.Purpose.INVITATION],
    }
    if asked:
        try:
            organisation = OrganisationField().clean(asked[:10])
        except ValidationError as error:
            context["error"] = error
        else:
            context["organisation"] = organisation
            listed = CaldicottGuardian.objects.filter(organisation__code=organisation.code)
            context["registered"] = listed.on_register().exists()
            context["waiting"] = listed.waiting().exists()
    return render(request, "accounts/access.html", context)


@READ_OR_POST
def guardian_register(request: HttpRequest) -> HttpResponse:
    """A guardian registers; the helpdesk confirms it then."""
    if request.method != "POST":
        initial = {
            "organisation": request.GET.get("organisation", ""),
            "starts": this_day(),
        }
        return _guardian_page(request, GuardianForm(initial=initial))
    if too_often := _too_often(request):
        return too_often
    form = GuardianForm(request.POST)
    if not form.is_valid():
        return _guardian_page(request, form, status=UNPROCESSABLE)
    try:
        guardian = guardians.register(**form.cleaned_data, by=None)
    except Refusal as refusal:
        return _guardian_page(request, form, refusal.words, UNPROCESSABLE)
    context = {"guardian": guardian, "takes": certificates.HELPDESK_TAKES}
    return render(request, "accounts/guardian_registered.html", context)


def _guardian_page(
    request: HttpRequest, form: GuardianForm, refusal: str = "", status: int = 200
) -> HttpResponse:
    errors = [{"text": refusal}] if refusal else []
    context = {"form": form, "errors": errors, "takes": certificates.HELPDESK_TAKES}
    return render(request, "accounts/guardian_register.html", context, status=status)


@READ_OR_POST
def certificate_apply(request: HttpRequest) -> HttpResponse:
    """The one form for providers and commissioners."""
    renews = _renewed(request)
    if request.method != "POST":
        form, filled_in = _filled_in(request, renews)
        return _apply_page(request, form, filled_in, renews)
    if too_often := _too_often(request):
        return too_often
    form = CertificateForm(request.POST)
    people: Any = PeopleFormSet(request.POST, prefix="people")
    if not (form.is_valid() & people.is_valid()):
        return _apply_page(request, form, people, renews)
    organisation = form.cleaned_data["organisation"]
    try:
        certificate = applying.apply(
            organisation=organisation,
            applicant=form.applicant,
            purpose=form.cleaned_data["purpose"],
            named=people.named,
            by=request.user if request.user.is_authenticated else None,
            renews=renews if renews and renews.organisation_id == organisation.id else None,
        )
    except Refusal as refusal:
        return _apply_page(request, form, people, renews, refusal=refusal.words)
    messages.success(request, f"Your application {certificate} is on its way to the guardian.")
    return redirect("certificate_progress", certificate.key)


def _renewed(request: HttpRequest) -> DataUserCertificate | None:
    """The certificate to be renewed, among those of the user's organisations; else None."""
    number = request.GET.get("renews", "")
    if not isinstance(request.user, User) or not number.isdecimal():
        return None
    theirs = DataUserCertificate.objects.filter(organisation__in=request.user.member_organisations)
    return theirs.filter(id=int(number)).first()


def _filled_in(
    request: HttpRequest, renews: DataUserCertificate | None
) -> tuple[CertificateForm, Any]:
    """The empty form or, for a renewal, as the certificate was."""
    initial: dict[str, Any] = {"organisation": request.GET.get("organisation", "")[:6]}
    people: list[Any] = []
    if isinstance(request.user, User):
        initial |= {"applicant_name": str(request.user), "applicant_email": request.user.email}
    if renews:
        initial |= {"organisation": renews.organisation.code, "purpose": renews.purpose}
        named = renews.memberships.filter(ended_at=None)
        people = list(named.values("name", "email", "supplier"))
    return CertificateForm(initial=initial), PeopleFormSet(initial=people, prefix="people")


def _apply_page(
    request: HttpRequest,
    form: CertificateForm,
    people: Any,
    renews: DataUserCertificate | None,
    refusal: str = "",
) -> HttpResponse:
    errors = [{"text": refusal}] if refusal else []
    for one in (form, *people.forms):
        for name, said in one.errors.items():
            errors += [{"text": text, "href": f"#{one[name].auto_id}"} for text in said]
    errors += [{"text": text} for text in people.non_form_errors()]
    context = {"form": form, "people": people, "renews": renews, "errors": errors}
    status = UNPROCESSABLE if errors else 200
    return render(request, "accounts/certificate_apply.html", context, status=status)


@require_safe
def certificate_progress(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """How far an application is: steps, when, and what happens next; no name but the applicant's
    organisation."""
    certificate = get_object_or_404(
        DataUserCertificate.objects.with_today().select_related("organisation"), key=key
    )
    return render(request, "accounts/certificate_progress.html", progress(certificate))


def progress(certificate: DataUserCertificate) -> dict[str, Any]:
    """The steps of a certificate as those concerned see them."""
    status = CertificateStatus(certificate.status)
    people = certificate.memberships.filter(ended_at=None)
    return {
        "certificate": certificate,
        "status_words": certificates.STATUS_WORDS[status],
        "next": certificates.NEXT[status],
        "hindrance": certificates.hindrance(certificate)
        if status in {certificates.GRANTED, certificates.SUSPENDED}
        else "",
        "changes": [
            (change, certificates.STATUS_WORDS[CertificateStatus(change.after)])
            for change in certificate.changes.all()
        ],
        "named": people.count(),
        "accepted": people.exclude(user=None).count(),
    }


@READ_OR_POST
def approval(request: HttpRequest, secret: str) -> HttpResponse:
    """The guardian decides on a certificate, by the link in their letter."""
    link = _link(secret, {Link.Purpose.APPROVAL})
    if hindrance := links.hindrance(link):
        return _link_is_over(request, link, hindrance)
    form = DecisionForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = UNPROCESSABLE if request.method == "POST" else 200
        return _approval_page(request, link, form, status=status)
    approve = form.cleaned_data["decision"] == DecisionForm.APPROVE
    try:
        applying.decide(link=link, approve=approve, why=form.cleaned_data["why"])
    except Refusal as refusal:
        return _approval_page(request, link, form, refusal.words, UNPROCESSABLE)
    assert link.certificate is not None
    context = {"certificate": link.certificate, "approved": approve}
    return render(request, "accounts/approval_done.html", context)


def _approval_page(
    request: HttpRequest, link: Link, form: DecisionForm, refusal: str = "", status: int = 200
) -> HttpResponse:
    assert link.certificate is not None
    context = {
        "link": link,
        "certificate": link.certificate,
        "people": link.certificate.memberships.all(),
        "form": form,
        "errors": [{"text": refusal}] if refusal else [],
    }
    return render(request, "accounts/approval.html", context, status=status)


@READ_OR_POST
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """An invited person accepts: with their account, or by opening one."""
    link = _link(secret, {Link.Purpose.INVITATION, Link.Purpose.STAFF})
    if hindrance := links.hindrance(link):
        return _link_is_over(request, link, hindrance)
    account = invitations.account_of(link)
    by = request.user if isinstance(request.user, User) else None
    if by != account:
        # Signed in as somebody else, or the account is to be signed in to first.
        context = {"link": link, "has_account": account is not None, "by": by}
        return render(request, "accounts/invitation_of_another.html", context, status=200)
    form = (
        None
        if account
        else NewAccountForm(request.POST or None, email=link.address, initial={"name": link.name})
    )
    if request.method != "POST" or (form and not form.is_valid()):
        status = UNPROCESSABLE if request.method == "POST" else 200
        return _invitation_page(request, link, form, status=status)
    given = form.cleaned_data if form else {"name": "", "password": ""}
    try:
        user = invitations.accept(link=link, by=by, name=given["name"], password=given["password"])
    except Refusal as refusal:
        return _invitation_page(request, link, form, refusal.words, UNPROCESSABLE)
    messages.success(request, f"You have accepted: {_what_for(link)}.")
    if by:
        return redirect("home")
    return perform_login(request, user, email_verification="none")


def _what_for(link: Link) -> str:
    if link.membership is None:
        return "you are HSCIC staff on this portal"
    return f"you act for {link.membership.certificate.organisation}"


def _invitation_page(
    request: HttpRequest,
    link: Link,
    form: NewAccountForm | None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "link": link,
        "organisation": link.membership and link.membership.certificate.organisation,
        "sets_up_second_step": settings.SECOND_FACTOR_FOR_EVERYONE or link.membership is None,
        "form": form,
        "errors": [{"text": refusal}] if refusal else [],
    }
    return render(request, "accounts/invitation.html", context, status=status)


def _link(secret: str, purposes: set[Link.Purpose]) -> Link:
    """The link; 404 for one that was never made, or for something else."""
    link = links.find(secret)
    if link is None or link.purpose not in purposes:
        raise Http404
    return link


@require_http_methods(["POST"])
def invitation_again(request: HttpRequest, secret: str) -> HttpResponse:
    """A new invitation instead of one that is too old: by letter, to the same address."""
    link = _link(secret, {Link.Purpose.INVITATION})
    if too_often := _too_often(request):
        return too_often
    assert link.membership is not None
    try:
        granting.invite_again(membership=link.membership, by=None)
    except Refusal as refusal:
        messages.error(request, refusal.words)
    else:
        messages.success(request, "A new invitation is on its way to your mailbox.")
    return redirect("access")


def _link_is_over(request: HttpRequest, link: Link, hindrance: str) -> HttpResponse:
    context = {
        "hindrance": hindrance,
        "secret": request.resolver_match and request.resolver_match.kwargs["secret"],
        "can_ask_again": hindrance == links.TOO_OLD and link.purpose == Link.Purpose.INVITATION,
    }
    return render(request, "accounts/link_is_over.html", context, status=GONE)
