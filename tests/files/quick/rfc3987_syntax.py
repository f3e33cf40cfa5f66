"""In place of a module that jsonschema imports for a format that no notebook has: it takes a second of each command."""

raise ImportError
