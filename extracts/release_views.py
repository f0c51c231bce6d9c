"""What was released, for everybody: the list, each release as it was, and the calendar of
publications. For staff also the door to withdraw one."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts import permissions, second_person
from accounts.doors import SignedInRequest, answer, only_posted
from extracts import checklist, publication_calendar, releases, releasing
from extracts.data_quality_views import as_csv
from extracts.forms import WithdrawForm
from extracts.models import Release, ReleasedPart
from extracts.releases import Released
from extracts.statistics_files import FORMS


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
        "has_quality": any(one.part == ReleasedPart.QUALITY for one in release.parts.all()),
        "files": [
            (one.words, reverse("statistics_release_file", args=[key, form]))
            for form, one in FORMS.items()
            if any(part.part == ReleasedPart.STATISTICS for part in release.parts.all())
        ],
        "form": form,
    }
    if is_staff:
        subject = {"what": "withdraw release", "subject": f"release {key}"}
        kept = release.checklist
        context["ticked"] = checklist.titles(kept.get("said", []), kept.get("ticked", []))
        context["alike"] = releases.alike(release)
        context["asked"] = second_person.waiting().filter(**subject).first()
    return render(request, "extracts/release.html", context, status=status)


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
def statistics_release_quality(request: HttpRequest, key: int) -> HttpResponse:
    """The data quality report of a release, one figure a line."""
    quality = [one for one in _parts(request, key) if one.part == ReleasedPart.QUALITY]
    if not quality:
        raise Http404
    name = named(quality[0].release, f"release_{key}_data_quality")
    return as_csv(map(Released, quality), f"{name}.csv")


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
