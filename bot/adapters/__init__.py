"""Where libraries are met: each adapter translates one of them into ports and domain values."""
