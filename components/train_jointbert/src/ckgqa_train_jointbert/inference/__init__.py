"""From texts to predictions: engines that run the network, the decoding of its logits, and the loading of a model."""
