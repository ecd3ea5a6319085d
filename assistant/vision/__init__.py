"""What can be measured about a picture without a model: geometry, colours, faults, names."""
