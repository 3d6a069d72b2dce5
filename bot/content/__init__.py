"""Loads and validates what is in `data/`: texts, policy, directory, questions, options."""

from bot.content.directory import Contact, Directory, Service
from bot.content.library import Content, Rendered
from bot.content.policy import Policy
from bot.content.problem import Problem, Severity
from bot.content.questions import QuestionSpec
from bot.content.staffing import Staffing
from bot.content.texts import Form, Option, Text

__all__ = [
    "Contact", "Content", "Directory", "Form", "Option", "Policy", "Problem", "QuestionSpec", "Rendered", "Service", "Severity",
    "Staffing", "Text",
]  # fmt: skip
