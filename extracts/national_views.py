"""The national extracts: for HSCIC's own analysts, which staff alone may take."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.doors import SignedInRequest, only_posted
from extracts.models import Extract
from extracts.views import ON_A_PAGE, as_file


@require_safe
def national_extracts(request: SignedInRequest) -> HttpResponse:
    """All that are published, the newest first."""
    listed = Extract.objects.published().national().select_related("run__publication")
    context = {"page": Paginator(listed, ON_A_PAGE).get_page(request.GET.get("page"))}
    return render(request, "extracts/national_extracts.html", context)


@only_posted("national_extracts", same_arguments=False, confirmed=True)
def national_extract(request: SignedInRequest, key: int) -> HttpResponse:
    """Take one, having just said who one is."""
    return as_file(request, get_object_or_404(Extract.objects.published().national(), id=key))
