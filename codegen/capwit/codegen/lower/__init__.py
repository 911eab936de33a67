"""From a schema to the model: which declarations are generated, and what they become and are called."""
