"""HTML: each page is one file that needs nothing from outside."""
