"""What comes out of a read: the report as HTML and PDF, tables, and the whole read as JSON."""
