"""Scores of triples, the errors behind them, and the report in its three forms."""
