"""The data of batch transform: records, mini-batches, filters and joins, and the output that is assembled from them."""
