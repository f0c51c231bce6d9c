"""Thin doors of the notices."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts import notices as deeds
from accounts.doors import SignedInRequest, answer, only_posted
from accounts.models import Notice

# What a browser's field of day and time is filled with.
MINUTES = "%Y-%m-%dT%H:%M"


def _moment(label: str) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        help_text="London time",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES),
        error_messages={"invalid": f"{label}: enter a real day and time"},
    )


class NoticeForm(forms.Form):
    """What a notice says, to whom, and when."""

    text = forms.CharField(
        label="Text",
        max_length=300,
        help_text="Plain words, up to 300 characters. Everybody may read it: name no patient.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    kind = forms.ChoiceField(label="Kind", choices=Notice.Kind.choices, widget=forms.RadioSelect)
    for_everybody = forms.TypedChoiceField(
        label="Who sees it",
        choices=[("yes", "Everybody"), ("no", "Only those who are signed in")],
        coerce=lambda chosen: chosen == "yes",
        widget=forms.RadioSelect,
    )
    starts_at = _moment("From")
    ends_at = _moment("Until")


def _empty_form() -> NoticeForm:
    now = timezone.localtime().replace(second=0, microsecond=0)
    first = {"kind": Notice.Kind.INFORMATION, "for_everybody": "yes"}
    return NoticeForm(initial=first | {"starts_at": now, "ends_at": now + timedelta(days=1)})


@require_http_methods(["GET", "HEAD", "POST"])
def notices(request: SignedInRequest) -> HttpResponse:
    """What stands on every page, what did, and a form for another one."""
    form = NoticeForm(request.POST) if request.method == "POST" else _empty_form()
    if form.is_bound and form.is_valid():
        done = answer(
            request,
            lambda: deeds.put_up(**form.cleaned_data, by=request.user),
            "The notice is put up.",
        )
        if done:
            return redirect("notices")
    context: dict[str, Any] = {
        "form": form,
        "kept_up": Notice.objects.kept_up().select_related("put_up_by"),
        "over": Notice.objects.over().select_related("put_up_by", "taken_down_by")[:20],
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/notices.html", context, status=status)


@only_posted("notices", same_arguments=False)
def notice_take_down(request: SignedInRequest, key: int) -> HttpResponse:
    found = get_object_or_404(Notice, id=key)
    answer(
        request,
        lambda: deeds.take_down(notice=found, by=request.user),
        "The notice is taken down.",
    )
    return redirect("notices")
