"""`duie`: a DuIE archive becomes validated sentences."""
