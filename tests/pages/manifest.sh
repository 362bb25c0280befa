world() { :; }
