"""Many machines: a store that they share, its dataset and queries, studies over a cluster."""
