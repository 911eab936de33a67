"""What all parts use, and which knows of none of them: names, doc comments, graphs."""
