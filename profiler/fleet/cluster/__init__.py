"""Cells as tasks of a Dask cluster: what clients ask, what workers do, what travels between them."""
