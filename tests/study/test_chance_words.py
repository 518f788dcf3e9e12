from __future__ import annotations

import numpy as np
import pytest

from profiler.study.advise import phrases
from profiler.study.cell_figures import study_figures
from profiler.study.chance_words import MOST_REPEATS, cannot_tell, repeats_needed
from profiler.study.interval_words import bounds, with_interval
from profiler.study.intervals import Basis, Interval, Ratio, compare
from profiler.study.sentences import tradeoff_sentences
from profiler.study.statistic import Statistic
from tests.study.made import Made, make_results

NOISE = (0.02, -0.03, 0.05, -0.04)


def ratio(estimate: float, low: float, high: float) -> Ratio:
    return Ratio(estimate, low, high, Basis.REPEATS, 0.3, 0.5)


def test_an_interval_wider_than_tenfold_is_unsure() -> None:
    assert bounds(1, 10) == "1.00 to 10.0"
    assert bounds(0.007, 938) == "unsure"
    assert with_interval(Interval(2.57, 0.007, 938)) == "2.57 ms (unsure)"
    assert phrases.ratio(ratio(22.1, 0.018, 27691)) == "more or less (unsure)"
    assert phrases.ratio(ratio(0.4, 0.05, 0.9)) == "60 % less (unsure)"
    assert phrases.ratio(ratio(0.4, 0.3, 0.5)) == "60 % less (50 % to 70 %)"


def test_as_many_repeats_as_are_said_show_the_difference() -> None:
    few = [np.array([10 * np.exp(noise)]) for noise in NOISE]
    others = [np.array([9.7])] * len(NOISE)
    unsure = compare(few, others, Statistic.MEAN)
    assert unsure is not None
    assert not unsure.significant
    wanted = repeats_needed(unsure, len(NOISE))
    assert wanted is not None
    assert len(NOISE) < wanted <= MOST_REPEATS
    enough = compare(few * (wanted // 4 + 1), others * (wanted // 4 + 1), Statistic.MEAN)
    assert enough is not None
    assert enough.significant


@pytest.mark.parametrize(
    ("unsure", "repeats", "said"),
    [
        (ratio(0.9, 0.7, 1.2), 1, "1 round can't tell that from chance; more can (--rounds)"),
        (ratio(0.99, 0.1, 9.8), 2, "2 rounds can't tell that from chance, nor would 30"),
        (ratio(0.7, 0.4, 1.2), 3, "3 rounds can't tell that from chance; about 4 can (--rounds 4)"),
    ],
)
def test_how_many_more_can_tell(unsure: Ratio, repeats: int, said: str) -> None:
    assert cannot_tell([unsure], repeats, "--rounds") == said


def test_a_study_says_of_what_stands_first_that_it_may_be_chance() -> None:
    rows = study_figures(
        make_results((Made("one", 5.0, 10, spread=0.5), Made("other", 5.1, 10.1, spread=0.5)))
    )
    said = " ".join(tradeoff_sentences(rows))
    assert " took the least CPU time" in said
    assert "3 rounds can't tell that from chance" in said
    sure = " ".join(tradeoff_sentences(study_figures(make_results((Made("a", 2, 5), Made("b", 8, 20))))))
    assert "a takes the least CPU time" in sure
    assert "chance" not in sure
