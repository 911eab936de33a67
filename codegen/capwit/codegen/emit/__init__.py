"""From the model to text: WIT, Python bindings, bridge files; and wit-parser's word on the WIT."""
