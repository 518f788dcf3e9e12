"""Tests of profiler.symbols; a package, so that file names may repeat in other folders."""
