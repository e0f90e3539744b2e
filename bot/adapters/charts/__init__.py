"""Charts as pictures, drawn with Pillow: `MoodChart`, and the sheet and axes it is made of."""

from bot.adapters.charts.mood import MoodChart, draw_mood

__all__ = ["MoodChart", "draw_mood"]
