"""What takes some seconds to work out, and is the same for the same numbers: worked out once, by
the worker when a run is done or at the first look at a checklist, and kept until the release.

In a table of its own, as plain data: the cache is the web's alone, and what it holds runs when it
is read.
"""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from extracts.models import Remembered
from submissions.models.calendar import clock

KEPT = timedelta(days=30)


def remembered(name: str, asked: Any, make: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """What `make` gives, as plain data, for what is `asked`, which is plain data."""
    digest = sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    kept = Remembered.objects.filter(name=name, digest=digest)
    if not kept.exists():
        Remembered.objects.filter(at__lt=clock() - KEPT).delete()
        made = {"content": make()}
        Remembered.objects.get_or_create(name=name, digest=digest, defaults=made)
    content: dict[str, Any] = kept.values_list("content", flat=True).get()
    return content
