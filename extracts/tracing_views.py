"""Thin doors: how the derived values of a referral came about."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.doors import SignedInRequest, answer
from extracts import tracing
from extracts.models import Extract
from extracts.views import takeable

LARGEST = 2**63 - 1


class ReferralForm(forms.Form):
    """A referral, as the extract numbers it."""

    referral_id = forms.IntegerField(
        label="REFERRAL_ID",
        help_text="As it stands in Referral.csv of this extract",
        min_value=1,
        max_value=LARGEST,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": "Give the REFERRAL_ID",
            "invalid": "A REFERRAL_ID has digits alone",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def download_referral(request: SignedInRequest, key: int) -> HttpResponse:
    """Ask for it, wait for it, read it."""
    own = Extract.objects.filter(recipient__in=request.user.providers)
    extract = get_object_or_404(own, id=takeable(request, key).id)
    form = ReferralForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["referral_id"]
        answer(
            request,
            lambda: tracing.ask(extract=extract, referral_id=number, by=request.user),
            "It is being put together.",
        )
        return redirect("download_referral", key)
    trace = tracing.newest(extract, request.user)
    context = {"extract": extract, "form": form, "trace": trace}
    if request.headers.get("HX-Request"):
        if trace is None or not trace.is_waiting:
            return HttpResponse(headers={"HX-Refresh": "true"})
        return render(request, "extracts/trace_waits.html", context)
    if trace and not trace.is_waiting:
        context["found"] = tracing.told(trace)
    status = 422 if form.errors else 200
    return render(request, "extracts/download_referral.html", context, status=status)
