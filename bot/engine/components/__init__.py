"""NLU components for Rasa's pipeline; config.yml names them by module path."""
