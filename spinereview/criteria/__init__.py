"""Pure rules: an Input and Settings in, Assessments with reasons out."""
