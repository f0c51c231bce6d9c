"""Thin doors of the staff's side of accounts."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from accounts import second_person
from accounts.doors import SignedInRequest, answer, only_posted
from accounts.models import AskedDeed


@require_safe
def asked(request: SignedInRequest) -> HttpResponse:
    """What waits for a second person, and what was decided last."""
    decided = AskedDeed.objects.exclude(decided_at=None).select_related("asked_by", "decided_by")
    context = {
        "waiting": [(one, second_person.page(one)) for one in second_person.waiting()],
        "decided": decided.order_by("-decided_at")[:20],
        "days": second_person.GOOD_FOR.days,
    }
    return render(request, "accounts/asked.html", context)


@only_posted("asked", same_arguments=False, confirmed=True)
def asked_confirm(request: SignedInRequest, key: int) -> HttpResponse:
    found = get_object_or_404(AskedDeed, id=key)
    answer(
        request,
        lambda: second_person.confirm(asked=found, by=request.user),
        f"Confirmed and done: {found.words}",
    )
    return redirect("asked")


@only_posted("asked", same_arguments=False)
def asked_decline(request: SignedInRequest, key: int) -> HttpResponse:
    found = get_object_or_404(AskedDeed, id=key)
    answer(
        request,
        lambda: second_person.decline(asked=found, by=request.user),
        f"This will not be done: {found.words}",
    )
    return redirect("asked")
