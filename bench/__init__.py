"""Compares the running product with a stock Rasa project, in one run on one machine: `python -m bench`."""
