"""Files: the trail, protocols."""
