"""A model for embeddings on this machine: all-MiniLM-L6-v2, worked out with numpy alone."""
