"""Questionnaires of patients: BPI, EORTC QLQ-C30, EORTC QLQ-BM22, FACT-G; raw items in, scores with their reasons out."""
