"""Trains, evaluates and serves JointBERT, which predicts the intent and the slots of a Chinese question."""
