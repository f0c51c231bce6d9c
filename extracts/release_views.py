"""What was released, for everybody: the list, each release as it was, and the calendar of
publications. For staff also the door to withdraw one."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import permissions, second_person
from accounts.doors import SignedInRequest, answer, only_posted
from extracts import (
    checklist,
    data_quality_files,
    publication_calendar,
    releases,
    releasing,
    statistics_files,
)
from extracts.data_quality_views import quality_as_file
from extracts.forms import WithdrawForm
from extracts.models import Release, ReleasedPart
from extracts.releases import Released


@require_safe
def statistics_releases(request: HttpRequest) -> HttpResponse:
    """Every release, the newest first, with what it holds."""
    told = [(one, _titles(one)) for one in releases.listed()]
    return render(request, "extracts/releases.html", {"releases": told})


@require_safe
def statistics_calendar(request: HttpRequest) -> HttpResponse:
    """When extracts and statistics come, and when they came."""
    coming, past = publication_calendar.entries()
    return render(request, "extracts/publication_calendar.html", {"coming": coming, "past": past})


@require_safe
def statistics_release(request: HttpRequest, key: int) -> HttpResponse:
    """One release: what it is, whether it stands, and its files while they may be seen."""
    return _page(request, key, WithdrawForm())


def _page(request: HttpRequest, key: int, form: WithdrawForm, status: int = 200) -> HttpResponse:
    release = get_object_or_404(releases.listed(), id=key)
    is_staff = permissions.may(request.user, "statistics_release_withdraw")
    context: dict[str, Any] = {
        "release": release,
        "titles": _titles(release),
        "is_staff": is_staff,
        "may_see": is_staff or not release.hidden,
        "parts": [
            (
                releases.title(one),
                releases.page(one),
                reverse("statistics_release_part", args=[key, *_place(one)]),
            )
            for one in releases.in_order(release.parts.all())
        ],
        "files": [*_files(release)],
        "form": form,
    }
    if is_staff:
        subject = {"what": "withdraw release", "subject": f"release {key}"}
        kept = release.checklist
        context["ticked"] = checklist.titles(kept.get("said", []), kept.get("ticked", []))
        context["alike"] = releases.alike(release)
        context["asked"] = second_person.waiting().filter(**subject).first()
    return render(request, "extracts/release.html", context, status=status)


def _files(release: Release) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """By part in words its files, all stages in one: what each is, and its address."""
    held = {one.part for one in release.parts.all()}
    for part, forms, address in (
        (ReleasedPart.QUALITY, data_quality_files.FORMS, "statistics_release_quality"),
        (ReleasedPart.STATISTICS, statistics_files.FORMS, "statistics_release_file"),
    ):
        if part in held:
            yield (
                releases.PARTS[part],
                [
                    (one.words, reverse(address, args=[release.id, form]))
                    for form, one in forms.items()
                ],
            )


def _titles(release: Release) -> list[str]:
    return [releases.title(one) for one in releases.in_order(release.parts.all())]


def _place(part: ReleasedPart) -> tuple[str, str]:
    """How an address names a part of a release."""
    return part.part, releases.STAGES[part.stage]


def visible(request: HttpRequest, key: int) -> Release:
    """A release whose figures the visitor may see. Raises Http404."""
    release = get_object_or_404(Release, id=key)
    if release.hidden and not permissions.may(request.user, "statistics_release_withdraw"):
        raise Http404
    return release


def named(release: Release, name: str) -> str:
    """A file's name, which says that what it holds is withdrawn."""
    return f"{name}_withdrawn" if release.withdrawn_at else name


def _parts(request: HttpRequest, key: int) -> list[ReleasedPart]:
    return releases.in_order(visible(request, key).parts.select_related("release"))


@require_safe
def statistics_release_part(request: HttpRequest, key: int, part: str, stage: str) -> HttpResponse:
    """A part as it was kept when it was released."""
    for one in _parts(request, key):
        if _place(one) == (part, stage):
            response = HttpResponse(releases.as_kept(one), content_type="application/json")
            name = named(one.release, f"release_{key}_{part}_{stage}")
            response.headers["Content-Disposition"] = f'attachment; filename="{name}.json"'
            return response
    raise Http404


@require_safe
def statistics_release_quality(request: HttpRequest, key: int, form: str) -> HttpResponse:
    """The data quality report of a release as it was, also once it is withdrawn."""
    release, parts = visible(request, key), _parts(request, key)
    quality = [Released(one) for one in parts if one.part == ReleasedPart.QUALITY]
    return quality_as_file(quality, form, named(release, f"release_{key}_data_quality"))


@only_posted("statistics_release", confirmed=True)
def statistics_release_withdraw(request: SignedInRequest, key: int) -> HttpResponse:
    found = get_object_or_404(Release, id=key)
    form = WithdrawForm(request.POST)
    if not form.is_valid():
        return _page(request, key, form, status=422)
    answer(
        request,
        lambda: releasing.ask_to_withdraw(
            release=found, by=request.user, why=form.cleaned_data["why"], hidden=form.is_hidden
        ),
        "You have asked for the release to be withdrawn. It is done once another member of staff "
        "confirms it.",
    )
    return redirect("statistics_release", key)
