"""Reading: which lines of the project read a factor, and how one of them is given another value than all others."""
