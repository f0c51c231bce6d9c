"""Where the lines of a trend are drawn."""

from decimal import Decimal

from extracts.trends import HEIGHT, LEFT, RIGHT, TOP, WIDTH, trend


def test_none_lies_at_the_bottom_and_all_at_the_top() -> None:
    (line,) = trend(["Jan", "Feb"], {"National": [Decimal(0), Decimal(100)]}).lines
    (first, bottom), (last, top) = line.points
    assert (first, last, top) == (LEFT, WIDTH - RIGHT, TOP)
    assert top < bottom < HEIGHT


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
