"""Thin doors of the register of organisations: staff load it, anybody takes what is known."""

import csv
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import last_modified, require_http_methods, require_safe

from accounts import register as of_organisations
from accounts.doors import SignedInRequest
from accounts.models import RegisterEntry, RegisterKind, RegisterLoad
from accounts.refusals import Refusal


class ListForm(forms.Form):
    """A list as ODS publishes it, and which."""

    kind = forms.ChoiceField(
        label="Which list is it?",
        choices=[(kind.value, f"{kind.label} ({kind.value})") for kind in RegisterKind],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose which list it is"},
    )
    file = forms.FileField(
        label="The file",
        help_text="The CSV file as ODS publishes it, without a header and with closed "
        f"organisations. At most {of_organisations.LARGEST_FILE // 1_000_000} MB.",
        widget=forms.FileInput(attrs={"accept": ".csv"}),
        error_messages={"required": "Choose a file", "empty": "The file is empty"},
    )

    def clean_file(self) -> Any:
        """Refused before it is held in memory."""
        file = self.cleaned_data["file"]
        if file.size > of_organisations.LARGEST_FILE:
            raise forms.ValidationError(of_organisations.too_large())
        return file


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: SignedInRequest) -> HttpResponse:
    """What is loaded, and a form to load a list."""
    if request.method != "POST":
        return _page(request, ListForm())
    form = ListForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        loaded = of_organisations.load(
            kind=RegisterKind(form.cleaned_data["kind"]),
            content=form.cleaned_data["file"].read(),
            by=request.user,
        )
    except Refusal as refusal:
        form.add_error("file", refusal.words)
        return _page(request, form, status=422)
    messages.success(request, loaded.words)
    return redirect("register")


def _page(request: SignedInRequest, form: ListForm, status: int = 200) -> HttpResponse:
    newest = RegisterLoad.objects.order_by("kind", "-id").distinct("kind").select_related("by")
    loads = {loaded.kind: loaded for loaded in newest}
    codes = dict(RegisterEntry.objects.order_by().values_list("kind").annotate(Count("code")))
    context = {
        "form": form,
        "kinds": [
            {"kind": kind, "codes": codes.get(kind, 0), "loaded": loads.get(kind)}
            for kind in RegisterKind
        ],
        "never_open": list(RegisterEntry.objects.never_open().values_list("code", flat=True)),
        "is_complete": of_organisations.is_complete(),
    }
    return render(request, "accounts/register.html", context, status=status)


def _loaded_last(request: HttpRequest, **period: str) -> datetime | None:
    newest = RegisterLoad.objects.first()
    return newest.at if newest else None


@require_safe
@last_modified(_loaded_last)
def register_file(request: HttpRequest, year: str, month: str) -> HttpResponse:
    """The organisations known in a month: code, name, kind, opens, closes; like the lists of ODS
    without a header, so that `./portal check --organisations` reads both."""
    if not of_organisations.is_complete():
        raise Http404
    found = of_organisations.open_in(date(int(year), int(month), 1))
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = (
        f'attachment; filename="organisations_{year}-{month}.csv"'
    )
    csv.writer(response).writerows(found.values_list("code", "name", "kind", "opens", "closes"))
    return response
