"""Cash forecast: expected receipts by week from each customer's own payment behaviour. Floor 1.

forecast   the answer                       cash_forecast, Forecast
frames     declared tables                  FORECAST_WEEKS, FORECAST_PLACES, FORECAST_CUSTOMERS, FORECAST_ITEMS,
                                            FORECAST_BACKTEST
past       history as it was known          past_of, Past
habits     hazard of payment by customer    habits_of, paths
special    promises, plans, disputes        special_of
billing    what is not billed yet           expected_billing, new_receipts
rolling    forecast at any past origin      outlook, back_test_rows
interval   calibrated on past errors        with_intervals
scores     MAPE, pinball loss, coverage     scored
record     what the back-test says against  held, shortfalls, interval_limits
shares, items   whole minor units, by customer and by item
"""

from arlib.collect.forecast.forecast import Forecast, cash_forecast
from arlib.collect.forecast.frames import (
    FORECAST_BACKTEST,
    FORECAST_CUSTOMERS,
    FORECAST_ITEMS,
    FORECAST_PLACES,
    FORECAST_WEEKS,
)

__all__ = [
    "FORECAST_BACKTEST",
    "FORECAST_CUSTOMERS",
    "FORECAST_ITEMS",
    "FORECAST_PLACES",
    "FORECAST_WEEKS",
    "Forecast",
    "cash_forecast",
]
