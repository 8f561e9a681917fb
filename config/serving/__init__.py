"""How a server's process answers: bodies are read before a thread is taken, and threads are shared among callers."""
