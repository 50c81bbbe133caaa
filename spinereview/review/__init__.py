"""Reading: the one door for every change, the commands that go through it, and what of a document may be seen."""
