"""Thin doors: find, ask, answer. What belongs to an organisation is reached through the user."""

from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, UnreadablePostError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from accounts.doors import SignedInRequest, answer, only_posted
from accounts.refusals import Refusal
from submissions import checking, comparing, explaining, history, results, withdrawing
from submissions import empty_databases as empty
from submissions.forms import SendForm
from submissions.lifecycle import Status
from submissions.models import Submission, Window
from submissions.models.calendar import Kind
from submissions.receiving import receive, refuse_when_closed
from submissions.uploading import FIELD, LockingUploadHandler, ReceivedFile, too_large

CREATED = 201
UNPROCESSABLE = 422
UNAVAILABLE = 503
NO_ROOM = "We cannot take files now. Nothing was saved. Please try again in some minutes."
TOO_LARGE = 413
ROOM_FOR_THE_FORM = 64 * 1024
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


@require_GET
def submissions(request: SignedInRequest) -> HttpResponse:
    listed = Submission.objects.filter(provider__in=request.user.providers).with_rows()
    page = Paginator(listed.with_standing().select_related("provider", "sent_by"), ON_A_PAGE)
    return render(
        request,
        "submissions/submissions.html",
        {"page": page.get_page(request.GET.get("page"))},
    )


@require_GET
def empty_databases(request: SignedInRequest) -> HttpResponse:
    """Empty databases and templates to start from."""
    context = {"offered": empty.offered_to(request.user)}
    return render(request, "submissions/empty_databases.html", context)


@require_GET
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
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MAX_UPLOAD_BYTES + ROOM_FOR_THE_FORM:
        return _send_page(request, window, refusal=too_large(), status=TOO_LARGE)
    return _receive_body(request, window)


def _receive_body(request: SignedInRequest, window: Window) -> HttpResponse:
    """Let the file come in, and answer. Whatever happens, nothing stays but a receipt's file.

    Raises BadRequest when the line broke before the end.
    """
    handler = LockingUploadHandler(request)
    request.upload_handlers = [handler]
    try:
        # Asked for here because asking is what reads the body, before anything else looks at it.
        request.POST  # noqa: B018
        return _take(request, window, handler)
    except UnreadablePostError as error:
        raise BadRequest("the body ended early") from error
    except OSError:
        return _send_page(request, window, refusal=NO_ROOM, status=UNAVAILABLE)
    finally:
        handler.forget()


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
    return _receipt(request, submission)


def _receipt(request: SignedInRequest, submission: Submission) -> HttpResponse:
    """To the receipt: the page's own script is told where it is, a plain form is sent there."""
    if request.headers.get("X-Requested-With") != "XMLHttpRequest":
        return redirect("submission", submission.id)
    response = HttpResponse(status=CREATED)
    response.headers["X-Continue-At"] = reverse("submission", args=[submission.id])
    return response


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


@require_GET
def submission(request: SignedInRequest, number: int) -> HttpResponse:
    found = own(request, number)
    sent_by_theirs = is_sender(request, found)
    context = results.page(found, is_sender=sent_by_theirs)
    context |= comparing.page(found) | explaining.page(found, is_sender=sent_by_theirs)
    return render(request, "submissions/submission.html", context)


@require_GET
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
    if not is_sender(request, found):
        raise Http404
    answer(
        request,
        lambda: withdrawing.withdraw(submission=found, by=request.user),
        f"The file is withdrawn. {_what_stands_instead(found)}",
    )
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
