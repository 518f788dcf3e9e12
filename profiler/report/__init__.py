"""Summary and attribution -> one self-contained HTML file."""
