"""The bundled trainer: torch and DeepSpeed live here only.

A recipe (``config``) becomes a model (``models``), an engine (``engine``), batches
(``data``) and a loop (``loop``) with callbacks (``callbacks``) around it.
"""
