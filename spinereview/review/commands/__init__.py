"""The acts of a reader."""
