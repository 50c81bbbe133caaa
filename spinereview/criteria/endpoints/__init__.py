"""Endpoints of one subject, and rates of many: dates, progression-free survival, durations, responses at landmarks."""
