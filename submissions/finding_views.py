"""Thin doors of what was found: the page to work through, and the file for a spreadsheet."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from accounts import audit
from accounts.doors import SignedInRequest
from submissions import finding_csv, finding_lists, finding_pages, results
from submissions.models import Submission
from submissions.views import is_sender, own


def _write_down(request: SignedInRequest, submission: Submission, **facts: Any) -> None:
    """That somebody looked at the sender's own keys and values."""
    audit.record(
        "findings seen",
        by=request.user,
        organisation=submission.provider,
        submission=submission.reference,
        **facts,
    )


@require_GET
def submission_findings(request: SignedInRequest, number: int) -> HttpResponse:
    """Findings by rule or by record, or one record; with the sender's own keys and values where
    a sender asks for them."""
    submission = own(request, number)
    may_see_records = is_sender(request, submission)
    found = finding_lists.open_list(submission)
    context: dict[str, Any] = {"submission": submission, "may_see_records": may_see_records}
    if found is None:
        context["rules"] = results.rules(submission)
        return render(request, "submissions/findings_not_kept.html", context)
    with_records = may_see_records and request.GET.get("records") == finding_pages.SHOWN
    context["with_records"] = with_records
    if "row" in request.GET:
        shown = finding_pages.record_page(submission, found, request.GET, with_records=with_records)
        template = "submissions/finding_record.html"
    else:
        shown = finding_pages.page(submission, found, request.GET, with_records=with_records)
        template = "submissions/submission_findings.html"
    if shown is None:
        raise Http404
    if with_records:
        _write_down(request, submission)
    return render(request, template, context | shown)


@require_GET
def submission_findings_csv(request: SignedInRequest, number: int) -> HttpResponseBase:
    """All findings, with the sender's own keys and values: for its users alone."""
    submission = own(request, number)
    if not is_sender(request, submission):
        raise Http404
    found = finding_lists.open_list(submission)
    if found is None:
        return redirect("submission_findings", submission.id)
    _write_down(request, submission, as_file="CSV")
    every = finding_pages.told(found, submission.dataset_version)
    response = StreamingHttpResponse(
        finding_csv.lines(found, every), content_type="text/csv; charset=utf-8"
    )
    name = f"findings_{submission.reference}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
