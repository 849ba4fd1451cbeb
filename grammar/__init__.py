"""The language: text to IR and back. Grammars, scanner, parser, printers, IR, types, signatures, diagnostics."""
