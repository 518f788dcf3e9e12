"""Commands that watch processes until they are stopped."""
