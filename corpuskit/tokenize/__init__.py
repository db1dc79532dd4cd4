"""Text to token ids, with whole-word marks."""
