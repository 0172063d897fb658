"""Mail to customers: how it is put into words, and how it leaves."""
