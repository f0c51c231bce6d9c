"""Where the lines of a trend are drawn."""

from decimal import Decimal

import pytest

from extracts.trends import LARGE, SMALL, trend


def test_none_lies_at_the_bottom_and_all_at_the_top() -> None:
    (line,) = trend(["Jan", "Feb"], {"National": [Decimal(0), Decimal(100)]}).lines
    (first, bottom), (last, top) = line.points
    assert (first, last, top) == (LARGE.left, LARGE.width - LARGE.right, LARGE.top)
    assert top < bottom == LARGE.height - LARGE.bottom


def test_a_line_has_a_gap_where_a_rate_is_left_out() -> None:
    rates = [Decimal(90), Decimal(91), None, Decimal(92)]
    (line,) = trend(["Jan", "Feb", "Mar", "Apr"], {"National": rates}).lines
    assert [len(piece.split()) for piece in line.pieces] == [2, 1]
    assert len(line.points) == 3


def test_of_two_lines_the_first_is_ones_own() -> None:
    drawn = trend(["Jan"], {"RZ1": [Decimal(90)], "National": [None]})
    assert [(line.label, line.kind) for line in drawn.lines] == [
        ("RZ1", "own"),
        ("National", "national"),
    ]


@pytest.mark.parametrize(
    ("largest", "heights"),
    [
        (0, ["0", "1", "2", "3", "4"]),
        (7, ["0", "2", "4", "6", "8"]),
        (9, ["0", "5", "10", "15", "20"]),
        (45, ["0", "15", "30", "45", "60"]),
        (100, ["0", "25", "50", "75", "100"]),
        (4321, ["0", "1,500", "3,000", "4,500", "6,000"]),
    ],
)
def test_counts_reach_up_to_a_round_number(largest: int, heights: list[str]) -> None:
    drawn = trend(["Jan", "Feb"], {"RZ1": [largest, None]}, counts=True)
    assert [words for _, words in drawn.heights] == heights


def test_what_is_left_out_moves_nothing() -> None:
    """The drawing of what is shown, whatever the others are: heights reach up to what is shown."""
    shown = trend(["Jan", "Feb", "Mar"], {"RZ1": [10, None, 15]}, counts=True)
    assert shown.heights[-1][1] == "20"
    assert [point is None for point in shown.lines[0].places] == [False, True, False]


def test_a_drawing_of_nothing_is_empty() -> None:
    assert trend(["Jan", "Feb"], {"RZ1": [None, None], "National": [None, None]}).is_empty
    assert not trend(["Jan", "Feb"], {"RZ1": [None, None], "National": [None, 0]}).is_empty


def test_months_that_are_not_final_are_hollow() -> None:
    (line,) = trend(["Jan", "Feb"], {"RZ1": [5, 10]}, hollow=[1], counts=True, frame=SMALL).lines
    assert line.hollow == line.points[1:]
    assert line.solid == line.points[:1]


def test_of_many_months_every_other_has_words() -> None:
    months = [f"M{place}" for place in range(13)]
    drawn = trend(months, {"RZ1": [None] * 13})
    assert [words for _, words in drawn.months] == months[::2]
    assert len(trend(months[:8], {"RZ1": [None] * 8}).months) == 8
