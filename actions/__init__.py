"""Custom Rasa actions, one file per subject."""
