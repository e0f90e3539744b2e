"""Turn engine results into cards."""
