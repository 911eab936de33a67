"""The command line: `capwit generate | build | inspect | run`."""
