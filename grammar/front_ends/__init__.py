"""Read plans that are written in other forms."""
