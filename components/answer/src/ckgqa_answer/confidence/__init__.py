"""How likely an answer is right: features, calibration, and fitting."""
