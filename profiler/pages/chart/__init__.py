"""Axes, scales and bars that charts of several pages share."""
