"""Vocabularies: character counts, sub-word pieces, the merged ``vocab.txt``, the report."""
