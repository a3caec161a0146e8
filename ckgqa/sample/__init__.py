"""The bundled sample: labelled Chinese sentences about well-known public facts, all written by this project.

    python -m ckgqa.sample --output sample.zip

Tables of facts and templates in, an archive in the form of DuIE 2.0 out.
"""

from ckgqa.sample.archive import write_sample, write_texts

__all__ = ["write_sample", "write_texts"]
