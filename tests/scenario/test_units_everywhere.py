"""Units are read wherever a scenario holds a number: published figures and shares by date too."""

from __future__ import annotations

from conftest import scenario


def test_published_figures_and_the_adoption_take_units() -> None:
    found = scenario(
        "base", 'published.2017.sale_rate="37.44%"', 'published.2017.turnover="8.9亿"', 'published.2017.premium="１３．４４％"',
        'courts.adoption.2017-01-01="70%"', 'courts.adoption.2017-06-01="100 %"', 'liquidity.refund_hours="1 d"',
    )  # fmt: skip
    published = found.published["2017"]
    assert (published.sale_rate, published.turnover, published.premium) == (0.3744, 8.9e8, 0.1344)
    assert found.courts.adoption == {"2017-01-01": 0.7, "2017-06-01": 1.0}
    assert found.liquidity.refund_hours == 24.0
