"""Summary and attribution -> one self-contained HTML file.

`verdict` and `formats` are light (the terminal uses them too); `render`, `write` and `index` import jinja2.
"""
