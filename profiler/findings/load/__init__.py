"""What there is to say of load: how it was served, what held it up, what it was made of."""
