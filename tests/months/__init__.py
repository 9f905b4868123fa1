"""Three months of nights, for twenty tenants, with all that happens in an office; played by `make months`."""
