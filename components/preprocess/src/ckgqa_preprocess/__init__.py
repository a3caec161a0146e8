"""The stage `preprocess`: raw archives and graphs become validated sentences and labelled questions."""
