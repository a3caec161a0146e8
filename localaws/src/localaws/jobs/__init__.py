"""Jobs: the data that goes in and out, the containers, the logs, and the threads that watch them."""
