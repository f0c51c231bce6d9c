"""Thin doors of the helpdesk: organisations, guardians, certificates and who is named on them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts import certificates, granting, guardians, taking_part
from accounts.access_views import progress
from accounts.applying import ask_again
from accounts.doors import SignedInRequest, answer, only_posted
from accounts.forms import DepartureForm, GrantForm, GuardianForm, NoteForm, WhyForm
from accounts.models import CaldicottGuardian, DataUserCertificate, Membership, Organisation


def _first_words(form: Any) -> str:
    """What is wrong with a small form, in one sentence."""
    return " ".join(str(words) for said in form.errors.values() for words in said)


@require_safe
def applications(request: SignedInRequest) -> HttpResponse:
    """Everything that waits: for the helpdesk first, then for others."""
    listed = DataUserCertificate.objects.with_today().select_related("organisation")
    waiting = CaldicottGuardian.objects.waiting().select_related("organisation")
    context = {
        "guardians": waiting.order_by("id"),
        "approved": listed.filter(status=certificates.APPROVED).order_by("id"),
        "applied": listed.filter(status=certificates.APPLIED).order_by("id"),
        "expiring": listed.expiring(max(granting.REMINDERS)).order_by("expires"),
        "suspended": listed.filter(status=certificates.SUSPENDED).order_by("id"),
        "unguarded": Organisation.objects.taking_part().without_guardian(),
        "reminders": granting.REMINDERS,
    }
    return render(request, "accounts/applications.html", context)


# -- organisations and guardians --------------------------------------------------------------


@require_safe
def organisations(request: SignedInRequest) -> HttpResponse:
    context = {"organisations": Organisation.objects.with_standing()}
    return render(request, "accounts/organisations.html", context)


@require_safe
def organisation_desk(request: SignedInRequest, code: str) -> HttpResponse:
    """An organisation as the helpdesk sees it."""
    found = get_object_or_404(Organisation, code=code)
    context = {
        "organisation": found,
        "guardians": found.guardians.with_today().select_related("confirmed_by", "declined_by"),
        "certificates": found.certificates.with_today(),
        "guardian_form": GuardianForm(initial={"organisation": found.code}, auto_id="new_%s"),
        "note_form": NoteForm(),
        "departure_form": DepartureForm(),
    }
    return render(request, "accounts/organisation_desk.html", context)


@only_posted("organisation_desk")
def organisation_guardian(request: SignedInRequest, code: str) -> HttpResponse:
    """Staff put a guardian forward, for instance after a letter."""
    found = get_object_or_404(Organisation, code=code)
    form = GuardianForm({**request.POST.dict(), "organisation": found.code})
    if not form.is_valid():
        messages.error(request, _first_words(form))
        return redirect("organisation_desk", code)
    answer(
        request,
        lambda: guardians.register(**form.cleaned_data, by=request.user),
        "The guardian is put forward. Confirm it once you have made sure.",
    )
    return redirect("organisation_desk", code)


@only_posted("organisation_desk")
def organisation_pilot(request: SignedInRequest, code: str) -> HttpResponse:
    found = get_object_or_404(Organisation, code=code, role=Organisation.Role.PROVIDER)
    wanted = request.POST.get("pilot_site") == "yes"
    words = "a pilot site" if wanted else "no pilot site"
    answer(
        request,
        lambda: taking_part.mark_pilot_site(organisation=found, pilot=wanted, by=request.user),
        f"{found} is {words} now.",
    )
    return redirect("organisation_desk", code)


def _guardian_deed(
    form_of: type[Any], deed: Callable[..., None], done: str
) -> Callable[..., HttpResponse]:
    """A view that does something with a guardian, with the words of a small form."""

    @only_posted("applications", same_arguments=False, confirmed=True)
    def view(request: SignedInRequest, key: int) -> HttpResponse:
        found = get_object_or_404(CaldicottGuardian.objects.select_related("organisation"), id=key)
        form = form_of(request.POST)
        if form.is_valid():
            answer(
                request,
                lambda: deed(guardian=found, by=request.user, **form.cleaned_data),
                done.format(guardian=found),
            )
        else:
            messages.error(request, _first_words(form))
        return redirect("organisation_desk", found.organisation.code)

    return view


guardian_confirm = _guardian_deed(NoteForm, guardians.confirm, "{guardian} is on the register.")
guardian_decline = _guardian_deed(NoteForm, guardians.decline, "{guardian} is declined.")
guardian_depart = _guardian_deed(
    DepartureForm,
    guardians.depart,
    "The last day of {guardian} is entered; those concerned are told.",
)


# -- certificates -----------------------------------------------------------------------------


def _certificate(key: int) -> DataUserCertificate:
    listed = DataUserCertificate.objects.with_today().select_related("organisation", "renews")
    return get_object_or_404(listed, id=key)


@require_safe
def certificate(request: SignedInRequest, key: int) -> HttpResponse:
    """A certificate: its steps, its people, and what the helpdesk may do with it now."""
    found = _certificate(key)
    allowed = certificates.STEPS[certificates.CertificateStatus(found.status)]
    context = progress(found) | {
        "people": found.memberships.select_related("user"),
        "guardians": found.organisation.guardians.on_register(),
        "can_ask": found.status == certificates.APPLIED,
        "can_grant": found.status == certificates.APPROVED,
        "can_decline": certificates.DECLINED in allowed,
        "can_suspend": certificates.SUSPENDED in allowed,
        "can_restore": found.status == certificates.SUSPENDED,
        "can_revoke": certificates.REVOKED in allowed,
        "is_granted": found.status == certificates.GRANTED,
        "grant_form": GrantForm(),
        "why_form": WhyForm(),
    }
    return render(request, "accounts/certificate.html", context)


@only_posted("certificate", confirmed=True)
def certificate_grant(request: SignedInRequest, key: int) -> HttpResponse:
    found, form = _certificate(key), GrantForm(request.POST)
    if not form.is_valid():
        messages.error(request, _first_words(form))
        return redirect("certificate", key)
    answer(
        request,
        lambda: granting.grant(
            certificate=found, expires=form.cleaned_data["expires"], by=request.user
        ),
        f"{found} is granted, and its people are invited.",
    )
    return redirect("certificate", key)


@only_posted("certificate")
def certificate_ask(request: SignedInRequest, key: int) -> HttpResponse:
    found = _certificate(key)
    answer(
        request,
        lambda: ask_again(certificate=found, by=request.user),
        "The guardian gets a new link.",
    )
    return redirect("certificate", key)


def _certificate_deed(
    deed: Callable[..., None], done: str, *, confirmed: bool = False
) -> Callable[..., HttpResponse]:
    """A view that takes a step with a certificate, for a reason."""

    @only_posted("certificate", confirmed=confirmed)
    def view(request: SignedInRequest, key: int) -> HttpResponse:
        found, form = _certificate(key), WhyForm(request.POST)
        if form.is_valid():
            why = form.cleaned_data["why"]
            answer(
                request,
                lambda: deed(certificate=found, by=request.user, why=why),
                done.format(certificate=found),
            )
        else:
            messages.error(request, _first_words(form))
        return redirect("certificate", key)

    return view


certificate_decline = _certificate_deed(granting.decline, "{certificate} is declined.")
certificate_suspend = _certificate_deed(granting.suspend, "{certificate} is suspended.")
certificate_restore = _certificate_deed(
    granting.restore, "{certificate} is good again.", confirmed=True
)
certificate_revoke = _certificate_deed(granting.revoke, "{certificate} is revoked.", confirmed=True)


def _membership(key: int) -> Membership:
    listed = Membership.objects.select_related("certificate__organisation", "user")
    return get_object_or_404(listed, id=key)


@only_posted("applications", same_arguments=False)
def membership_invite(request: SignedInRequest, key: int) -> HttpResponse:
    found = _membership(key)
    answer(
        request,
        lambda: granting.invite_again(membership=found, by=request.user),
        f"A new invitation is on its way to {found.name}.",
    )
    return redirect("certificate", found.certificate_id)


@only_posted("applications", same_arguments=False, confirmed=True)
def membership_end(request: SignedInRequest, key: int) -> HttpResponse:
    found = _membership(key)
    form = WhyForm(request.POST)
    if form.is_valid():
        why = form.cleaned_data["why"]
        answer(
            request,
            lambda: granting.end_membership(membership=found, by=request.user, why=why),
            f"{found.name} acts under this certificate no more.",
        )
    else:
        messages.error(request, _first_words(form))
    return redirect("certificate", found.certificate_id)


# -- a member's own organisation --------------------------------------------------------------


@require_safe
def organisation(request: SignedInRequest, code: str) -> HttpResponse:
    """An organisation as those see it who are named for it: guardian, certificates, people."""
    found = get_object_or_404(request.user.member_organisations, code=code)
    listed = found.certificates.with_today().select_related("organisation")
    context = {
        "organisation": found,
        "guardians": found.guardians.on_register(),
        "certificates": [
            progress(one) | {"people": one.memberships.filter(ended_at=None)} for one in listed
        ],
        "may_act": request.user.organisations.filter(id=found.id).exists(),
    }
    return render(request, "accounts/organisation.html", context)
