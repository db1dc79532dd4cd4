"""Sentences and words: sentence rules, and word segmenters behind one protocol."""
