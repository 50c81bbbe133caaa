"""The only code that knows both a Read and a criterion."""
