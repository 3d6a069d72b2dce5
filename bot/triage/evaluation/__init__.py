"""Measures triage on labelled messages and conversations that it was not trained on; nothing else reads these."""

from bot.triage.evaluation.measurement import evaluate
from bot.triage.evaluation.progress import progress
from bot.triage.evaluation.rates import Figures, Rate
from bot.triage.evaluation.report import requirement_lines, write_report

__all__ = ["Figures", "Rate", "evaluate", "progress", "requirement_lines", "write_report"]
