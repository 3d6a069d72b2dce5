"""The figures are right."""

from __future__ import annotations

import pytest

from bot.triage.evaluation.comparison import sign_test
from bot.triage.evaluation.curves import MOST_POINTS, calibration, precision_recall
from bot.triage.evaluation.rates import Figures, Rate, at_least, at_most


def test_a_rate_has_its_wilson_interval() -> None:
    low, high = Rate(95, 100).interval or (0, 0)

    assert (round(low, 3), round(high, 3)) == (0.888, 0.978)  # scipy.stats.binomtest(95, 100).proportion_ci(method="wilson")
    assert Rate(0, 0).interval is None


def test_f1_lies_between_the_ends_of_its_interval() -> None:
    figures = Figures.count([(True, True)] * 8 + [(True, False)] * 2 + [(False, True)] * 4 + [(False, False)] * 9)

    assert (figures.recall, figures.precision) == (Rate(8, 10), Rate(8, 12))
    assert figures.f1 == pytest.approx(2 * 0.8 * (8 / 12) / (0.8 + 8 / 12))
    low, high = figures.f1_interval or (1, 0)
    assert low < (figures.f1 or 0) < high


def test_what_was_never_labelled_nor_told_has_no_f1() -> None:
    assert Figures.count([(False, False)]).to_dict()["f1"] == {"value": None, "interval": None}


def test_a_bound_is_judged_only_by_what_was_counted() -> None:
    assert at_least("heard", Rate(98, 100), 0.98).met is True
    assert at_most("alarms", Rate(2, 100), 0.01).met is False
    assert at_most("alarms", Rate(0, 0), 0.01).met is None


def test_precision_and_recall_are_those_at_every_threshold() -> None:
    points = precision_recall([(0.9, True), (0.8, False), (0.8, True), (0.3, True), (0.0, True)])

    assert [(point["recall"], point["precision"]) for point in points] == [(0.25, 1.0), (0.5, 2 / 3), (0.75, 0.75)]


def test_a_long_curve_keeps_its_ends() -> None:
    points = precision_recall([(score / 1000, score % 2 == 0) for score in range(1, 1001)])

    assert len(points) == MOST_POINTS
    assert (points[0]["threshold"], points[-1]["threshold"]) == (1.0, 0.001)


def test_a_bin_says_how_often_its_probability_was_right() -> None:
    bins = calibration([(0.05, False), (0.92, True), (0.98, True), (1.0, False)])

    assert [(round(each["score"], 2), each["rate"]["hits"], each["rate"]["of"]) for each in bins] == [(0.05, 0, 1), (0.97, 2, 3)]


def test_an_uneven_split_is_unlikely_to_be_chance() -> None:
    assert sign_test(0, 0) == 1.0
    assert sign_test(5, 5) == 1.0
    assert sign_test(0, 10) == pytest.approx(2 / 1024)
