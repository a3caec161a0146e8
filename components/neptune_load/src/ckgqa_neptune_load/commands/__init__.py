"""The commands `csv`, `load` and `add`."""
