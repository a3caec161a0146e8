"""JointBERT: what a Chinese question asks for, and the names that it gives."""
