"""The Flask service under gunicorn, and the batch scoring script.

    python -m service            serves POST /predict; --help lists every setting
    python -m service.settings   prints the settings table

Reading order: settings, app, api, schemas, problems, model_slot, batcher, loading, reload, worker,
gunicorn_conf. The service imports `models` and never `training`; tests/unit/test_imports.py holds this rule.
"""

__version__ = "0.1.0"
