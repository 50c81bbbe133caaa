"""Vertebral compression fracture: heights from six points, their reference, Genant's grade, and what is new."""
