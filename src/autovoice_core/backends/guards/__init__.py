"""Guards of backends: one for each operation, which checks what goes in and comes out."""
