"""Pages of webhooks: their list, setting one up, its deliveries, a test."""
