"""Audit sampling by itself: plan, select, evaluate, each exact against the profession's published tables. Floor 1.

    plan           one row of a request in, the size and every figure behind it out   plan
    attributes     sizes and limits of attribute samples
    monetary_plan  monetary-unit sampling: size, interval, factor, high-value stratum
    bayes          sizes from a posterior
    two_stage      accept at once, or draw once more
    variables      classical variables: mean per unit and difference; non-statistical size beside them
    tables         the published tables, computed again
    exact          the distributions, decided without floating-point doubt
    population     what is drawn from, sealed before the draw
    selection      which items are drawn
    evaluate       what the errors found mean for the whole

Rates, factors and intervals are exact (`Fraction`); money is integer minor units of one currency.
"""
