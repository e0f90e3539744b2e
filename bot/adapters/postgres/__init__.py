"""Where Mira keeps what she knows: Postgres, embedded or named by DATABASE_URL."""
