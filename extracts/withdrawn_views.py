"""What stands at the address of a month or a quarter once it is withdrawn: a page that says when
and why, and not that there never was anything."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from extracts import releases
from extracts.models import ReleasedPart

View = Callable[..., HttpResponse]


def says_if_withdrawn(part: str, *, quarter: bool = False) -> Callable[[View], View]:
    """For a view of a `period` that raises Http404 where nothing of the part stands."""

    def says(view: View) -> View:
        @wraps(view)
        def door(request: HttpRequest, period: date, **more: str) -> HttpResponse:
            try:
                return view(request, period=period, **more)
            except Http404:
                gone = _gone(part, period, quarter)
                if not gone:
                    raise
                last = gone[0].period
                title = releases.quarter_title(last) if quarter else f"{last:%B %Y}"
                context = {"title": title, "withdrawn": gone}
                return render(
                    request, "extracts/withdrawn_period.html", context, status=HTTPStatus.GONE
                )

        return door

    return says


def _gone(part: str, period: date, quarter: bool) -> list[releases.Released]:
    """What was withdrawn of a period of which nothing stands."""
    of_kind = ReleasedPart.objects.filter(part=part, period=period)
    stages = [ReleasedPart.QUARTER]
    of_kind = of_kind.filter(stage__in=stages) if quarter else of_kind.exclude(stage__in=stages)
    if of_kind.filter(release__withdrawn_at=None).exists():
        return []
    return releases.withdrawn_stages(part, period, quarter=quarter)
