"""What counts as spinning, blocking and work: rules over the frames of one call chain."""
