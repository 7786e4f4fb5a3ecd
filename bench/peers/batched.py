"""LitServe with batching, in an environment of its own (requirements-bench.txt).

UNDERTONE_MODEL=artifacts/default/sentiment.pt python -m bench.peers.batched --port 8001 --batch-size 32
"""

import argparse
import os
from typing import Any

import litserve
import torch

from models.predictor import Prediction, Predictor


class Api(litserve.LitAPI):
    """The four verbs of a request."""

    def setup(self, device: str) -> None:
        torch.set_num_threads(1)
        self.predictor = Predictor.load(os.environ["UNDERTONE_MODEL"], "cpu")

    def decode_request(self, request: dict[str, Any]) -> str:
        return request["text"]

    def predict(self, texts: list[str]) -> list[Prediction]:
        return self.predictor.predict(texts)

    def encode_response(self, output: Prediction) -> dict[str, Any]:
        return output.to_dict()


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers.batched", description="Serves the model by LitServe.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--batch-size", type=int, required=True, help="texts, at least 2")
    parser.add_argument("--wait-ms", type=float, default=0.0, help="longest wait for a batch to fill")
    parser.add_argument("--workers", type=int, default=1, help="processes with a model")
    parser.add_argument("--api-servers", type=int, default=1, help="processes that speak HTTP")
    parser.add_argument("--fast-queue", action="store_true", help="ZeroMQ between the processes")
    options = parser.parse_args()
    api = Api(max_batch_size=options.batch_size, batch_timeout=options.wait_ms / 1000)
    server = litserve.LitServer(
        api, accelerator="cpu", workers_per_device=options.workers, timeout=60, fast_queue=options.fast_queue
    )
    server.run(
        host="127.0.0.1",
        port=options.port,
        num_api_servers=options.api_servers,
        log_level="warning",
        generate_client_file=False,
        access_log=False,
    )


if __name__ == "__main__":
    main()
