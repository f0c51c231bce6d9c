"""Finding rows that share a key: the shape behind every rule on duplicates."""

import numpy as np
import numpy.typing as npt

from validation.columns import Mask

LARGEST = np.iinfo(np.int64).max
Keys = npt.NDArray[np.int64]
Repeats = tuple[Mask, npt.NDArray[np.int32]]


def combined(*columns: Keys) -> Keys:
    """One number for each row, equal where all columns are equal."""
    together, reached = np.zeros(len(columns[0]), dtype=np.int64), 1
    for column in columns:
        lowest = int(column.min(initial=0))
        width = int(column.max(initial=0)) - lowest + 1
        if reached * width > LARGEST:
            together = np.unique(together, return_inverse=True)[1].astype(np.int64)
            reached = len(together)
        together = together * width + (column - lowest)
        reached *= width
    return together


def repeats(keys: Keys, among: Mask, *, spare_first: bool = False) -> Repeats:
    """Rows among `among` whose key occurs there more than once, and for each the 1-based row
    it repeats: the first of its set (for the first itself, the second). With `spare_first` the
    first of each set is no finding."""
    places = np.flatnonzero(among)
    mask = np.zeros(len(keys), dtype=bool)
    other = np.zeros(len(keys), dtype=np.int32)
    if not len(places):
        return mask, other
    order = places[np.argsort(keys[places], kind="stable")]
    sorted_keys = keys[order]
    starts = np.r_[True, sorted_keys[1:] != sorted_keys[:-1]]
    first_of_set = np.maximum.accumulate(np.where(starts, np.arange(len(order)), 0))
    later = ~starts
    mask[order[later]] = True
    other[order[later]] = order[first_of_set[later]] + 1
    second = np.flatnonzero(later & np.r_[False, starts[:-1]])
    if not spare_first:
        mask[order[second - 1]] = True
        other[order[second - 1]] = order[second] + 1
    return mask, other
