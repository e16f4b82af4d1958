"""A run over more than one machine, on Ray (extra `ray`); see `vocero.corpus.on_ray.engine`."""
