"""Thin doors of staff to accounts."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts import links, second_person
from accounts import people as deeds
from accounts.doors import SignedInRequest, answer, only_posted
from accounts.forms import StaffForm, WhyForm
from accounts.models import AuditEvent, Link, User
from accounts.refusals import Refusal

ON_A_PAGE = 50
ASKED = "It waits for a second person now: the other staff are told."


@require_safe
def people(request: SignedInRequest) -> HttpResponse:
    """Who has an account, found by name or address."""
    sought = request.GET.get("sought", "").replace("\0", "").strip()[:100]
    listed = User.objects.order_by("-is_staff", "last_name", "email")
    for word in sought.split():
        listed = listed.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(email__icontains=word)
        )
    page = Paginator(listed, ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "sought": sought,
        "staff_form": StaffForm(),
        "good_for": links.WORDS[Link.Purpose.STAFF],
    }
    return render(request, "accounts/people.html", context)


@require_safe
def person(request: SignedInRequest, key: int) -> HttpResponse:
    """One account: what it may do, how it is protected, what was done with it last."""
    found = get_object_or_404(User, id=key)
    context = {
        "person": found,
        "is_oneself": found == request.user,
        "memberships": found.memberships.select_related("certificate__organisation"),
        "acts_for": found.organisations if found.is_active else [],
        "has_second_factor": is_mfa_enabled(found),
        "events": AuditEvent.objects.filter(by=found).order_by("-id")[:20],
        "why_form": WhyForm(),
    }
    return render(request, "accounts/person.html", context)


def _why(request: SignedInRequest) -> str | None:
    """The reason given; None, and said, where there is none."""
    form = WhyForm(request.POST)
    if form.is_valid():
        return form.cleaned_data["why"]
    messages.error(request, "Enter a reason")
    return None


@only_posted("person", confirmed=True)
def person_close(request: SignedInRequest, key: int) -> HttpResponse:
    found = get_object_or_404(User, id=key)
    if why := _why(request):
        answer(
            request,
            lambda: deeds.close_account(user=found, by=request.user, why=why),
            f"The account of {found} is closed.",
        )
    return redirect("person", key)


@only_posted("person", confirmed=True)
def person_end_staff(request: SignedInRequest, key: int) -> HttpResponse:
    found = get_object_or_404(User, id=key)
    if why := _why(request):
        answer(
            request,
            lambda: deeds.end_staff(user=found, by=request.user, why=why),
            f"{found} is not staff any more.",
        )
    return redirect("person", key)


@only_posted("person", confirmed=True)
def person_reopen(request: SignedInRequest, key: int) -> HttpResponse:
    found = get_object_or_404(User, id=key)
    _ask(request, deeds.REOPEN, found, f"Open the account of {found} ({found.email}) again.")
    return redirect("person", key)


@only_posted("person", confirmed=True)
def person_recover(request: SignedInRequest, key: int) -> HttpResponse:
    found = get_object_or_404(User, id=key)
    if why := _why(request):
        words = f"Remove the lost second step of {found} ({found.email}). Made sure: {why}"
        _ask(request, deeds.RECOVER, found, words[:300])
    return redirect("person", key)


def _ask(request: SignedInRequest, what: str, user: User, words: str) -> None:
    answer(
        request,
        lambda: second_person.ask(
            what=what, subject=f"user {user.id}", words=words, by=request.user, user=user.id
        ),
        ASKED,
    )


@only_posted("people", confirmed=True)
def staff_invite(request: SignedInRequest) -> HttpResponse:
    """Ask for somebody to be invited as HSCIC staff."""
    form = StaffForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(one) for said in form.errors.values() for one in said))
        return redirect("people")
    email, name = form.cleaned_data["email"].lower(), form.cleaned_data["name"]
    try:
        deeds.refuse_as_staff(email)
    except Refusal as refusal:
        messages.error(request, refusal.words)
        return redirect("people")
    answer(
        request,
        lambda: second_person.ask(
            what=deeds.GRANT_STAFF,
            subject=email,
            words=f"Invite {name} ({email}) to be HSCIC staff.",
            by=request.user,
            email=email,
            name=name,
        ),
        ASKED,
    )
    return redirect("people")
