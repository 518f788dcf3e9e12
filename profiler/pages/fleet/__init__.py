"""The page of a study over machine types."""
