"""Thin doors: what a provider's users take away of a submission."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.doors import SignedInRequest, answer
from submissions import taking_away
from submissions.models import Report, Submission

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_file(content: bytes, name: str) -> HttpResponse:
    """A workbook to download, that no browser keeps."""
    response = HttpResponse(content, content_type=EXCEL)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def waiting(request: SignedInRequest, report: Report | None) -> HttpResponse | None:
    """The answer to a waiting page that asks for itself: that it waits, or is to be loaded anew."""
    if not request.headers.get("HX-Request"):
        return None
    if report is None or not report.is_waiting:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"report": report, "here": request.path}
    return render(request, "submissions/report_waits.html", context)


def _answered(request: SignedInRequest, number: int) -> Submission:
    """A submission of the user's own providers that has its verdict; 404 for everything else."""
    own = Submission.objects.filter(provider__in=request.user.providers)
    answered = own.filter(status__in=taking_away.ANSWERED)
    return get_object_or_404(answered.select_related("provider"), id=number)


def _name(submission: Submission, what: str) -> str:
    code, period = submission.provider.code, f"{submission.period:%Y-%m}"
    return f"IAPT_{code}_{period}_{submission.kind}_{submission.reference}_{what}.xlsx"


@require_GET
def submission_workbook(request: SignedInRequest, number: int) -> HttpResponse:
    found = _answered(request, number)
    return as_file(taking_away.findings(found, request.user), _name(found, "findings"))


@require_http_methods(["GET", "HEAD", "POST"])
def submission_annotated(request: SignedInRequest, number: int) -> HttpResponse:
    """Ask for the annotated copy, wait for it, come to it."""
    found = _answered(request, number)
    if request.method == "POST":
        answer(
            request,
            lambda: taking_away.ask_for_copy(submission=found, by=request.user),
            "The annotated copy is being made.",
        )
        return redirect("submission_annotated", number)
    copy = taking_away.annotated_copy(found)
    can_be_copied = taking_away.can_be_copied(found)
    context = {"submission": found, "report": copy, "can_be_copied": can_be_copied}
    page = "submissions/submission_annotated.html"
    return waiting(request, copy) or render(request, page, context)


@require_GET
def submission_annotated_file(request: SignedInRequest, number: int) -> HttpResponse:
    found = _answered(request, number)
    copy = taking_away.annotated_copy(found)
    if copy is None or not copy.is_ready:
        return redirect("submission_annotated", number)
    return as_file(taking_away.copy_of(found, copy, request.user), _name(found, "annotated"))
