"""One study on several machine types: what is best on each, and for all."""
