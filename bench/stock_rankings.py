"""Runs with stock Rasa's own Python, which knows nothing of this project: what a trained model makes of texts.

    python stock_rankings.py MODEL < texts.json > rankings.json
"""

from __future__ import annotations

import asyncio
import json
import sys

from rasa.core.agent import Agent


async def rankings(model: str, texts: list[str]) -> list[list[str]]:
    """For each text the intents that the model finds, likeliest first; its fallback comes first where that takes over."""
    agent = Agent.load(model)
    found = []
    for text in texts:
        parsed = await agent.parse_message(text)
        ranked = [parsed["intent"]["name"], *(entry["name"] for entry in parsed.get("intent_ranking") or ())]
        found.append(list(dict.fromkeys(str(name) for name in ranked)))
    return found


if __name__ == "__main__":
    json.dump(asyncio.run(rankings(sys.argv[1], json.load(sys.stdin))), sys.stdout)
