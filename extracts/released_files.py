"""What was released as a file to take away, in one of its forms."""

from collections.abc import Mapping, Sequence

from django.core.cache import cache
from django.http import Http404, HttpResponse

from extracts.statistics_files import Form, Of

KEPT_SECONDS = 3600


def as_file(
    forms: Mapping[str, Form[Of]], of: Sequence[Of], form: str, name: str, parts: str
) -> HttpResponse:
    """What was released as a file of a form, `name` without its ending; `parts` tells it from
    everything else that was released. Raises Http404 where nothing is, or there is no such form."""
    if form not in forms or not of:
        raise Http404
    response = HttpResponse(_made(forms, of, form, parts), content_type=forms[form].content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return response


def _made(forms: Mapping[str, Form[Of]], of: Sequence[Of], form: str, parts: str) -> bytes:
    """A workbook of a large nation takes seconds: it is not made again for everybody who asks."""
    if form != "xlsx":
        return forms[form].made(of)
    key = f"released-{form}-{parts}"
    made: bytes | None = cache.get(key)
    if made is None:
        made = forms[form].made(of)
        cache.set(key, made, timeout=KEPT_SECONDS)
    return made
