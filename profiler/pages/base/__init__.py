"""What every page has: template environment, style, packed data, and the scripts' common parts."""
