"""The work of `csv`: triples become edges, vertices, names and texts, in DuckDB tables and then in files."""
