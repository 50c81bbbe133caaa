"""The window: a skin of Qt over the rooms below. No rule, file or pixel format is decided here."""
