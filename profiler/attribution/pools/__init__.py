"""What a pool of worker threads does between requests."""
