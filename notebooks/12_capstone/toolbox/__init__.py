"""What you built in the notebooks before this one."""
