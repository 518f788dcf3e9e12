"""One command under several session configurations: what each cost, and which to choose."""
