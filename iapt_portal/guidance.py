"""The guidance: pages in plain English that everybody may read."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import register
from submissions.empty_databases import STANDARD
from submissions.models import Window
from validation import dictionary


@dataclass(frozen=True)
class Page:
    """One page: its name in the address, and where it is written."""

    name: str
    title: str
    summary: str

    @property
    def template(self) -> str:
        return f"guidance/{self.name.replace('-', '_')}.html"


PAGES = [
    Page("begin", "Before you begin", "A checklist for a service that sends for the first time."),
    Page("send", "How to fill in and send", "From the empty database to the result."),
    Page(
        "primary-and-refresh",
        "Primary and Refresh",
        "What the two kinds mean, and which file counts.",
    ),
    Page("pilot", "The pilot version", "For Payment by Results pilot sites: version 1.0P."),
    Page("afterwards", "What happens to the data", "From arrival to the extract, and who sees it."),
    Page("questions", "Frequent questions", "Windows, files, dates, Excel, mistakes."),
]


@require_safe
def guidance(request: HttpRequest) -> HttpResponse:
    """All pages, in the order in which one needs them."""
    return render(request, "guidance/guidance.html", {"pages": PAGES})


@require_safe
def guidance_page(request: HttpRequest, name: str) -> HttpResponse:
    """One page, and which comes after it."""
    place = next((place for place, page in enumerate(PAGES) if page.name == name), None)
    if place is None:
        raise Http404
    open_now = Window.objects.open().first()
    context = {
        "page": PAGES[place],
        "following": PAGES[place + 1] if place + 1 < len(PAGES) else None,
        "window": open_now or Window.objects.upcoming().first(),
        "is_open": open_now is not None,
        "organisations_are_known": register.is_complete(),
        "pilot_columns": [
            entry for entry in dictionary.entries() if STANDARD not in entry.column.versions
        ],
    }
    return render(request, PAGES[place].template, context)
