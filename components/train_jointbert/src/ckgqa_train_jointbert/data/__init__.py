"""What the model learns from: labelled questions, their label sets, and the vocabulary of characters."""
