"""Statistics of many reads: agreement, rates, survival, blinding, power. Floats begin here and go into no read.

SciPy and statsmodels are imported where they are used, so that the program starts without them.
"""
