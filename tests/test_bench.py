"""`./portal bench` at a tiny size: each figure finds its rows and findings right. How fast it is
says nothing there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.command import chosen
from bench.measures import MEASURES, measure
from bench.preparing import PREPARED, prepared
from submissions.models import LocalKey, Submission
from tests.conftest import empty_records

SIZES = {"6k": 30, "60k": 60, "1M": 120}


@pytest.fixture
def own_tables(transactional_db: None) -> Iterator[None]:
    empty_records()
    yield
    empty_records()


def test_each_figure_can_be_measured() -> None:
    assert {what.figure for what in MEASURES} == set(PREPARED)


@pytest.mark.parametrize(
    "names", ["P1,P2,P3,P4,P5,P6,P8,P9,P13", "P7", "P10,P12"], ids=["files", "memory", "extracts"]
)
def test_rows_and_findings_are_right(own_tables: None, tmp_path: Path, names: str) -> None:
    for what in chosen(names):
        figure = measure(what, prepared(what.figure, what.size, tmp_path, SIZES), rounds=1)
        beside = ["prepared_s", "with_preparing"] if what.figure == "P10" else []
        assert list(figure) == ["ratio", "goal", "floor_s", "ours_s", *beside]
        assert (figure["goal"], len(figure["floor_s"]), len(figure["ours_s"])) == (what.goal, 1, 1)
        assert figure["ratio"] > 0


def test_loading_leaves_nothing(own_tables: None, tmp_path: Path) -> None:
    bench = prepared("P2", "6k", tmp_path, SIZES)
    bench.ours()
    bench.floor()
    assert not Submission.objects.exists()
    assert not LocalKey._base_manager.exists()


def test_a_figure_is_chosen_by_its_quick_size_or_its_whole_name() -> None:
    assert [what.name for what in chosen("P2,P2_1M,P6")] == ["P2_60k", "P2_1M", "P6_6k"]
    assert chosen(None) == MEASURES
    with pytest.raises(SystemExit, match="P99"):
        chosen("P99")
