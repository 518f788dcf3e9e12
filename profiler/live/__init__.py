"""Light sampling that goes on: what `top` shows and `watch` serves."""
