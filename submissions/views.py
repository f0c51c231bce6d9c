"""Thin doors: find, ask, answer. What belongs to an organisation is reached through the user."""

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from accounts.doors import SignedInRequest, answer, only_posted
from accounts.forms import WhyForm
from accounts.refusals import Refusal
from submissions import checking, comparing, explaining, history, results, withdrawing
from submissions import empty_databases as empty
from submissions.forms import SendForm
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.models.calendar import Kind
from submissions.receiving import receive, refuse_when_closed
from submissions.upload_doors import UNPROCESSABLE, lead_to, let_in
from submissions.uploading import FIELD, LockingUploadHandler, ReceivedFile

ON_A_PAGE = 25


def own(request: SignedInRequest, number: int) -> Submission:
    """A submission that the user may see; 404 for everything else."""
    seen = Submission.objects.seen_by(request.user).select_related(
        "provider", "window", "sent_by", "register"
    )
    return get_object_or_404(seen, id=number)


def is_sender(request: SignedInRequest, found: Submission) -> bool:
    """Whether the user sends for the provider that it was sent for."""
    return request.user.providers.filter(id=found.provider_id).exists()


@require_safe
def submissions(request: SignedInRequest) -> HttpResponse:
    listed = Submission.objects.filter(provider__in=request.user.providers).with_rows()
    page = Paginator(listed.with_standing().select_related("provider", "sent_by"), ON_A_PAGE)
    return render(
        request,
        "submissions/submissions.html",
        {"page": page.get_page(request.GET.get("page"))},
    )


@require_safe
def empty_databases(request: SignedInRequest) -> HttpResponse:
    """Empty databases and templates to start from."""
    context = {"offered": empty.offered_to(request.user)}
    return render(request, "submissions/empty_databases.html", context)


@require_safe
def empty_database(request: SignedInRequest, version: str, form: str) -> HttpResponse:
    found = empty.one_for(request.user, version, form)
    if found is None:
        raise Http404
    response = HttpResponse(found.content(), content_type="application/octet-stream")
    response.headers["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    return response


@csrf_exempt  # asked again inside: the body must not be read before its handler is in place
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: SignedInRequest) -> HttpResponse:
    """Choose and send a file. Whether anything can be sent at all is asked before the file is."""
    window = Window.objects.open().first()
    if request.method != "POST":
        return _send_form(request)
    try:
        refuse_when_closed(window)
    except Refusal as refusal:
        return _send_page(request, window, refusal=refusal.words, status=UNPROCESSABLE)
    assert window is not None
    to_window = window
    return let_in(
        request,
        lambda handler: _take(request, to_window, handler),
        lambda words, status: _send_page(request, to_window, refusal=words, status=status),
    )


@csrf_protect
def _send_form(request: SignedInRequest) -> HttpResponse:
    return _send_page(request, Window.objects.open().first())


@csrf_protect
def _take(request: SignedInRequest, window: Window, handler: LockingUploadHandler) -> HttpResponse:
    form = SendForm(request.POST, user=request.user, window=window)
    file = request.FILES.get(FIELD)
    try:
        if handler.refusal:
            return _send_page(request, window, form, handler.refusal, UNPROCESSABLE)
        if not form.is_valid() or not isinstance(file, ReceivedFile):
            missing = "" if file else "Choose a file to send"
            return _send_page(request, window, form, missing, UNPROCESSABLE)
        submission = receive(
            by=request.user,
            provider=form.cleaned_data["provider"],
            window=window,
            kind=Kind(form.cleaned_data["kind"]),
            once=form.cleaned_data["once"],
            file=file,
        )
    except Refusal as refusal:
        return _send_page(request, window, form, refusal.words, UNPROCESSABLE)
    return lead_to(request, "submission", submission.id)


def _send_page(
    request: SignedInRequest,
    window: Window | None,
    form: SendForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    if window and form is None:
        form = SendForm(user=request.user, window=window)
    context = {
        "window": window,
        "next_window": Window.objects.upcoming().first(),
        "form": form,
        "refusal": refusal,
        "max_bytes": settings.MAX_UPLOAD_BYTES,
        "max_megabytes": settings.MAX_UPLOAD_BYTES // settings.MEGABYTE,
    }
    return render(request, "submissions/send.html", context, status=status)


@require_safe
def submission(request: SignedInRequest, number: int) -> HttpResponse:
    found = own(request, number)
    sent_by_theirs = is_sender(request, found)
    context = results.page(found, is_sender=sent_by_theirs)
    context |= comparing.page(found) | explaining.page(found, is_sender=sent_by_theirs)
    return render(request, "submissions/submission.html", context)


@require_safe
def submission_status(request: SignedInRequest, number: int) -> HttpResponse:
    """The fragment that the submission's page refreshes itself with."""
    found = own(request, number)
    context = {"submission": found, "next_step": results.NEXT.get(Status(found.status), "")}
    response = render(request, "submissions/submission_status.html", context)
    if not found.is_in_hand:
        response.headers["HX-Refresh"] = "true"
    return response


@only_posted("submission")
def submission_withdraw(request: SignedInRequest, number: int) -> HttpResponse:
    found = own(request, number)
    if request.user.is_staff:
        return _withdraw_later(request, found)
    answer(
        request,
        lambda: withdrawing.withdraw(submission=found, by=request.user),
        f"The file is withdrawn. {_what_stands_instead(found)}",
    )
    return redirect("submission", found.id)


def _withdraw_later(request: SignedInRequest, found: Submission) -> HttpResponse:
    form = WhyForm(request.POST)
    if form.is_valid():
        answer(
            request,
            lambda: withdrawing.withdraw_later(
                submission=found, by=request.user, why=form.cleaned_data["why"]
            ),
            "The file is withdrawn, and its provider is told. A period that was processed with it "
            "needs processing again.",
        )
    else:
        messages.error(request, "Enter a reason.")
    return redirect("submission", found.id)


def _what_stands_instead(withdrawn: Submission) -> str:
    other = withdrawn.other_standing
    if other is None and (primary := history.stood_before(withdrawn)):
        return f"The month counts as its Primary has it again: {primary.reference}."
    if other is None:
        return "Nothing stands in its place: send another file before the window closes."
    if other.id > withdrawn.id:
        return f"The later one, {other.reference}, stands as before."
    return f"The one before it stands again: {other.reference}."


@only_posted("submission")
def submission_try_again(request: SignedInRequest, number: int) -> HttpResponse:
    found = own(request, number)
    answer(
        request,
        lambda: checking.try_again(submission=found, by=request.user),
        "It is being checked again.",
    )
    return redirect("submission", found.id)
