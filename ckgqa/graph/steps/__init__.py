"""The steps of the embedded engine, a module for each kind; `table.py` names them all."""
