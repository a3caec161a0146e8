"""Loaded before every test.

The folder localaws/ has the name of the package below it, and pytest would otherwise take the folder for the package.
"""

import localaws  # noqa: F401
