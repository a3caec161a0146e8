"""What a run leaves behind: its record, its report, and the graph that it built."""
