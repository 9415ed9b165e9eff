"""Jobs of a server: uploads, a queue, worker processes, and results that outlive a restart."""
