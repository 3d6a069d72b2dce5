"""Tuning the sentence encoder on our own data: run by hand, rarely; what it makes is shipped in `data/encoder/`."""
