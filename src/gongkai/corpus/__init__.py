"""Many reports: a folder of documents built into tidy tables, and what is made of them."""

from gongkai.corpus.dataset import Corpus, read_corpus

__all__ = ["Corpus", "read_corpus"]
