"""The files of a graph-csv folder: their format, their reader and their check before a load."""
