# Serves the default model on port 8000:   docker build --tag undertone . && docker run --publish 8000:8000 undertone
# On a GPU:                                docker compose --profile gpu up --build undertone-gpu
#
# TORCH_INDEX_URL says where torch comes from: PyTorch's CPU wheels by default, its CUDA wheels for a GPU
# (https://download.pytorch.org/whl/cu130), empty for the default package index.
FROM python:3.11-slim

ARG TORCH_INDEX_URL=https://download.pytorch.org/whl/cpu
LABEL org.opencontainers.image.title="Undertone" \
      org.opencontainers.image.description="What a review means in its context, and why" \
      org.opencontainers.image.licenses="Apache-2.0"

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app

# The same two steps as in the Makefile: torch alone from its own index, the rest from the default one.
COPY requirements.txt .
RUN torch=$(grep '^torch==' requirements.txt) \
 && { { test -n "$TORCH_INDEX_URL" && pip install --quiet --no-deps --retries 1 --timeout 15 --index-url "$TORCH_INDEX_URL" "$torch"; } \
   || { echo "installing $torch from the default package index"; pip install --quiet "$torch"; }; } \
 && pip install --quiet --requirement requirements.txt

COPY models models
COPY service service
COPY artifacts/default/sentiment.pt artifacts/default/sentiment.pt

# Readable for the user below, however strict the umask under which this was cloned.
RUN chmod -R a+rX /app \
 && useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin undertone
USER 10001

ENV UNDERTONE_HOST=0.0.0.0 UNDERTONE_PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["python", "-m", "service.health"]
CMD ["python", "-m", "service"]
