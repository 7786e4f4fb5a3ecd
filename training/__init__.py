"""The offline pipeline: corpora -> embeddings -> network -> TorchScript artifact."""
