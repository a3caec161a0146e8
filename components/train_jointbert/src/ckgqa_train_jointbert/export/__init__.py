"""From trained weights to model.onnx: the graph, the choice of precision, and the temperature."""
