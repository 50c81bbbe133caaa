"""RECIST 1.1 (Eisenhauer 2009; Schwartz 2016), one concept a module."""
