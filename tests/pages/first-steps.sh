# A folder with nothing in it.
world() { :; }
