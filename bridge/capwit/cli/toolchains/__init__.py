"""The compilers that make guests: what each needs, and what its failures mean."""
