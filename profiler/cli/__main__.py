"""`python -m profiler.cli`: the same as `ortprof`."""

from profiler.cli.start import main

if __name__ == "__main__":
    main()
