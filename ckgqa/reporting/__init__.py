"""Reports for people that need nothing else: an HTML page with its style and its pictures inline."""
