"""Local control of the treated sites, by every definition that a protocol can name, beside the category of RECIST."""
