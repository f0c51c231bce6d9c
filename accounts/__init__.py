"""Who may do what: users, organisations, permissions, audit, and the letters that go out."""
