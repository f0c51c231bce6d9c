"""Thin doors to what a provider says of its warnings. Whose record it is stands on these pages only
where that was asked for, and that one looked is written down."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts import audit
from accounts.doors import SignedInRequest, answer, only_posted
from submissions import explaining, reporting
from submissions.forms import ExplainForm
from submissions.models import FindingPlace, Submission
from validation.rule import RULEBOOK

ON_A_PAGE = 100
UNPROCESSABLE = 422


def _own(request: SignedInRequest, number: int) -> Submission:
    """A submission of one's own provider; 404 for everything else."""
    own = Submission.objects.filter(provider__in=request.user.providers)
    return get_object_or_404(own.select_related("provider"), id=number)


def _place(request: SignedInRequest, number: int, key: int) -> FindingPlace:
    places = explaining.places(_own(request, number))
    return get_object_or_404(places.select_related("finding__submission__provider"), id=key)


def _looks(request: SignedInRequest, submission: Submission, rule: str) -> bool:
    """Whether the page was asked whose records they are; then that is written down."""
    looks = request.GET.get("records") == "shown"
    if looks:
        audit.record(
            "findings seen",
            by=request.user,
            organisation=submission.provider,
            submission=submission.reference,
            rule=rule,
        )
    return looks


def _shown(place: FindingPlace) -> dict[str, str] | None:
    """The sender's own key and value; None once the period is purged."""
    return reporting.unseal(bytes(place.detail)) if place.detail else None


@require_GET
def submission_warnings(request: SignedInRequest, number: int, code: str) -> HttpResponse:
    """The records that a rule warns of, each explained or to be explained."""
    submission = _own(request, number)
    found = [one for one in explaining.warned(submission) if one.code == code]
    if not found:
        raise Http404
    looks = _looks(request, submission, code)
    places = explaining.places(submission).filter(finding__rule=code).select_related("finding")
    page = Paginator(places, ON_A_PAGE).get_page(request.GET.get("page"))
    if looks:
        for place in page:
            place.shown = _shown(place)
    context = {
        "submission": submission,
        "warned": found[0],
        "rule": RULEBOOK[code],
        "page": page,
        "looks": looks,
        "query": "records=shown&" if looks else "",
    }
    return render(request, "submissions/warnings.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def submission_explain(request: SignedInRequest, number: int, key: int) -> HttpResponse:
    """One warning: what it is about, and what is said of it."""
    place = _place(request, number, key)
    form = ExplainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        answer(
            request,
            lambda: explaining.explain(
                place=place, by=request.user, words=form.cleaned_data["words"]
            ),
            "The warning is explained. It still counts, and is shown as explained in later files.",
        )
        return redirect("submission_warnings", number, place.finding.rule)
    looks = _looks(request, place.finding.submission, place.finding.rule)
    said = explaining.explanation(place)
    context = {
        "submission": place.finding.submission,
        "place": place,
        "rule": RULEBOOK[place.finding.rule],
        "sentence": RULEBOOK[place.finding.rule].say(place.finding.column),
        "form": form,
        "looks": looks,
        "shown": _shown(place) if looks else None,
        "said": said,
        "words": explaining.words_of(said) if said and looks else "",
    }
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "submissions/explain.html", context, status=status)


@only_posted("submission_explain")
def submission_explain_take_back(request: SignedInRequest, number: int, key: int) -> HttpResponse:
    place = _place(request, number, key)
    answer(
        request,
        lambda: explaining.take_back(place=place, by=request.user),
        "What was said of this warning is taken back.",
    )
    return redirect("submission_explain", number, key)
