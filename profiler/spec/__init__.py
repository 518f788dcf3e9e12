"""Session configurations, workload and limits as frozen values; TOML in and out."""
