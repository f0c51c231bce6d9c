"""What takes some seconds to work out, and is the same for the same numbers: worked out once, and
kept from the first look at a checklist to the release."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.core.cache import cache

KEPT = timedelta(days=30)


def remembered(name: str, asked: Any, make: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
    """What `make` gives for what is `asked`, which is plain data."""
    digest = sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    kept: Any = cache.get_or_set(f"{name}-{digest}", make, KEPT.total_seconds())
    return dict(kept)
