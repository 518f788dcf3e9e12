"""`python -m profiler.cli`: the same as `ortprof`."""

from profiler.cli.main import main

if __name__ == "__main__":
    main()
