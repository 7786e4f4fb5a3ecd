# Serves the default model on port 8000:   docker build --tag undertone . && docker run --publish 8000:8000 undertone
# On a GPU:                                docker compose --profile gpu up --build undertone-gpu
#
# TORCH_INDEX_URL says where torch comes from: PyTorch's CPU wheels by default, its CUDA wheels for a GPU
# (https://download.pytorch.org/whl/cu130), empty for the default package index.
FROM python:3.11-slim-bookworm AS build

ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PIP_PYTHON=/opt/venv/bin/python PATH=/opt/venv/bin:$PATH
RUN python -m venv --without-pip /opt/venv
WORKDIR /app

# The same two steps as in the Makefile: torch alone from its own index, the rest from the default one.
COPY requirements.txt .
RUN torch=$(grep '^torch==' requirements.txt) \
 && { { test -n "$TORCH_INDEX_URL" && pip install --quiet --no-deps --retries 1 --timeout 15 --index-url "$TORCH_INDEX_URL" "$torch"; } \
   || { echo "installing $torch from the default package index"; pip install --quiet "$torch"; }; } \
 && pip install --quiet --requirement requirements.txt

# A third of everything, and nothing of it is loaded here: what compiling and symbolic shapes need of torch, downloads of
# tokenizers, remote files of pyarrow. torch looks for torch_shm_manager as soon as it is imported.
RUN pip uninstall --quiet --yes sympy mpmath networkx huggingface-hub hf-xet setuptools \
 && packages=$(python -c 'import sysconfig; print(sysconfig.get_path("purelib"))') \
 && rm -r "$packages"/torch/include "$packages"/torch/test "$packages"/pyarrow/include "$packages"/pyarrow/tests \
 && rm "$packages"/pyarrow/*flight* "$packages"/pyarrow/*s3* \
 && find "$packages"/torch/bin -type f ! -name torch_shm_manager -delete

COPY models models
COPY service service
COPY artifacts/default/sentiment.pt artifacts/default/sentiment.pt

# Nobody can write byte code later; that of the packages (75 MB) saves each worker 0.7 s of a processor at its start.
# Readable for the user below, however strict the umask under which this was cloned.
# Then what was left is proved to be enough: each way in runs once.
RUN python -m compileall -q models service \
 && chmod -R a+rX /app /opt/venv \
 && python -m gunicorn --check-config --config python:service.gunicorn_conf \
 && python -m service.explain "i do not think the flower is beautiful" \
 && printf 'text\ngood\n我不喜欢数学\n' > /tmp/reviews.csv \
 && python -m service.score /tmp/reviews.csv --output /tmp/scored.parquet \
 && python -m service.score /tmp/scored.parquet --output /tmp/again.jsonl --prefix again_


FROM python:3.11-slim-bookworm

ARG REVISION=unknown
LABEL org.opencontainers.image.title="Undertone" \
      org.opencontainers.image.description="What a review means in its context, and why" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="docker.io/library/python:3.11-slim-bookworm"

RUN pip uninstall --quiet --yes --root-user-action=ignore setuptools wheel pip \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin undertone

WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
USER 10001

ENV PATH=/opt/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 UNDERTONE_HOST=0.0.0.0 UNDERTONE_PORT=8000
EXPOSE 8000
STOPSIGNAL SIGTERM
# A check takes 0.3 s of a processor; while it starts, Docker asks every 5 seconds.
HEALTHCHECK --interval=30s --timeout=3s --start-period=30s CMD ["python", "-m", "service.health"]
CMD ["python", "-m", "service"]
