"""Thin doors: checking a file without sending it. A check is its user's alone: nobody else, no
colleague and no member of staff, sees that it is there."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_safe

from accounts.doors import SignedInRequest, only_posted
from accounts.doors import answer as answered
from accounts.refusals import Refusal
from submissions import check_only, reports
from submissions.forms import CheckForm
from submissions.models import Report
from submissions.report_views import as_file, waiting
from submissions.upload_doors import UNPROCESSABLE, lead_to, let_in
from submissions.uploading import FIELD, LockingUploadHandler, ReceivedFile

FINDINGS_NAME, ANNOTATED_NAME = "IAPT_check_findings.xlsx", "IAPT_check_annotated.xlsx"


def _own(request: SignedInRequest, number: int) -> Report:
    """A check of the user's own that is not over; 404 for everything else."""
    return get_object_or_404(Report.objects.checks_of(request.user), id=number)


@csrf_exempt  # asked again inside: the body must not be read before its handler is in place
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: SignedInRequest) -> HttpResponse:
    """Choose a file and have it checked, whether a window is open or not."""
    if request.method != "POST":
        return _form(request)
    return let_in(
        request,
        lambda handler: _take(request, handler),
        lambda words, status: _page(request, words, status),
    )


@csrf_protect
def _form(request: SignedInRequest) -> HttpResponse:
    return _page(request)


@csrf_protect
def _take(request: SignedInRequest, handler: LockingUploadHandler) -> HttpResponse:
    form = CheckForm(request.POST)
    file = request.FILES.get(FIELD)
    if handler.refusal:
        return _page(request, handler.refusal, UNPROCESSABLE)
    if not form.is_valid():
        return _page(request, "This form is too old. Choose the file again.", UNPROCESSABLE)
    if not isinstance(file, ReceivedFile):
        return _page(request, "Choose a file to check", UNPROCESSABLE)
    try:
        asked = check_only.ask(by=request.user, once=form.cleaned_data["once"], file=file)
    except Refusal as refusal:
        return _page(request, refusal.words, UNPROCESSABLE)
    return lead_to(request, "check_result", asked.id)


def _page(request: SignedInRequest, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {
        "form": CheckForm(),
        "refusal": refusal,
        "max_bytes": settings.MAX_UPLOAD_BYTES,
        "checks": [
            (asked, check_only.file_name(asked)) for asked in Report.objects.checks_of(request.user)
        ],
    }
    return render(request, "submissions/check.html", context, status=status)


@require_safe
def check_result(request: SignedInRequest, number: int) -> HttpResponse:
    """How far it is, and then what was found."""
    asked = _own(request, number)
    context = {
        "report": asked,
        "file_name": check_only.file_name(asked),
        "found": check_only.answer(asked) if asked.is_ready else None,
    }
    page = "submissions/check_result.html"
    return waiting(request, asked) or render(request, page, context)


@require_GET
def check_workbook(request: SignedInRequest, number: int) -> HttpResponse:
    asked = _own(request, number)
    if not asked.is_ready:
        return redirect("check_result", number)
    return as_file(check_only.findings(asked), FINDINGS_NAME)


@require_GET
def check_annotated(request: SignedInRequest, number: int) -> HttpResponse:
    asked = _own(request, number)
    if not asked.is_ready:
        return redirect("check_result", number)
    return as_file(reports.take(asked, reports.ANNOTATED), ANNOTATED_NAME)


@only_posted("check_result")
def check_forget(request: SignedInRequest, number: int) -> HttpResponse:
    asked = _own(request, number)
    answered(request, lambda: reports.forget(asked), "It is forgotten. Nothing of it is kept.")
    return redirect("check")
