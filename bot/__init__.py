"""Handrail: a helpline triage assistant on Rasa Open Source."""
