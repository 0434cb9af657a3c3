"""What keeps a guest in, and what makes sure that nothing outlives its run."""
